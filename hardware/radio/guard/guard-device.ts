/** What the device said: whatever it does that no lease covers, or fails to do, ends in silence. */
import { assert } from "../../../src/core/base/assert.ts";
import { sameDutyCycles } from "../../../src/core/commodity/duty-cycle.ts";
import type { Emission } from "../../../src/ports/radio.ts";
import type { DeviceState } from "../device.ts";
import { beginMute, reorder } from "./guard-mute.ts";
import {
  type DeviceOutcome,
  FEEDS_MAX,
  feedEveryUs,
  type Guard,
  type Operation,
  type Pending,
} from "./guard-state.ts";
import { answer, nextToken, refuse, type Step } from "./guard-step.ts";
import type { GuardReadBack } from "./guard-wire.ts";

/** The `on` or read-back under way settled. */
export function operationSettled(step: Step, operation: Operation, outcome: DeviceOutcome): void {
  const { guard } = step;
  guard.operation = null;
  if (operation.kind === "read") readSettled(step, operation.pending, outcome);
  else if (guard.muting !== null) reorder(step, guard.muting);
  else onSettled(step, operation.pending, outcome);
}

/** A feed was answered: the guard learns here that the device fell silent by itself. */
export function feedSettled(step: Step, token: number, outcome: DeviceOutcome): void {
  const { guard } = step;
  if (!guard.feeds.delete(token) || guard.standing === null) return;
  if (!outcome.ok || !covered(outcome.state, guard)) beginMute(step, "fault");
}

/** Feeds the device while it is on; one that does not answer its feeds counts as failed. Part of every step. */
export function feedDevice(step: Step): void {
  const { guard, nowBootUs } = step;
  const { feedPeriodUs } = guard.limits;
  if (feedPeriodUs === null || !guard.standing?.on) return;
  if (nowBootUs < guard.fedBootUs + feedEveryUs(feedPeriodUs)) return;
  if (guard.feeds.size >= FEEDS_MAX) {
    beginMute(step, "fault");
    return;
  }
  const token = nextToken(guard);
  guard.feeds.add(token);
  guard.fedBootUs = nowBootUs;
  step.effects.push({ kind: "device-feed", token });
}

function onSettled(step: Step, pending: Pending | null, outcome: DeviceOutcome): void {
  const { guard, nowBootUs } = step;
  const { standing } = guard;
  assert(standing !== null, "a lease ends only by a mute, which this on did not meet");
  if (!outcome.ok || !covered(outcome.state, guard)) {
    const why = outcome.ok ? "the device was read back with another emission" : outcome.reason;
    beginMute(step, "fault");
    if (pending !== null) refuse(step, pending, "radio-fault", why);
    return;
  }
  standing.on = true;
  guard.fedBootUs = nowBootUs;
  if (pending !== null) answerRead(step, pending, outcome.state);
}

function readSettled(step: Step, pending: Pending | null, outcome: DeviceOutcome): void {
  const { guard } = step;
  if (guard.muting === null && (!outcome.ok || !covered(outcome.state, guard))) beginMute(step, "fault");
  if (pending === null) return;
  const { connection, id, command } = pending;
  if (!outcome.ok) refuse(step, { connection, id }, "radio-fault", outcome.reason);
  else if (command.do !== "read-back" && guard.standing === null) {
    refuse(step, { connection, id }, "radio-not-armed", "the device had fallen silent");
  } else answerRead(step, pending, outcome.state);
}

function answerRead(step: Step, pending: Pending, state: DeviceState): void {
  const { standing } = step.guard;
  const readBack: GuardReadBack = {
    emission: state.emission,
    lease: standing?.lease ?? null,
    deadlineBootUs: standing?.deadlineBootUs ?? null,
    readBootUs: step.nowBootUs,
  };
  answer(step, pending, { kind: "read-back", readBack });
}

/** Silent without a lease; with one, on and nowhere beyond what was ordered (a device may quantise inwards). */
function covered(state: DeviceState, guard: Guard): boolean {
  const ordered = guard.standing?.emission ?? null;
  if (state.emission === null || ordered === null) return state.emission === ordered;
  return within(state.emission, ordered);
}

function within(real: Emission, ordered: Emission): boolean {
  const inside = real.lowerHz >= ordered.lowerHz && real.upperHz <= ordered.upperHz;
  const paused = sameDutyCycles(real.dutyCycles, ordered.dutyCycles);
  return inside && paused && real.eirpCentiDbm <= ordered.eirpCentiDbm;
}
