/** What a policy lets session keys be: how long, and for which kinds of records (PROTOCOL §10 Session keys). */
import { choice, type Field, integer, list, struct } from "./field.ts";

/**
 * What a session key may sign at most. Not here: what binds, frees or vouches (acceptance, settlement, termination,
 * relinquishment, admission), what says who signs, and checkpoints and attestations, by which the device's own key answers for
 * all records before them.
 */
export const SESSION_KINDS = [
  "renewal-request",
  "renewal",
  "actuation",
  "actuation-outcome",
  "rejection",
  "deferral",
  "time-fault",
] as const;

/** Software keys that the device's own key certifies for a while, so that not every record waits for a TPM (PROTOCOL §10). */
export type SessionKeyRules = {
  /** Longest time that one is certified for. */
  readonly forUs: number;
  /** What they sign; never the first renewal of a lease. */
  readonly kinds: readonly (typeof SESSION_KINDS)[number][];
};

/** A day: a thief has no longer than that. */
const SESSION_US_MAX = 86_400_000_000;

export const sessionKeyRules: Field<SessionKeyRules> = struct<SessionKeyRules>({
  forUs: integer(1_000_000, SESSION_US_MAX),
  kinds: list(choice(...SESSION_KINDS), 1, SESSION_KINDS.length),
});
