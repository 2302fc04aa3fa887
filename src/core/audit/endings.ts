/** Termination and relinquishment are terminal on both sides (PROTOCOL §6). */

import { supportsOf } from "../authority/chain.ts";
import { isRevokedIn } from "../authority/snapshots.ts";
import { equalBytes, toHex } from "../base/bytes.ts";
import type { Measure } from "../base/rejection.ts";
import type { AnyRecord, RecordOf } from "../record/record.ts";
import { type AuditCheck, failed, notCheckable, orPassed } from "./audit-check.ts";
import type { Deal } from "./deals.ts";
import { type Evidence, find, ofKind } from "./evidence.ts";
import { precedes } from "./inventory.ts";
import { chainsOfDeal } from "./lease-chains.ts";
import { about, whole } from "./settlements.ts";

type Termination = RecordOf<"lease-termination">;

export function endingChecks(evidence: Evidence, deal: Deal): readonly AuditCheck[] {
  const { terminations } = deal;
  const unsound = terminations.flatMap((each) => reason(evidence, deal, each));
  return [
    ...orPassed("termination-once", whole(deal), terminations.length, second(deal)),
    ...orPassed("termination-sound", whole(deal), terminations.length, unsound),
    ...afterEnd(deal),
  ];
}

/** One more that keeps the relinquishment gives up nothing that was not given up. */
function second(deal: Deal): readonly AuditCheck[] {
  return deal.terminations
    .slice(1)
    .filter(({ body }) => body.reason !== "relinquished")
    .map((each) =>
      failed(
        "termination-once",
        about(deal, each),
        { terminations: deal.terminations.length },
        { terminations: 1 },
      ),
    );
}

const CAUSE_NOT_HERE =
  "The relinquishment that it names is not here: its author's disk may have lost it, or there never was one.";

/** What the reason says, held against the record that the termination names. */
function reason(evidence: Evidence, deal: Deal, termination: Termination): readonly AuditCheck[] {
  const { body } = termination;
  const cause = body.cause === null ? undefined : evidence.byId.get(toHex(body.cause));
  const wrong = (measured: Measure, required: Measure): readonly AuditCheck[] => [
    failed("termination-sound", about(deal, termination), { reason: body.reason, ...measured }, required),
  ];
  switch (body.reason) {
    case "relinquished": {
      if (
        cause === undefined &&
        body.cause !== null &&
        !evidence.exported.has(toHex(termination.header.lineage))
      )
        return [notCheckable("termination-sound", about(deal, termination), CAUSE_NOT_HERE)];
      const fits = cause?.kind === "relinquishment" && equalBytes(cause.body.artifact, body.artifact);
      return fits ? [] : wrong({ cause: cause?.kind ?? "none" }, { cause: "relinquishment of this lease" });
    }
    case "not-countersigned": {
      if (deal.renewals.some((each) => precedes(each, termination))) {
        return wrong({ renewalsBefore: true }, { renewalsBefore: false });
      }
      return early(deal, termination, deal.acceptance?.body.confirmByUs ?? null);
    }
    case "not-effective": {
      if (deal.renewals.some((each) => precedes(each, termination))) {
        return wrong({ renewalsBefore: true }, { renewalsBefore: false });
      }
      return early(deal, termination, deal.acceptance?.body.effectiveByUs ?? null);
    }
    case "ended":
      return early(deal, termination, deal.derived?.artifact.block.untilUs ?? null);
    case "link-fallen":
      return fallen(evidence, deal, termination);
    case "lapsed":
    case "operator":
      return [];
  }
}

/** A deadline is only missed once it has passed by the holder's own time, at its latest edge. */
function early(deal: Deal, termination: Termination, afterUs: number | null): readonly AuditCheck[] {
  const latestUs = termination.header.time?.latestUs ?? null;
  const at = about(deal, termination);
  if (afterUs === null || latestUs === null) {
    return [
      notCheckable("termination-sound", at, "The termination bears no time, or its deadline is not here."),
    ];
  }
  if (latestUs >= afterUs) return [];
  const measured = { reason: termination.body.reason, latestUs };
  return [failed("termination-sound", at, measured, { latestUsMin: afterUs })];
}

/** It is a link of this lease, and had ended by then, or the snapshot that the termination names lists it. */
function fallen(evidence: Evidence, deal: Deal, termination: Termination): readonly AuditCheck[] {
  const { link, cause } = termination.body;
  const at = about(deal, termination);
  const fell = find(evidence, "credential", link) ?? find(evidence, "recognition", link);
  if (link === null) {
    return [failed("termination-sound", at, { link: "none" }, { link: "the credential that fell" })];
  }
  const measured = { link: toHex(link) };
  if (fell === undefined) {
    return [notCheckable("termination-sound", at, "The credential that fell is not here.", measured)];
  }
  const chains = chainsOfDeal(evidence, deal);
  const isPair = deal.offer !== null && deal.acceptance !== null;
  const isWhole = isPair && chains.every(({ missing }) => missing === null);
  const isOfLease = chains.flatMap(supportsOf).some(({ id }) => equalBytes(id, link));
  if (!isOfLease && isWhole) {
    return [failed("termination-sound", at, measured, { link: "of a chain of this lease" })];
  }
  const latestUs = termination.header.time?.latestUs ?? null;
  if (latestUs !== null && latestUs >= fell.body.untilUs) return [];
  const lists = ({ header, body }: RecordOf<"status-snapshot">): boolean =>
    equalBytes(header.lineage, fell.header.lineage) && isRevokedIn({ body }, link);
  if (ofKind(evidence, "status-snapshot").some(lists)) return [];
  if (cause !== null && !evidence.byId.has(toHex(cause))) {
    const why = "The snapshot that lists the fallen link is not here.";
    return [notCheckable("termination-sound", at, why, measured)];
  }
  const required = { latestUsMin: fell.body.untilUs, cause: "or a snapshot that lists it" };
  const found = { ...measured, latestUs: latestUs ?? "none", cause: cause === null ? "none" : toHex(cause) };
  return [failed("termination-sound", at, found, required)];
}

/** From its relinquishment, or from its first record that names the termination, the consumer asks and emits no more. */
function afterEnd(deal: Deal): readonly AuditCheck[] {
  const named = deal.outcomes.filter(({ body }) => body.termination !== null);
  const ends: readonly AnyRecord[] = [...deal.relinquishments, ...named];
  const first = ends.reduce<AnyRecord | null>(
    (least, each) => (least === null || precedes(each, least) ? each : least),
    null,
  );
  if (first === null) return [];
  const on = deal.outcomes.filter(({ body }) => body.result === "on");
  const late = [...deal.requests, ...deal.actuations, ...on].filter(
    (each) => equalBytes(each.header.lineage, first.header.lineage) && precedes(first, each),
  );
  const found = late.map((each) => {
    const measured = { kind: each.kind, seq: each.header.seq };
    return failed("consumer-after-end", about(deal, each), measured, { seqMax: first.header.seq });
  });
  return orPassed("consumer-after-end", whole(deal), ends.length, found);
}
