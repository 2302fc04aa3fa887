/** A programming error: nobody catches it, systemd restarts the agent and the fold recovers (DESIGN §3). */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/** Throws when `condition` is false. `why` says why the condition cannot be false. */
export function assert(condition: boolean, why: string): asserts condition {
  if (!condition) throw new AssertionError(why);
}

/** The exhaustive end of a switch over a closed union. */
export function unreachable(value: never): never {
  throw new AssertionError(`no case for ${String(value)}`);
}
