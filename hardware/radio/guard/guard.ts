/**
 * The guard (PROTOCOL §6): takes an absolute boot-clock deadline with each arm and mutes on deadline, closed
 * pipe of the owner, stale heartbeat and suspend. No I/O and no clock: inputs in, effects out, one at a time,
 * so the order of this function's calls is the order of everything that the guard does.
 */
import { assert, unreachable } from "../../../src/core/base/assert.ts";
import { feedDevice, feedSettled, operationSettled } from "./guard-device.ts";
import { beginMute, offSettled, orderMute, pursueMute, retryNow } from "./guard-mute.ts";
import { discard, performNext } from "./guard-orders.ts";
import {
  CONNECTIONS_MAX,
  type Connection,
  type DeviceOutcome,
  type Guard,
  type GuardEffect,
  type GuardInput,
  PENDING_MAX,
} from "./guard-state.ts";
import { answer, pendingCount, refuse, type Step, tellAll } from "./guard-step.ts";
import { GUARD_WIRE_VERSION, type GuardCommand, type GuardRefusal } from "./guard-wire.ts";

/** Changes `guard` by one input at `nowBootUs` and returns what is to be done, in this order. */
export function stepGuard(guard: Guard, input: GuardInput, nowBootUs: number): readonly GuardEffect[] {
  const step: Step = { guard, nowBootUs, effects: [] };
  if (input.kind === "slept") beginMute(step, "suspend");
  watchTime(step);
  guard.steppedBootUs = nowBootUs;
  take(step, input);
  pursueMute(step);
  performNext(step);
  feedDevice(step);
  return step.effects;
}

/** Whatever came in, time is looked at first: a late wake must not serve a command before it mutes. */
function watchTime(step: Step): void {
  const { guard, nowBootUs } = step;
  const { standing, limits } = guard;
  if (standing === null) return;
  const heardBootUs = guard.connections.get(standing.owner)?.heardBootUs ?? 0;
  if (nowBootUs >= standing.deadlineBootUs) beginMute(step, "deadline");
  else if (limits.lookUs !== null && nowBootUs - guard.steppedBootUs >= limits.gapUs)
    beginMute(step, "suspend");
  else if (limits.heartbeatUs !== null && nowBootUs >= heardBootUs + limits.heartbeatUs)
    beginMute(step, "heartbeat");
}

function take(step: Step, input: GuardInput): void {
  switch (input.kind) {
    case "connected":
      connect(step, input.connection);
      break;
    case "closed":
      disconnect(step, input.connection);
      break;
    case "command":
      command(step, input.connection, input.id, input.command);
      break;
    case "device":
      deviceSettled(step, input.token, input.outcome);
      break;
    case "device-lost":
      beginMute(step, "fault");
      tellAll(step, { kind: "lost", reason: input.reason });
      break;
    case "device-found":
      retryNow(step);
      tellAll(step, { kind: "found" });
      break;
    case "startup":
      beginMute(step, "startup");
      break;
    case "shutdown":
      step.guard.stopping = true;
      beginMute(step, "shutdown");
      break;
    case "tick":
    case "slept":
      break;
    default:
      unreachable(input);
  }
}

function connect(step: Step, connection: number): void {
  const { guard, nowBootUs } = step;
  assert(!guard.connections.has(connection), "a connection's number is used once");
  if (guard.connections.size >= CONNECTIONS_MAX || guard.stopping) {
    step.effects.push({ kind: "drop", connection });
    return;
  }
  const session = `${guard.limits.run}.${connection}`;
  guard.connections.set(connection, { session, greeted: false, heardBootUs: nowBootUs });
}

function disconnect(step: Step, connection: number): void {
  const { guard } = step;
  if (!guard.connections.delete(connection)) return;
  if (guard.standing?.owner === connection) beginMute(step, "pipe-closed");
  discard(guard, connection);
}

function command(step: Step, connection: number, id: number, order: GuardCommand): void {
  const { guard, nowBootUs } = step;
  const from = guard.connections.get(connection);
  if (from === undefined) return;
  from.heardBootUs = nowBootUs;
  if (order.do === "mute") orderMute(step, connection, id);
  else if (order.do === "heartbeat") answer(step, { connection, id }, { kind: "alive", bootUs: nowBootUs });
  else if (order.do === "hello") greet(step, connection, id, order.version);
  else {
    const refusal = orderRefusal(guard, from, order);
    if (refusal === null) guard.queue.push({ connection, id, command: order });
    else refuse(step, { connection, id }, refusal.code, refusal.message);
  }
}

function greet(step: Step, connection: number, id: number, version: number): void {
  const { guard, nowBootUs: bootUs } = step;
  const from = guard.connections.get(connection);
  if (from === undefined || version !== GUARD_WIRE_VERSION) {
    refuse(step, { connection, id }, "radio-session", `this guard speaks version ${GUARD_WIRE_VERSION}`);
    return;
  }
  from.greeted = true;
  const { heartbeatUs, capabilities } = guard.limits;
  const { session } = from;
  answer(
    step,
    { connection, id },
    {
      kind: "hello",
      session,
      epoch: guard.epoch,
      bootUs,
      heartbeatUs,
      capabilities,
    },
  );
}

type QueuedCommand = Extract<GuardCommand, { do: "arm" | "extend" | "read-back" }>;

function orderRefusal(
  guard: Guard,
  from: Connection,
  order: QueuedCommand,
): Omit<GuardRefusal, "retryable"> | null {
  if (order.do !== "read-back") {
    if (!from.greeted || order.session !== from.session) {
      return { code: "radio-session", message: "the order names another session" };
    }
    if (order.epoch !== guard.epoch || guard.muting !== null || guard.stopping) {
      return { code: "radio-superseded", message: "a mute came after this order was decided" };
    }
  }
  if (pendingCount(guard) < PENDING_MAX) return null;
  return { code: "radio-queue-full", message: `${PENDING_MAX} commands wait already` };
}

function deviceSettled(step: Step, token: number, outcome: DeviceOutcome): void {
  const { guard } = step;
  if (guard.muting?.off?.token === token) offSettled(step, outcome);
  else if (guard.operation?.token === token) operationSettled(step, guard.operation, outcome);
  else feedSettled(step, token, outcome);
}
