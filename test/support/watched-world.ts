/** A watched world with nothing in it, for invariants that are asked one by one. */
import { newChronicle } from "../../src/sim/chronicle.ts";
import type { Watched } from "../../src/sim/invariants/invariant.ts";
import { newLedger } from "../../src/sim/ledger.ts";
import { newRegister } from "../../src/sim/register.ts";
import { scenePolicy } from "./scripted-authority.ts";
import { quickKeys } from "./scripted-keys.ts";

export function watchedWorld(parts: Partial<Watched> = {}): Watched {
  return {
    ledger: newLedger(0),
    chronicle: newChronicle(),
    register: newRegister(),
    policy: scenePolicy,
    sha256: quickKeys().primitives.sha256,
    guardBandHz: 0,
    sliceOf: () => [],
    utcUs: () => 0,
    running: () => new Map(),
    agentOf: () => null,
    lineageOf: () => new Uint8Array(32),
    isDishonest: () => false,
    mayForget: () => false,
    isExempt: () => false,
    ...parts,
  };
}
