/** What a pair of dishonest peers wrote between themselves, in an auditor's hands: each misdeed shows, a fair deal does not. */
import type { BundleRecord } from "../core/audit/bundle.ts";
import { verifyBundle } from "../core/audit/verify.ts";
import type { Primitives } from "../core/base/primitives.ts";
import type { AnyRecord } from "../core/record/record.ts";
import { isInception } from "../core/record/signing-key.ts";
import type { PackEnvelope } from "../core/wire/envelope.ts";
import { InvariantBroken } from "./invariants/invariant.ts";

export type Misdeed =
  | "artifact-of-no-offer"
  | "settled-in-the-past"
  | "renewed-past-the-end"
  | "sold-anothers-block";

/** One artifact of theirs, hex, and what they wrote about it; null: a fair deal. */
export type Affair = {
  readonly misdeed: Misdeed | null;
  readonly artifact: string;
  readonly records: readonly AnyRecord[];
};

export type Collusion = {
  affairs(): readonly Affair[];
  /** Both lineages, whole. */
  logs(): readonly { readonly lineage: Uint8Array; readonly records: readonly AnyRecord[] }[];
};

export type CollusionAuditParts = {
  readonly primitives: Primitives;
  readonly pack: PackEnvelope;
  /** The root's inception, as an envelope, and all that the authority wrote. */
  readonly root: Uint8Array;
  readonly ground: readonly AnyRecord[];
};

/** The check that has to fail, about the misdeed's own artifact. */
const SHOWS_AS: Readonly<Record<Misdeed, string>> = {
  "artifact-of-no-offer": "settlement-party",
  "settled-in-the-past": "settlement-time",
  "renewed-past-the-end": "renewal-expiry",
  "sold-anothers-block": "artifact-rederived",
};

type Log = ReturnType<Collusion["logs"]>[number];

/** Throws InvariantBroken on the first affair that an auditor who has both logs would judge wrongly. */
export function checkCollusionFound({ affairs, logs }: Collusion, parts: CollusionAuditParts): void {
  checkAffairs(affairs(), logs(), parts);
}

/** The same of the affairs after the first `judged`, by what was written about them alone. How many are judged then. */
export function checkNewAffairs(collusion: Collusion, judged: number, parts: CollusionAuditParts): number {
  const affairs = collusion.affairs();
  const fresh = affairs.slice(judged);
  const written = new Set(fresh.flatMap(({ records }) => records));
  const logs = collusion.logs().map(({ lineage, records }) => ({
    lineage,
    records: records.filter((each) => isInception(each) || written.has(each)),
  }));
  if (fresh.length > 0) checkAffairs(fresh, logs, parts);
  return affairs.length;
}

function checkAffairs(affairs: readonly Affair[], own: readonly Log[], parts: CollusionAuditParts): void {
  const { primitives, pack, root, ground } = parts;
  const records: BundleRecord[] = own.flatMap(({ lineage, records: written }) =>
    written.map(({ envelope }) => ({ lineage, envelope: pack(envelope) })),
  );
  for (const { envelope } of ground) records.push({ lineage: null, envelope: pack(envelope) });
  const lineages = own.map(({ lineage, records: { length } }) => ({ lineage, records: length }));
  const claims = { lineages, foreign: ground.length };
  const { checks } = verifyBundle({ records, claims, trustedRoots: [{ inception: root }], primitives });
  for (const { misdeed, artifact } of affairs) {
    const failed = checks.filter((each) => each.result === "failed" && each.artifact === artifact);
    const codes = failed.map(({ code }) => code).join(", ");
    if (misdeed === null && failed.length > 0)
      throw new InvariantBroken("collusion-shows", `a fair deal fails at ${codes}`, [artifact]);
    if (misdeed === null || failed.some(({ code }) => code === SHOWS_AS[misdeed])) continue;
    const text = `${misdeed} passes ${SHOWS_AS[misdeed]}; what fails is ${codes === "" ? "nothing" : codes}`;
    throw new InvariantBroken("collusion-shows", text, [artifact]);
  }
}
