/** A device's next key takes over its lineage: the committed one, of the same AK, and no other (PROTOCOL §2). */
import { describe, expect, test } from "vitest";
import { simulatedTpm } from "../../hardware/tpm/simulator/simulated-tpm.ts";
import { nodeSignatures } from "../../src/adapters/signatures/node-signatures.ts";
import { keyIdOf } from "../../src/agent/device-keys.ts";
import { fold } from "../../src/agent/fold.ts";
import { keyGeneration } from "../../src/agent/key-generation.ts";
import { ownKey } from "../../src/agent/open-agent.ts";
import { openLog } from "../../src/agent/open-log.ts";
import { QUARANTINE_MARK } from "../../src/agent/quarantine-mark.ts";
import { type RollParts, rollKey } from "../../src/agent/roll-key.ts";
import type { Frame, Tail } from "../../src/ports/store.ts";
import type { Tpm } from "../../src/ports/tpm.ts";
import { virtualClock } from "../hardware/world/virtual-clock.ts";
import { packEnvelope } from "../support/scripted-host.ts";
import { named } from "../support/scripted-keys.ts";
import { scriptedStore } from "../support/scripted-ports.ts";

const primitives = nodeSignatures();
const LATER_US = 1_900_000_000_000_000;

function device(seed: string) {
  const tpm = simulatedTpm();
  let drawn = 0;
  const entropy = {
    bytes(length: number): Uint8Array {
      const bytes = new Uint8Array(length);
      for (let i = 0; i < length; i += 32) {
        drawn += 1;
        bytes.set(named(`${seed} ${drawn}`).subarray(0, Math.min(32, length - i)), i);
      }
      return bytes;
    },
  };
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const context = { clock: virtualClock(), entropy, log: log as never };
  const open = (keyGeneration: number): Promise<Tpm> => tpm.open({ ...context, keyGeneration }, {});
  // One conversation with a TPM at a time: each is closed before the next.
  const idOf = async (nth: number): Promise<Uint8Array> => keyIdOf(await open(nth), primitives);
  return { open, idOf, entropy };
}

async function begun(on: ReturnType<typeof device>, committed: boolean = true) {
  const store = scriptedStore([]);
  const nextKeyHash = committed ? await on.idOf(1) : undefined;
  const tpm = await on.open(0);
  const { entropy } = on;
  const identity = { store, signer: tpm.signer, key: ownKey(tpm), owner: "host", primitives, entropy };
  await openLog({ ...identity, pack: packEnvelope, nextKeyHash });
  return { store, identity };
}

async function partsOf(
  on: ReturnType<typeof device>,
  store: RollParts["store"],
  nth: number,
): Promise<RollParts> {
  const nextKeyHash = await on.idOf(nth + 1);
  const { signer, ...tpm } = await on.open(nth);
  const key = ownKey({ signer, ...tpm });
  return { store, signer, key, nextKeyHash, acceptedUntilUs: LATER_US, primitives, pack: packEnvelope };
}

describe("rolling a device's key", () => {
  test("the lineage goes on with the next key, as often as it is rolled, and knows which one that is", async () => {
    const on = device("a host");
    const { store, identity } = await begun(on);
    const before = (await fold(store.frames(), primitives)).state;
    for (const nth of [1, 2, 3]) {
      expect(await keyGeneration(store)).toBe(nth - 1);
      const rolled = await rollKey(await partsOf(on, store, nth));
      expect(rolled.ok && rolled.value.body.acceptedUntilUs).toBe(LATER_US);
      const { state } = await fold(store.frames(), primitives);
      expect(state.key?.lineage).toEqual(before.key?.lineage);
      expect(state.key?.keyId).toEqual(await on.idOf(nth));
      expect(state.key?.nextKeyHash).toEqual(await on.idOf(nth + 1));
      expect(state.attestation).toBeNull();
    }
    // The agent's start takes the key that the log goes on with, and refuses the one before.
    const opened = await on.open(3);
    const again = { ...identity, pack: packEnvelope, signer: opened.signer, key: ownKey(opened) };
    expect((await openLog(again)).folded.state.nextSeq).toBe(4);
    await expect(openLog({ ...identity, pack: packEnvelope })).rejects.toMatchObject({
      code: "signer-not-of-log",
    });
  });

  async function refusedBy(
    change: (parts: RollParts, on: ReturnType<typeof device>) => Promise<RollParts> | RollParts,
    committed: boolean = true,
  ): Promise<readonly string[]> {
    const on = device("a host");
    const { store } = await begun(on, committed);
    const parts = await change(await partsOf(on, store, 1), on);
    const held = store.held.length;
    const rolled = await rollKey(parts);
    expect(store.held).toHaveLength(held);
    return rolled.ok ? ["rolled"] : rolled.rejections.map(({ code }) => code);
  }

  test("nobody rolls with the present key, which a thief may hold", async () => {
    const codes = await refusedBy((parts, on) => partsOf(on, parts.store, 0));
    expect(codes).toEqual(["rotation-not-committed"]);
  });

  test("nobody rolls to a key that was not committed to, be it of the same device", async () => {
    expect(await refusedBy((parts, on) => partsOf(on, parts.store, 2))).toEqual(["rotation-not-committed"]);
    expect(await refusedBy((parts) => parts, false)).toEqual(["rotation-not-committed"]);
  });

  test("another device's key takes nothing over", async () => {
    const codes = await refusedBy(async (parts) => partsOf(device("a clone"), parts.store, 1));
    expect(codes).toEqual(["rotation-other-device"]);
  });

  test("a log that has to be opened first is left alone: an unclean tail, a standing mark, no inception", async () => {
    const torn: Tail = { kind: "torn", lostBytes: 3 };
    const empty: readonly Frame[] = [];
    const unclean = (store: RollParts["store"]) => refusedBy((parts) => ({ ...parts, store }));
    expect(await unclean(scriptedStore(empty))).toEqual(["rotation-unclean"]);
    const on = device("a host");
    const { store } = await begun(on);
    expect(await unclean(scriptedStore([...store.held], torn))).toEqual(["rotation-unclean"]);
    const marked = scriptedStore([...store.held]);
    marked.marks.set(QUARANTINE_MARK, Uint8Array.of(1));
    expect(await unclean(marked)).toEqual(["rotation-unclean"]);
  });
});
