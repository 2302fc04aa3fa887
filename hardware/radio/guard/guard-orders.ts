/** The orders of the queue, one at a time: arm, extend, read back. The deadline is set before the device is asked. */
import { dutyCyclesKept, sameDutyCycles } from "../../../src/core/commodity/duty-cycle.ts";
import type { Emission } from "../../../src/ports/radio.ts";
import { CAUSES_KEPT_MAX, type Guard, type Operation, type Pending, type Standing } from "./guard-state.ts";
import { nextToken, refuse, type Step } from "./guard-step.ts";
import type { GuardCommand, GuardRefusal } from "./guard-wire.ts";

type Arm = Extract<GuardCommand, { do: "arm" }>;
type Extend = Extract<GuardCommand, { do: "extend" }>;

/** Starts what may start: nothing while a mute or a call of the device is under way. At most the queue's length. */
export function performNext(step: Step): void {
  const { guard } = step;
  while (guard.muting === null && guard.operation === null) {
    const pending = guard.queue.shift();
    if (pending === undefined) return;
    const { command } = pending;
    if (command.do === "arm") arm(step, pending, command);
    else if (command.do === "extend") extend(step, pending, command);
    else read(step, pending);
  }
}

/** Forgets every command of a connection that is gone. */
export function discard(guard: Guard, connection: number): void {
  guard.queue = guard.queue.filter((pending) => pending.connection !== connection);
  if (guard.operation?.pending?.connection === connection) guard.operation.pending = null;
  if (guard.muting !== null) {
    guard.muting.waiters = guard.muting.waiters.filter((waiter) => waiter.connection !== connection);
  }
}

function arm(step: Step, pending: Pending, order: Arm): void {
  const { guard } = step;
  const { connection, id } = pending;
  const refusal = armRefusal(step, connection, order);
  if (refusal !== null) refuse(step, { connection, id }, refusal.code, refusal.message);
  else if (guard.standing !== null) rearm(step, pending, guard.standing, order);
  else {
    const { lease, cause, deadlineBootUs, emission } = order;
    guard.standing = { lease, owner: connection, cause, deadlineBootUs, emission, on: false };
    switchOn(step, pending, guard.standing);
  }
}

function armRefusal(step: Step, connection: number, order: Arm): Omit<GuardRefusal, "retryable"> | null {
  const { guard, nowBootUs } = step;
  const { standing } = guard;
  if (order.deadlineBootUs <= nowBootUs) {
    return { code: "radio-deadline-passed", message: `it is ${nowBootUs} already` };
  }
  if (!inRange(guard, order.emission)) {
    return { code: "radio-out-of-range", message: "the device cannot emit there" };
  }
  if (dutyCyclesKept(guard.limits.capabilities.dutyCycles ?? "none", order.emission.dutyCycles).length > 0) {
    return { code: "radio-out-of-range", message: "nothing keeps the device to a duty cycle" };
  }
  // A second arm that changes nothing on the air only moves the deadline, under whatever cause.
  const touches = standing === null || !sameEmission(standing.emission, order.emission);
  if (touches && guard.spentCauses.has(order.cause) && standing?.cause !== order.cause) {
    return { code: "radio-cause-spent", message: "on again after a mute needs a new cause" };
  }
  if (standing !== null && (standing.lease !== order.lease || standing.owner !== connection)) {
    return { code: "radio-busy", message: "another lease or session holds the radio: mute first" };
  }
  return null;
}

/** A second arm of one lease takes the later deadline; only another emission touches the device. */
function rearm(step: Step, pending: Pending, standing: Standing, order: Arm): void {
  standing.deadlineBootUs = Math.max(standing.deadlineBootUs, order.deadlineBootUs);
  if (sameEmission(standing.emission, order.emission)) {
    spend(step.guard, order.cause);
    read(step, pending);
    return;
  }
  standing.emission = order.emission;
  standing.cause = order.cause;
  switchOn(step, pending, standing);
}

function extend(step: Step, pending: Pending, order: Extend): void {
  const { standing } = step.guard;
  const { connection, id } = pending;
  if (standing === null || standing.lease !== order.lease || standing.owner !== connection) {
    refuse(step, { connection, id }, "radio-not-armed", "this session holds no such lease");
    return;
  }
  standing.deadlineBootUs = Math.max(standing.deadlineBootUs, order.deadlineBootUs);
  read(step, pending);
}

function switchOn(step: Step, pending: Pending, standing: Standing): void {
  const { guard, effects } = step;
  spend(guard, standing.cause);
  const operation: Operation = { token: nextToken(guard), kind: "on", pending };
  guard.operation = operation;
  const { emission, lease, cause } = standing;
  effects.push({ kind: "device-on", token: operation.token, order: { emission, lease, cause } });
}

function read(step: Step, pending: Pending): void {
  const token = nextToken(step.guard);
  step.guard.operation = { token, kind: "read", pending };
  step.effects.push({ kind: "device-read", token });
}

function spend(guard: Guard, cause: string): void {
  guard.spentCauses.add(cause);
  if (guard.spentCauses.size <= CAUSES_KEPT_MAX) return;
  for (const oldest of guard.spentCauses) {
    guard.spentCauses.delete(oldest);
    return;
  }
}

function inRange(guard: Guard, { lowerHz, upperHz }: Emission): boolean {
  const { lowestHz, highestHz } = guard.limits.capabilities;
  return lowerHz < upperHz && lowerHz >= lowestHz && upperHz <= highestHz;
}

function sameEmission(a: Emission, b: Emission): boolean {
  const sameBand = a.lowerHz === b.lowerHz && a.upperHz === b.upperHz;
  return sameBand && a.eirpCentiDbm === b.eirpCentiDbm && sameDutyCycles(a.dutyCycles, b.dutyCycles);
}
