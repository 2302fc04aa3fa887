/**
 * A guard, three sessions and a device under one scheduler on virtual time. Commands wait unread, answers wait
 * undelivered, device calls settle in any order: whatever an operating system may do to them. The oracle knows
 * only what was sent, read and done.
 */

import { stepGuard } from "../../../../hardware/radio/guard/guard.ts";
import {
  type Guard,
  type GuardEffect,
  type GuardInput,
  type GuardLimits,
  newGuard,
  wakeBootUs,
} from "../../../../hardware/radio/guard/guard-state.ts";
import {
  GUARD_WIRE_VERSION,
  type GuardCommand,
  type GuardMessage,
} from "../../../../hardware/radio/guard/guard-wire.ts";
import type { Emission } from "../../../../src/ports/radio.ts";

export const LIMITS: GuardLimits = {
  capabilities: {
    model: "model",
    simulated: true,
    deadman: "guard",
    muteLatencyUs: 0,
    lowestHz: 1,
    highestHz: 1_000_000_000,
    powerMaxCentiDbm: 2000,
  },
  run: "7",
  heartbeatUs: 400,
  feedPeriodUs: 300,
  lookUs: 150,
  gapUs: 1000,
};

type Sent = { readonly id: number; readonly sentStep: number; readonly command: GuardCommand };
type Slot = {
  connection: number | null;
  session: string;
  epoch: number;
  outbox: Sent[];
  inbox: GuardMessage[];
};
type Call = Extract<GuardEffect, { token: number }>;

type SlotAction =
  | { readonly do: "mute"; readonly slot: number }
  | { readonly do: "heartbeat"; readonly slot: number }
  | { readonly do: "read-back"; readonly slot: number }
  | {
      readonly do: "arm";
      readonly slot: number;
      readonly lease: number;
      readonly cause: number;
      readonly aheadUs: number;
      readonly emission: number;
    }
  | { readonly do: "extend"; readonly slot: number; readonly lease: number; readonly aheadUs: number };

export type Action =
  | SlotAction
  | { readonly do: "connect"; readonly slot: number }
  | { readonly do: "close"; readonly slot: number }
  | { readonly do: "read"; readonly slot: number }
  | { readonly do: "deliver"; readonly slot: number }
  | { readonly do: "settle"; readonly which: number; readonly fails: boolean }
  | { readonly do: "wait"; readonly us: number }
  | { readonly do: "slept" };

export type Scene = {
  act(action: Action): void;
  /** Settles all device calls, reads and delivers everything; then checks that each mute was answered. */
  drain(): void;
  readonly counts: { on: number; muted: number; superseded: number };
};

export function scene(): Scene {
  let nowUs = 1_000_000;
  let step = 0;
  let nextConnection = 1;
  let nextId = 1;
  const guard: Guard = newGuard(LIMITS, nowUs);
  const slots: Slot[] = [0, 1, 2].map(() => ({
    connection: null,
    session: "",
    epoch: 0,
    outbox: [],
    inbox: [],
  }));
  const counts = { on: 0, muted: 0, superseded: 0 };
  // What the oracle knows.
  let calls: Call[] = [];
  let radiating: { readonly lease: string; readonly cause: string } | null = null;
  let lastMutedStep = -1;
  const arms = new Map<number, Sent>();
  const allowed = new Map<string, { connection: number; untilUs: number }>();
  const heardUs = new Map<number, number>();
  const unansweredMutes = new Map<number, number>();
  const emissions = new Map<string, Emission>();
  const endedCauses = new Set<string>();

  const feed = (input: GuardInput): void => {
    step++;
    for (const effect of stepGuard(guard, input, nowUs)) perform(effect);
    check();
  };
  const perform = (effect: GuardEffect): void => {
    if (effect.kind === "send") {
      sent(effect.connection, effect.message);
      return;
    }
    if (effect.kind === "drop" || effect.kind === "stopped") throw new Error(`unexpected ${effect.kind}`);
    calls.push(effect);
    if (effect.kind === "device-off") allowed.clear();
    if (effect.kind !== "device-on") return;
    const { lease, cause, emission } = effect.order;
    counts.on++;
    emissions.set(cause, emission);
    if (endedCauses.has(cause)) throw new Error("RF on again after a mute without a new cause");
    const arm = [...arms.values()].find(
      ({ command, sentStep }) => command.do === "arm" && command.cause === cause && sentStep > lastMutedStep,
    );
    if (arm === undefined)
      throw new Error("an order sent before a mute was reported switched RF on after it");
    if (!allowed.has(lease)) throw new Error("RF on without an arm that was read");
  };
  const sent = (connection: number, message: GuardMessage): void => {
    slots.find((slot) => slot.connection === connection)?.inbox.push(message);
    const muted =
      "event" in message
        ? message.event.kind === "muted"
        : "result" in message && message.result.kind === "muted";
    if ("id" in message) unansweredMutes.delete(message.id);
    if ("refused" in message && message.refused.code === "radio-superseded") counts.superseded++;
    if (!muted) return;
    counts.muted++;
    lastMutedStep = step;
    for (const { command } of arms.values()) {
      if (command.do === "arm" && emissions.has(command.cause)) endedCauses.add(command.cause);
    }
    if (radiating !== null) throw new Error("muted was reported while the device was on");
    if (calls.some((call) => call.kind === "device-on"))
      throw new Error("muted was reported before an earlier on was done");
  };
  const check = (): void => {
    if (radiating === null || calls.some((call) => call.kind === "device-off")) return;
    const allowance = allowed.get(radiating.lease);
    if (allowance === undefined) throw new Error("RF on, no lease stands and no off is under way");
    if (nowUs >= allowance.untilUs) throw new Error("RF on at its deadline and no off is under way");
    if (!slots.some((slot) => slot.connection === allowance.connection))
      throw new Error("RF on, its owner's pipe is closed");
    const silentUs = nowUs - (heardUs.get(allowance.connection) ?? 0);
    if (silentUs >= (LIMITS.heartbeatUs ?? 0)) throw new Error("RF on, its owner's heartbeat is stale");
  };
  const read = (slot: Slot): void => {
    const next = slot.outbox.shift();
    if (next === undefined || slot.connection === null) return;
    const { command, id } = next;
    const before = guard.standing;
    if (command.do === "mute") unansweredMutes.set(id, slot.connection);
    // The oracle's own account of what the order may allow, before the guard sees it.
    if (command.do === "arm" && command.epoch === guard.epoch && command.session === slot.session) {
      const held = allowed.get(command.lease);
      const free = before === null && guard.muting === null;
      if (free || held?.connection === slot.connection) {
        const untilUs = Math.max(held?.untilUs ?? 0, command.deadlineBootUs);
        allowed.set(command.lease, { connection: slot.connection, untilUs });
      }
    }
    if (command.do === "extend" && allowed.get(command.lease)?.connection === slot.connection) {
      const held = allowed.get(command.lease);
      if (held !== undefined) held.untilUs = Math.max(held.untilUs, command.deadlineBootUs);
    }
    heardUs.set(slot.connection, nowUs);
    feed({ kind: "command", connection: slot.connection, id, command });
  };
  const send = (slot: Slot, command: GuardCommand): void => {
    if (slot.connection === null) return;
    const one = { id: nextId++, sentStep: ++step, command };
    if (command.do === "arm") arms.set(one.id, one);
    slot.outbox.push(one);
  };
  const deliver = (slot: Slot): void => {
    const message = slot.inbox.shift();
    if (message === undefined) return;
    if ("event" in message && message.event.kind === "muted")
      slot.epoch = Math.max(slot.epoch, message.event.epoch);
    if (!("result" in message)) return;
    const { result } = message;
    if (result.kind === "hello") slot.session = result.session;
    if (result.kind === "hello" || result.kind === "muted") slot.epoch = Math.max(slot.epoch, result.epoch);
  };
  const settle = (which: number, fails: boolean): void => {
    const call = calls[which % Math.max(1, calls.length)];
    if (call === undefined) return;
    calls = calls.filter((other) => other !== call);
    const failed = fails && call.kind !== "device-off";
    if (call.kind === "device-off") radiating = null;
    if (call.kind === "device-on" && !failed)
      radiating = { lease: call.order.lease, cause: call.order.cause };
    const emission = radiating === null ? null : (emissions.get(radiating.cause) ?? null);
    feed({
      kind: "device",
      token: call.token,
      outcome: failed ? { ok: false, reason: "failed" } : { ok: true, state: { emission } },
    });
  };
  const wait = (us: number): void => {
    const endUs = nowUs + us;
    for (let wake = wakeBootUs(guard); wake !== null && wake <= endUs; wake = wakeBootUs(guard)) {
      if (wake <= nowUs) {
        feed({ kind: "tick" });
        if ((wakeBootUs(guard) ?? Infinity) <= nowUs)
          throw new Error("the guard asks to be woken without end");
        continue;
      }
      nowUs = wake;
      feed({ kind: "tick" });
    }
    nowUs = endUs;
    check();
  };
  const connect = (slot: Slot): void => {
    if (slot.connection !== null) return;
    slot.connection = nextConnection++;
    slot.outbox = [];
    slot.inbox = [];
    heardUs.set(slot.connection, nowUs);
    feed({ kind: "connected", connection: slot.connection });
    send(slot, { do: "hello", version: GUARD_WIRE_VERSION });
  };
  const close = (slot: Slot): void => {
    const { connection } = slot;
    if (connection === null) return;
    slot.connection = null;
    for (const [id, from] of unansweredMutes) if (from === connection) unansweredMutes.delete(id);
    feed({ kind: "closed", connection });
  };
  const order = (slot: Slot, action: SlotAction): GuardCommand => {
    const stamp = { session: slot.session, epoch: slot.epoch };
    if (action.do === "mute" || action.do === "heartbeat" || action.do === "read-back")
      return { do: action.do };
    const deadlineBootUs = nowUs + action.aheadUs;
    const lease = id32(action.lease);
    if (action.do === "extend") return { do: "extend", ...stamp, lease, deadlineBootUs };
    const lowerHz = 1000 * action.emission;
    const emission = { lowerHz, upperHz: lowerHz + 500, eirpCentiDbm: 0, dutyCycles: [] };
    // One cause names one emission of one lease, as actuation records do.
    const cause = id32(1000 * action.lease + 100 * action.emission + action.cause);
    return { do: "arm", ...stamp, lease, cause, deadlineBootUs, emission };
  };
  const act = (action: Action): void => {
    if (action.do === "wait") wait(action.us);
    else if (action.do === "slept") feed({ kind: "slept" });
    else if (action.do === "settle") settle(action.which, action.fails);
    else {
      const slot = slots[action.slot] as Slot;
      if (action.do === "connect") connect(slot);
      else if (action.do === "close") close(slot);
      else if (action.do === "read") read(slot);
      else if (action.do === "deliver") deliver(slot);
      else send(slot, order(slot, action));
    }
  };
  feed({ kind: "startup" });
  return {
    act,
    counts,
    drain() {
      for (const slot of slots) while (slot.connection !== null && slot.outbox.length > 0) read(slot);
      for (let left = 1000; calls.length > 0; left--) {
        if (left === 0) throw new Error("the guard calls its device without end");
        settle(0, false);
      }
      if (unansweredMutes.size > 0) throw new Error("an order to mute was never answered");
    },
  };
}

function id32(number: number): string {
  return number.toString(16).padStart(64, "0");
}
