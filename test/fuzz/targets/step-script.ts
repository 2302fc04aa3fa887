/**
 * What happens to an agent, as MessagePack: [who, [action…]]. So the mutator for MessagePack changes the order, the
 * numbers, the messages, and the payloads within messages that a peer is then made to sign.
 */

import { decode } from "../../../src/core/wire/decode.ts";
import { encode } from "../../../src/core/wire/encode.ts";
import { limits } from "../../../src/core/wire/limits.ts";
import type { Value } from "../../../src/core/wire/value.ts";
import type { GnssFix } from "../../../src/ports/gnss.ts";
import { CENTRE } from "../../support/scripted-authority.ts";

export type StepAction =
  /** Bytes of anybody. */
  | { readonly kind: "message"; readonly bytes: Uint8Array }
  /** A peer that lies: whatever it likes, with its own key. */
  | {
      readonly kind: "signed";
      readonly signer: number;
      readonly recordKind: string;
      readonly payload: Uint8Array;
    }
  /** The holder answers the last request; how much it grants is its own affair. */
  | { readonly kind: "renewal"; readonly durationUs: number; readonly expiresInUs: number }
  | { readonly kind: "pass"; readonly us: number }
  | { readonly kind: "fix"; readonly change: Partial<GnssFix>; readonly timeOffUs: number }
  | { readonly kind: "gnss-lost" }
  /** Signer and store do not answer, or do again. */
  | { readonly kind: "store"; readonly stalled: boolean };

export type StepScript = { readonly who: number; readonly actions: readonly StepAction[] };

const ACTIONS_MAX = 24;
const PASS_US_MAX = 30_000_000;

/** Null where the bytes are no script. */
export function readScript(input: Uint8Array): StepScript | null {
  const read = decode(input, limits.ARTIFACT_BYTES_MAX);
  if (!read.ok || !Array.isArray(read.value)) return null;
  const [who, list] = read.value as readonly Value[];
  if (typeof who !== "number" || !Array.isArray(list)) return null;
  const actions = (list as readonly Value[]).slice(0, ACTIONS_MAX).map(actionOf);
  return { who, actions: actions.filter((each) => each !== null) };
}

const CODES = { message: 0, signed: 1, pass: 2, fix: 3, lost: 4, store: 5, renewal: 6 } as const;

function actionOf(value: Value): StepAction | null {
  if (!Array.isArray(value)) return null;
  const [code, first, second, third] = value as readonly Value[];
  switch (code) {
    case CODES.message:
      return first instanceof Uint8Array ? { kind: "message", bytes: first } : null;
    case CODES.signed:
      if (typeof second !== "string" || !(third instanceof Uint8Array)) return null;
      return { kind: "signed", signer: whole(first), recordKind: second, payload: third };
    case CODES.pass:
      return { kind: "pass", us: Math.min(PASS_US_MAX, Math.abs(whole(first))) };
    case CODES.fix:
      return { kind: "fix", change: fixChange(whole(first), whole(second)), timeOffUs: whole(third) };
    case CODES.lost:
      return { kind: "gnss-lost" };
    case CODES.store:
      return { kind: "store", stalled: first === 1 };
    case CODES.renewal:
      return { kind: "renewal", durationUs: Math.abs(whole(first)), expiresInUs: whole(second) };
    default:
      return null;
  }
}

function whole(value: Value | undefined): number {
  return typeof value === "number" ? value : 0;
}

const MODES: readonly GnssFix["mode"][] = [0, 1, 2, 3];
const SOURCES: readonly GnssFix["source"][] = ["gnss", "gnss-authenticated", "simulated", "replay"];

/** What a driver may say: its integers are in their ranges (targets/fix-shape), whatever else they are. */
function fixChange(bits: number, north: number): Partial<GnssFix> {
  const at = (shift: number, width: number): number => Math.floor(Math.abs(bits) / 2 ** shift) % width;
  const mode = MODES[3 - at(0, 4)] ?? 3;
  return {
    mode,
    source: SOURCES[(at(2, 4) + 2) % 4] ?? "simulated",
    ...(at(4, 4) === 1 || mode < 2 ? { latE7: null, lonE7: null } : { latE7: latitude(north) }),
    ...(at(6, 4) === 1 || mode < 3 ? { heightMm: null } : {}),
    ...(at(8, 4) === 1 ? { timeUs: null } : {}),
    ...(at(10, 4) === 1 ? { horizontalErrorMm: null } : {}),
    ...(at(12, 4) === 1 ? { interference: "spoofing" as const } : {}),
    ...(at(14, 4) === 1 ? { leapPending: true } : {}),
  };
}

function latitude(north: number): number {
  return Math.max(-900_000_000, Math.min(900_000_000, CENTRE.latE7 + north));
}

export const write = {
  script: (who: number, actions: readonly Value[]): Uint8Array => encode([who, actions]),
  message: (bytes: Uint8Array): Value => [CODES.message, bytes],
  signed: (signer: number, kind: string, payload: Uint8Array): Value => [CODES.signed, signer, kind, payload],
  renewal: (durationUs: number, expiresInUs: number): Value => [CODES.renewal, durationUs, expiresInUs],
  pass: (us: number): Value => [CODES.pass, us],
  fix: (bits: number, north: number, timeOffUs: number): Value => [CODES.fix, bits, north, timeOffUs],
  lost: [CODES.lost] as Value,
  store: (stalled: boolean): Value => [CODES.store, stalled ? 1 : 0],
};
