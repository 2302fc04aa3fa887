import { beforeEach, describe, expect, test } from "vitest";
import { stepGuard } from "../../../../hardware/radio/guard/guard.ts";
import {
  CONNECTIONS_MAX,
  FEEDS_MAX,
  type Guard,
  type GuardEffect,
  type GuardInput,
  MUTE_ANSWER_US_MAX,
  newGuard,
  OFF_RETRY_US,
  PENDING_MAX,
  wakeBootUs,
} from "../../../../hardware/radio/guard/guard-state.ts";
import type { GuardCommand } from "../../../../hardware/radio/guard/guard-wire.ts";
import type { Emission } from "../../../../src/ports/radio.ts";
import { LIMITS } from "./scene.ts";

const LEASE = "1".repeat(64);
const OTHER = "2".repeat(64);
const EMISSION = { lowerHz: 1000, upperHz: 1500, eirpCentiDbm: 0, dutyCycles: [] };

let guard: Guard;
let nowUs: number;
let nextId: number;

beforeEach(() => {
  nowUs = 1_000_000;
  nextId = 1;
  guard = newGuard({ ...LIMITS, heartbeatUs: 100_000_000, lookUs: null, feedPeriodUs: null }, nowUs);
  settle(take({ kind: "startup" }), null);
  for (const connection of [1, 2]) greet(connection);
});

function take(input: GuardInput): readonly GuardEffect[] {
  return stepGuard(guard, input, nowUs);
}

function say(connection: number, command: GuardCommand): readonly GuardEffect[] {
  return take({ kind: "command", connection, id: nextId++, command });
}

function greet(connection: number): void {
  take({ kind: "connected", connection });
  say(connection, { do: "hello", version: 1 });
}

/** Settles the last device call among `effects`, the device then emitting `emission`; null fails nothing, it is silent. */
function settle(effects: readonly GuardEffect[], emission: Emission | null): readonly GuardEffect[] {
  const call = effects.findLast((effect) => "token" in effect);
  if (call === undefined || !("token" in call))
    throw new Error(`no device call in ${JSON.stringify(effects)}`);
  return take({ kind: "device", token: call.token, outcome: { ok: true, state: { emission } } });
}

function fail(effects: readonly GuardEffect[]): readonly GuardEffect[] {
  const call = effects.findLast((effect) => "token" in effect);
  if (call === undefined || !("token" in call)) throw new Error("no device call");
  return take({ kind: "device", token: call.token, outcome: { ok: false, reason: "lost" } });
}

function armOf(connection: number, change: Partial<Extract<GuardCommand, { do: "arm" }>> = {}): GuardCommand {
  const cause = nextId.toString(16).padStart(64, "0");
  const stamp = { session: `7.${connection}`, epoch: guard.epoch };
  return {
    do: "arm",
    ...stamp,
    lease: LEASE,
    cause,
    deadlineBootUs: nowUs + 10_000_000,
    emission: EMISSION,
    ...change,
  };
}

function kinds(effects: readonly GuardEffect[]): readonly string[] {
  return effects.map((effect) => {
    if (effect.kind !== "send") return effect.kind;
    const { message } = effect;
    if ("event" in message) return `event ${message.event.kind}`;
    return "refused" in message ? message.refused.code : message.result.kind;
  });
}

function standing(): void {
  settle(say(1, armOf(1)), EMISSION);
  expect(guard.standing?.on).toBe(true);
}

describe("muting", () => {
  test("orders the device before it answers anybody", () => {
    say(1, armOf(1));
    expect(kinds(say(2, { do: "mute" }))[0]).toBe("device-off");
  });

  test("joins a mute under way: one off, each order answered", () => {
    standing();
    const off = say(1, { do: "mute" });
    expect(kinds(say(2, { do: "mute" }))).toEqual([]);
    expect(kinds(settle(off, null))).toEqual(["muted", "muted"]);
  });

  test("refuses an arm that comes while it is under way, of whichever epoch", () => {
    standing();
    const off = say(1, { do: "mute" });
    greet(3);
    expect(kinds(say(3, armOf(3)))).toEqual(["radio-superseded"]);
    expect(kinds(settle(off, null))).toEqual(["muted", "event muted", "event muted"]);
  });

  test("waits for an on that was under way, and orders once more", () => {
    const on = say(1, armOf(1));
    const off = say(1, { do: "mute" });
    expect(kinds(off)).toEqual(["device-off", "radio-superseded"]);
    expect(kinds(settle(off, null))).toEqual([]);
    const again = settle(on, EMISSION);
    expect(kinds(again)).toEqual(["device-off"]);
    expect(kinds(settle(again, null))).toEqual(["muted", "event muted"]);
  });

  test("tries on when the device does not obey, tells so once, and answers in bounded time that it is not silent", () => {
    standing();
    let off = say(1, { do: "mute" });
    expect(kinds(settle(off, EMISSION))).toEqual(["event lost", "event lost"]);
    const orderedUs = nowUs;
    let refused = false;
    for (let tries = 0; tries < 100 && !refused; tries++) {
      expect(wakeBootUs(guard)).toBeLessThanOrEqual(nowUs + OFF_RETRY_US);
      nowUs = wakeBootUs(guard) ?? 0;
      off = take({ kind: "tick" });
      refused = kinds(off).includes("radio-not-silent");
      if (kinds(off).includes("device-off")) expect(kinds(fail(off))).toEqual([]);
    }
    expect(refused).toBe(true);
    expect(nowUs).toBe(orderedUs + MUTE_ANSWER_US_MAX);
    expect(kinds(say(1, armOf(1)))).toEqual(["radio-superseded"]);
  });

  test("acts even when the queue is full; only its answer is refused", () => {
    say(1, armOf(1));
    for (let i = 1; i < PENDING_MAX; i++) expect(kinds(say(2, { do: "read-back" }))).toEqual([]);
    expect(kinds(say(2, { do: "read-back" }))).toEqual(["radio-queue-full"]);
    const orders = Array.from({ length: 3 }, () => kinds(say(2, { do: "mute" })));
    expect(orders[0]?.[0]).toBe("device-off");
    expect(orders[2]).toEqual(["radio-queue-full"]);
  });

  test.each([
    ["slept", "suspend"],
    ["shutdown", "shutdown"],
  ] as const)("%s mutes before anything else", (kind, reason) => {
    standing();
    const off = take({ kind });
    expect(off[0]).toMatchObject({ kind: "device-off", reason });
    if (kind === "shutdown") expect(kinds(settle(off, null))).toContain("stopped");
  });

  test("a gap between two looks counts as a suspend, and comes before the command that ended it", () => {
    guard = newGuard({ ...LIMITS, heartbeatUs: null, lookUs: 100, gapUs: 1000, feedPeriodUs: null }, nowUs);
    settle(take({ kind: "startup" }), null);
    greet(1);
    settle(say(1, armOf(1)), EMISSION);
    nowUs += 1000;
    const effects = say(1, {
      do: "extend",
      session: "7.1",
      epoch: guard.epoch,
      lease: LEASE,
      deadlineBootUs: 2 * nowUs,
    });
    expect(effects[0]).toMatchObject({ kind: "device-off", reason: "suspend" });
    expect(kinds(effects)[1]).toBe("radio-superseded");
  });
});

describe("arming", () => {
  test("another lease or session must mute first", () => {
    standing();
    expect(kinds(say(1, armOf(1, { lease: OTHER })))).toEqual(["radio-busy"]);
    expect(kinds(say(2, armOf(2)))).toEqual(["radio-busy"]);
  });

  test("an order of another session's name is refused", () => {
    expect(kinds(say(1, armOf(1, { session: "7.2" })))).toEqual(["radio-session"]);
    expect(kinds(say(1, armOf(1, { session: "6.1" })))).toEqual(["radio-session"]);
  });

  test("a device that comes on elsewhere than ordered is muted, and the order refused", () => {
    const effects = settle(say(1, armOf(1)), { ...EMISSION, upperHz: 1501 });
    expect(kinds(effects)).toEqual(["device-off", "radio-fault"]);
  });

  test("a device may come on further inside than ordered", () => {
    expect(kinds(settle(say(1, armOf(1)), { ...EMISSION, lowerHz: 1001 }))).toEqual(["read-back"]);
  });

  test("a duty cycle goes to a device that keeps it alone, and one that comes on without it is muted", () => {
    const dutyCycles = [{ lowerHz: 1000, upperHz: 2000, shareCentiPercent: 1_000, windowUs: 60_000_000 }];
    const emission = { ...EMISSION, dutyCycles };
    expect(kinds(say(1, armOf(1, { emission })))).toEqual(["radio-out-of-range"]);
    const capabilities = { ...LIMITS.capabilities, dutyCycles: "kept" as const };
    guard = newGuard({ ...LIMITS, capabilities }, nowUs);
    settle(take({ kind: "startup" }), null);
    greet(1);
    const on = say(1, armOf(1, { emission }));
    expect(on).toMatchObject([{ kind: "device-on", order: { emission } }]);
    expect(kinds(settle(on, EMISSION))).toEqual(["device-off", "radio-fault"]);
  });

  test("a duty cycle more is another emission, and touches the device", () => {
    const capabilities = { ...LIMITS.capabilities, dutyCycles: "kept" as const };
    guard = newGuard({ ...LIMITS, capabilities }, nowUs);
    settle(take({ kind: "startup" }), null);
    greet(1);
    standing();
    const dutyCycles = [{ lowerHz: 1000, upperHz: 2000, shareCentiPercent: 1_000, windowUs: 60_000_000 }];
    const emission = { ...EMISSION, dutyCycles };
    expect(kinds(say(1, armOf(1, { emission })))).toEqual(["device-on"]);
  });

  test("a second arm with another emission retunes under the standing deadline", () => {
    standing();
    const deadlineBootUs = guard.standing?.deadlineBootUs;
    const narrow = { ...EMISSION, upperHz: 1200 };
    const effects = say(1, armOf(1, { emission: narrow, deadlineBootUs: nowUs + 1 }));
    expect(kinds(effects)).toEqual(["device-on"]);
    expect(kinds(settle(effects, narrow))).toEqual(["read-back"]);
    expect(guard.standing?.deadlineBootUs).toBe(deadlineBootUs);
  });
});

describe("the device", () => {
  test("is fed while it is on; silence of its own is a fault, and so are feeds without an answer", () => {
    guard = newGuard({ ...LIMITS, heartbeatUs: null, lookUs: null, feedPeriodUs: 500 }, nowUs);
    settle(take({ kind: "startup" }), null);
    greet(1);
    settle(say(1, armOf(1)), EMISSION);
    nowUs += 100;
    const fed = take({ kind: "tick" });
    expect(kinds(fed)).toEqual(["device-feed"]);
    const muted = settle(fed, null);
    expect(muted[0]).toMatchObject({ kind: "device-off", reason: "fault" });
    settle(muted, null);
    settle(say(1, armOf(1)), EMISSION);
    for (let feeds = 0; feeds < FEEDS_MAX; feeds++) {
      nowUs += 100;
      expect(kinds(take({ kind: "tick" }))).toEqual(["device-feed"]);
    }
    nowUs += 100;
    expect(kinds(take({ kind: "tick" }))).toEqual(["device-off"]);
  });

  test("that is read back on without a lease is muted", () => {
    const effects = settle(say(1, { do: "read-back" }), EMISSION);
    expect(kinds(effects)).toEqual(["device-off", "read-back"]);
  });

  test("that is lost is muted as soon as it is found", () => {
    standing();
    const lost = take({ kind: "device-lost", reason: "unplugged" });
    expect(kinds(lost)[0]).toBe("device-off");
    fail(lost);
    expect(kinds(take({ kind: "device-found" }))).toContain("device-off");
  });
});

test("one connection more than there is room for is dropped", () => {
  for (let connection = 3; connection <= CONNECTIONS_MAX; connection++) {
    expect(take({ kind: "connected", connection })).toEqual([]);
  }
  expect(kinds(take({ kind: "connected", connection: 99 }))).toEqual(["drop"]);
  expect(kinds(say(99, armOf(99)))).toEqual([]);
});

test("greets only its own version", () => {
  take({ kind: "connected", connection: 3 });
  expect(kinds(say(3, { do: "hello", version: 2 }))).toEqual(["radio-session"]);
  expect(kinds(say(3, armOf(3)))).toEqual(["radio-session"]);
});
