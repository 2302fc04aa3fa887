/** One step of the guard under way, and how it speaks to its sessions. */
import { type Guard, type GuardEffect, PENDING_MAX } from "./guard-state.ts";
import type { GuardEvent, GuardRefusalCode, GuardResult } from "./guard-wire.ts";

export type Step = { readonly guard: Guard; readonly nowBootUs: number; readonly effects: GuardEffect[] };

/** Refusals that may go through when the sender decides anew. */
const RETRYABLE: ReadonlySet<GuardRefusalCode> = new Set([
  "radio-superseded",
  "radio-queue-full",
  "radio-not-silent",
  "radio-fault",
]);

/** The request that is answered: its connection, and its id there. */
export type Asker = { readonly connection: number; readonly id: number };

export function answer(step: Step, { connection, id }: Asker, result: GuardResult): void {
  step.effects.push({ kind: "send", connection, message: { id, result } });
}

export function refuse(step: Step, { connection, id }: Asker, code: GuardRefusalCode, message: string): void {
  const refused = { code, message, retryable: RETRYABLE.has(code) };
  step.effects.push({ kind: "send", connection, message: { id, refused } });
}

/** Tells every greeted session, but those in `except`. */
export function tellAll(step: Step, event: GuardEvent, except: ReadonlySet<number> = new Set()): void {
  for (const [connection, { greeted }] of step.guard.connections) {
    if (greeted && !except.has(connection))
      step.effects.push({ kind: "send", connection, message: { event } });
  }
}

/** Commands that were taken and not answered yet; at most PENDING_MAX. */
export function pendingCount(guard: Guard): number {
  const underWay = guard.operation?.pending ? 1 : 0;
  return guard.queue.length + underWay + (guard.muting?.waiters.length ?? 0);
}

/** Whether one more order to mute can be kept until it is answered. */
export function mayWait(guard: Guard): boolean {
  return pendingCount(guard) < PENDING_MAX;
}

export function nextToken(guard: Guard): number {
  return guard.nextToken++;
}
