/** What the guard knows: one standing lease at most, one queue of commands, one device. All of it is volatile. */
import type { Emission } from "../../../src/ports/radio.ts";
import type { DeviceOn, DeviceState } from "../device.ts";
import type { GuardCapabilities, GuardCommand, GuardMessage, MuteReason } from "./guard-wire.ts";

/** Connections at one time; a further one is closed at once. */
export const CONNECTIONS_MAX = 4;
/** Commands without an answer, of all connections together. A mute acts in any case. */
export const PENDING_MAX = 16;
/** Causes that are remembered as spent; the deadline in an older arm has long refused it. */
export const CAUSES_KEPT_MAX = 1024;
/** Pause before a mute that the device did not obey is ordered again, µs. */
export const OFF_RETRY_US = 100_000;
/** How long an order to mute waits for silence before it is answered with `radio-not-silent`, µs. */
export const MUTE_ANSWER_US_MAX = 5_000_000;
/** Feeds without an answer after which the device counts as failed. */
export const FEEDS_MAX = 8;
/** The guard feeds this many times in each feed period of the device. */
const FEEDS_A_PERIOD = 5;

export type GuardLimits = {
  readonly capabilities: GuardCapabilities;
  /** Names this run of the guard; the session names begin with it. Digits and dots. */
  readonly run: string;
  /** Silence of the owner that mutes, µs; null: the guard lives in its owner's process. */
  readonly heartbeatUs: number | null;
  /** The device's, µs; null: it needs no feeding. */
  readonly feedPeriodUs: number | null;
  /** While a lease stands the guard looks at the clock this often; a gap of `gapUs` counts as a suspend. null: not. */
  readonly lookUs: number | null;
  readonly gapUs: number;
};

export type Connection = { readonly session: string; greeted: boolean; heardBootUs: number };

export type Standing = {
  readonly lease: string;
  readonly owner: number;
  /** Of the arm that switched RF on. */
  cause: string;
  deadlineBootUs: number;
  emission: Emission;
  /** The device was read back on. */
  on: boolean;
};

export type Pending = { readonly connection: number; readonly id: number; readonly command: GuardCommand };

/** One call that a command has under way at the device. `pending` is null once a mute answered it. */
export type Operation = { readonly token: number; readonly kind: "on" | "read"; pending: Pending | null };

export type Muting = {
  readonly reason: MuteReason;
  /** The `off` under way, or null between tries. */
  off: { readonly token: number; readonly conclusive: boolean } | null;
  retryBootUs: number | null;
  waiters: { readonly connection: number; readonly id: number; readonly orderedBootUs: number }[];
  /** The sessions were told that the device does not obey. */
  told: boolean;
};

export type Guard = {
  readonly limits: GuardLimits;
  readonly connections: Map<number, Connection>;
  epoch: number;
  standing: Standing | null;
  queue: Pending[];
  operation: Operation | null;
  muting: Muting | null;
  stopping: boolean;
  readonly spentCauses: Set<string>;
  readonly feeds: Set<number>;
  fedBootUs: number;
  steppedBootUs: number;
  nextToken: number;
};

export type DeviceOutcome =
  | { readonly ok: true; readonly state: DeviceState }
  | { readonly ok: false; readonly reason: string };

export type GuardInput =
  | { readonly kind: "connected"; readonly connection: number }
  | { readonly kind: "closed"; readonly connection: number }
  | {
      readonly kind: "command";
      readonly connection: number;
      readonly id: number;
      readonly command: GuardCommand;
    }
  /** The device call with this token settled. */
  | { readonly kind: "device"; readonly token: number; readonly outcome: DeviceOutcome }
  | { readonly kind: "device-lost"; readonly reason: string }
  | { readonly kind: "device-found" }
  /** Comes first: whatever the device was doing, it is silenced. */
  | { readonly kind: "startup" }
  | { readonly kind: "tick" }
  /** The host slept. */
  | { readonly kind: "slept" }
  /** Mute, then `stopped`. */
  | { readonly kind: "shutdown" };

export type GuardEffect =
  | { readonly kind: "device-on"; readonly token: number; readonly order: DeviceOn }
  | { readonly kind: "device-off"; readonly token: number; readonly reason: MuteReason }
  | { readonly kind: "device-feed"; readonly token: number }
  | { readonly kind: "device-read"; readonly token: number }
  | { readonly kind: "send"; readonly connection: number; readonly message: GuardMessage }
  | { readonly kind: "drop"; readonly connection: number }
  | { readonly kind: "stopped" };

/** A guard that knows nothing of its device yet; its first input is `startup`. */
export function newGuard(limits: GuardLimits, nowBootUs: number): Guard {
  return {
    limits,
    connections: new Map(),
    epoch: 0,
    standing: null,
    queue: [],
    operation: null,
    muting: null,
    stopping: false,
    spentCauses: new Set(),
    feeds: new Set(),
    fedBootUs: nowBootUs,
    steppedBootUs: nowBootUs,
    nextToken: 1,
  };
}

/** The instant at which the guard must be stepped though nothing came in, boot clock µs; null: nothing stands. */
export function wakeBootUs(guard: Guard): number | null {
  const { limits, standing, muting } = guard;
  const wakes: number[] = [];
  if (standing !== null) {
    wakes.push(standing.deadlineBootUs);
    const heard = guard.connections.get(standing.owner)?.heardBootUs ?? 0;
    if (limits.heartbeatUs !== null) wakes.push(heard + limits.heartbeatUs);
    if (limits.lookUs !== null) wakes.push(guard.steppedBootUs + limits.lookUs);
    if (standing.on && limits.feedPeriodUs !== null)
      wakes.push(guard.fedBootUs + feedEveryUs(limits.feedPeriodUs));
  }
  if (muting !== null) {
    if (muting.retryBootUs !== null) wakes.push(muting.retryBootUs);
    for (const waiter of muting.waiters) wakes.push(waiter.orderedBootUs + MUTE_ANSWER_US_MAX);
  }
  return wakes.length === 0 ? null : Math.min(...wakes);
}

export function feedEveryUs(feedPeriodUs: number): number {
  return Math.max(1, Math.floor(feedPeriodUs / FEEDS_A_PERIOD));
}
