/** Muting: the device first, everything else after it, and `muted` only when nothing earlier can act any more. */
import { assert } from "../../../src/core/base/assert.ts";
import { type DeviceOutcome, MUTE_ANSWER_US_MAX, type Muting, OFF_RETRY_US } from "./guard-state.ts";
import { answer, mayWait, nextToken, refuse, type Step, tellAll } from "./guard-step.ts";
import type { MuteReason } from "./guard-wire.ts";

/** A session orders silence. It acts whatever the queue holds; only its answer needs a place. */
export function orderMute(step: Step, connection: number, id: number): void {
  beginMute(step, "commanded");
  const { guard, nowBootUs } = step;
  assert(guard.muting !== null, "beginMute leaves a mute under way");
  if (mayWait(guard)) guard.muting.waiters.push({ connection, id, orderedBootUs: nowBootUs });
  else refuse(step, { connection, id }, "radio-queue-full", "muting is under way, its answer cannot be kept");
}

/** Ends the standing lease and every order given so far; a mute under way is joined. */
export function beginMute(step: Step, reason: MuteReason): void {
  const { guard } = step;
  guard.epoch++;
  guard.standing = null;
  guard.feeds.clear();
  guard.muting ??= { reason, off: null, retryBootUs: null, waiters: [], told: false };
  // No arm runs while a mute is under way, so an `off` that is out already covers this order too.
  if (guard.muting.off === null) orderOff(step, guard.muting);
  supersede(step);
}

/** The `off` that was ordered last settled. */
export function offSettled(step: Step, outcome: DeviceOutcome): void {
  const { guard, nowBootUs } = step;
  const muting = guard.muting;
  assert(muting !== null && muting.off !== null, "only an off that is awaited settles here");
  const { conclusive } = muting.off;
  muting.off = null;
  if (!outcome.ok || outcome.state.emission !== null) {
    muting.retryBootUs = nowBootUs + OFF_RETRY_US;
    if (!muting.told) tellAll(step, { kind: "lost", reason: "the device does not fall silent" });
    muting.told = true;
    return;
  }
  // An `on` was under way when this `off` was ordered. The device promises that the later call wins; the guard
  // does not rest on it: it waits for that `on` and orders once more.
  if (conclusive) complete(step, muting);
  else reorder(step, muting);
}

/** Orders again what is due again, and answers those who waited too long. Part of every step. */
export function pursueMute(step: Step): void {
  const { guard, nowBootUs } = step;
  const muting = guard.muting;
  if (muting === null) return;
  if (muting.off === null && muting.retryBootUs !== null && nowBootUs >= muting.retryBootUs) {
    orderOff(step, muting);
  }
  const late = muting.waiters.filter((waiter) => nowBootUs >= waiter.orderedBootUs + MUTE_ANSWER_US_MAX);
  if (late.length === 0) return;
  muting.waiters = muting.waiters.filter((waiter) => !late.includes(waiter));
  for (const { connection, id } of late) {
    refuse(step, { connection, id }, "radio-not-silent", "the device could not be read back silent");
  }
}

/** The device is there again: a mute that it did not obey is ordered at once. */
export function retryNow(step: Step): void {
  const { muting } = step.guard;
  if (muting !== null && muting.retryBootUs !== null) muting.retryBootUs = step.nowBootUs;
}

/** After an inconclusive `off`, once no `on` is under way. */
export function reorder(step: Step, muting: Muting): void {
  const underWay = step.guard.operation?.kind === "on";
  if (!underWay && muting.off === null && muting.retryBootUs === null) orderOff(step, muting);
}

function orderOff(step: Step, muting: Muting): void {
  const { guard, effects } = step;
  const token = nextToken(guard);
  muting.off = { token, conclusive: guard.operation?.kind !== "on" };
  muting.retryBootUs = null;
  effects.push({ kind: "device-off", token, reason: muting.reason });
}

function complete(step: Step, muting: Muting): void {
  const { guard, nowBootUs, effects } = step;
  guard.muting = null;
  guard.epoch++;
  const { epoch } = guard;
  for (const { connection, id, orderedBootUs } of muting.waiters) {
    const latencyUs = nowBootUs - orderedBootUs;
    answer(step, { connection, id }, { kind: "muted", epoch, mutedBootUs: nowBootUs, latencyUs });
  }
  const answered = new Set(muting.waiters.map((waiter) => waiter.connection));
  // Those who ordered it themselves know; but of a mute that the guard began, all are told why.
  const except = muting.reason === "commanded" ? answered : new Set<number>();
  tellAll(step, { kind: "muted", reason: muting.reason, epoch, mutedBootUs: nowBootUs }, except);
  if (guard.stopping) effects.push({ kind: "stopped" });
}

function supersede(step: Step): void {
  const { guard } = step;
  const orders = guard.queue.filter(({ command }) => command.do !== "read-back");
  guard.queue = guard.queue.filter(({ command }) => command.do === "read-back");
  const underWay = guard.operation?.pending ?? null;
  if (guard.operation !== null && underWay !== null && underWay.command.do !== "read-back") {
    guard.operation.pending = null;
    orders.unshift(underWay);
  }
  for (const { connection, id } of orders) {
    refuse(step, { connection, id }, "radio-superseded", "a mute came before this order was done");
  }
}
