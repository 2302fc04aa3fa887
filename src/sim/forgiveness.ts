/** Which failed checks of the final audit a fault explains: of whose records, and of which time (PROTOCOL §9). */
import type { NumberedCheck } from "../core/audit/verdict.ts";
import type { Chronicle } from "./chronicle.ts";
import type { Harms } from "./harms.ts";
import type { RogueRecords } from "./rogue-records.ts";

export type ForgivenessParts = {
  readonly chronicle: Chronicle;
  readonly harms: Pick<Harms, "wasExempt">;
  readonly rogues: Pick<RogueRecords, "isRogue" | "authorOf">;
};

/** `parties`: names of whom the check is about where its subject is no record; "" for a lineage of nobody here. */
export type Forgives = (
  check: Pick<NumberedCheck, "code" | "subject"> & Partial<Pick<NumberedCheck, "measured">>,
  parties: readonly string[],
) => boolean;

/** What a log fails at that lost acknowledged records and went on: it stands beside what peers have of it. */
const LOSS_CODES: ReadonlySet<string> = new Set([
  "lineage-fork",
  "lineage-link",
  "lineage-gap",
  "checkpoint-root",
  "double-allocation",
  "artifact-once",
  "renewal-once",
  "termination-once",
  "renewal-after-end",
  "reference",
  "consumer-after-end",
  "preemption-ending",
]);
const KEY_CODES: ReadonlySet<string> = new Set(["signer-unknown", "session-position"]);
/** What only the bytes decide: no false time or place explains it. */
const OF_BYTES = /^(?:record|lineage|bundle|checkpoint|attestation|trust|key)-/;

/** A check is of its record's author alone: whom it deals with explains nothing. */
export function newForgiveness({ chronicle, harms, rogues }: ForgivenessParts): Forgives {
  const lost = (host: string, { code, measured }: Parameters<Forgives>[0]): boolean => {
    // A settlement stands in its peer's log, and what it rested on went with its author's: an attestation, say.
    const isMissed = code === "artifact-rederived" && measured?.["missing"] !== undefined;
    // Who rolls a key after a loss does so at another position: peers have records of before it, by the key that signed there.
    const isOfKeyBefore = code === "record-signature" && KEY_CODES.has(String(measured?.["code"]));
    const isOfLoss = LOSS_CODES.has(code) || isMissed || isOfKeyBefore;
    return isOfLoss && chronicle.chainOf(host).losses > 0;
  };

  return (check, parties) => {
    const { code, subject } = check;
    if (rogues.authorOf(subject) !== null) return true;
    const written = chronicle.written(subject);
    if (written === null) return parties.some((each) => rogues.isRogue(each) || lost(each, check));
    const { host, atUs } = written;
    const isDeceived = harms.wasExempt(host, "time", atUs) || harms.wasExempt(host, "speed", atUs);
    return lost(host, check) || (isDeceived && !OF_BYTES.test(code));
  };
}
