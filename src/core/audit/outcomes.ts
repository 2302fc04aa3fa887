/** What followed an actuation: of the same boot, never on again after a mute, silent by the last deadline (PROTOCOL §6). */
import { equalBytes, toHex } from "../base/bytes.ts";
import type { RecordOf } from "../record/record.ts";
import type { DerivedArtifact } from "../settlement/artifact.ts";
import { shrunkUs } from "../settlement/renewal-bounds.ts";
import { type AuditCheck, failed, notCheckable, orPassed } from "./audit-check.ts";
import type { Deal } from "./deals.ts";
import { type Evidence, find, ofKind } from "./evidence.ts";
import { precedes } from "./inventory.ts";
import { answeredRequest } from "./renewals.ts";
import { about, whole } from "./settlements.ts";

type Actuation = RecordOf<"actuation">;
type Outcome = RecordOf<"actuation-outcome">;
type Terms = DerivedArtifact["artifact"]["terms"];

export function outcomeChecks(evidence: Evidence, deal: Deal): readonly AuditCheck[] {
  const { outcomes } = deal;
  const inOrder = [...outcomes].sort((a, b) => (precedes(a, b) ? -1 : 1));
  return [
    ...orPassed("outcome-order", whole(deal), outcomes.length, disorder(evidence, deal, inOrder)),
    ...silence(evidence, deal),
    ...unknown(evidence, deal),
  ];
}

function disorder(evidence: Evidence, deal: Deal, inOrder: readonly Outcome[]): readonly AuditCheck[] {
  const muted = new Set<string>();
  return inOrder.flatMap((outcome) => {
    const { body } = outcome;
    const actuation = find(evidence, "actuation", body.actuation);
    const key = toHex(body.actuation);
    const measured = {
      sameBoot: actuation !== undefined && equalBytes(actuation.body.bootId, body.bootId),
      afterActuation: actuation !== undefined && precedes(actuation, outcome),
      onAfterMute: body.result === "on" && muted.has(key),
    };
    if (body.result !== "on") muted.add(key);
    if (measured.sameBoot && measured.afterActuation && !measured.onAfterMute) return [];
    const required = { sameBoot: true, afterActuation: true, onAfterMute: false };
    return [failed("outcome-order", about(deal, outcome), measured, required)];
  });
}

/** Silence by the latest deadline that the renewals here allow in the boot; the last one may be in the other log only. */
function silence(evidence: Evidence, deal: Deal): readonly AuditCheck[] {
  const { derived } = deal;
  const mutes = deal.outcomes.filter(({ body }) => body.result === "muted");
  if (derived === null || mutes.length === 0) return [];
  const found = mutes.flatMap((outcome) => {
    const lastUs = lastDeadlineUs(evidence, deal, derived.artifact.terms, outcome.body.bootId);
    const { bootUs } = outcome.body;
    const mutedByUs = lastUs === null ? null : lastUs + derived.artifact.terms.muteLatencyUs;
    if (mutedByUs !== null && bootUs <= mutedByUs) return [];
    const holder = deal.offer === null ? "" : toHex(deal.offer.header.lineage);
    const holderWhole = evidence.gapless.has(holder) && evidence.exported.has(holder);
    if (holderWhole && mutedByUs !== null) {
      return [failed("outcome-deadline", about(deal, outcome), { bootUs }, { bootUsMax: mutedByUs })];
    }
    const reason =
      "A renewal that extended the guard may stand in the holder's log only, which is not here whole.";
    return [notCheckable("outcome-deadline", about(deal, outcome), reason, { bootUs })];
  });
  return orPassed("outcome-deadline", whole(deal), mutes.length, found);
}

function lastDeadlineUs(
  evidence: Evidence,
  deal: Deal,
  { clockDriftPpm, muteLatencyUs }: Terms,
  bootId: Uint8Array,
): number | null {
  let lastUs: number | null = null;
  for (const renewal of deal.renewals) {
    const request = answeredRequest(evidence, deal, renewal);
    if (request === undefined || !equalBytes(request.body.bootId, bootId)) continue;
    const byUs = request.body.anchorBootUs + shrunkUs(renewal.body.durationUs, clockDriftPpm) - muteLatencyUs;
    lastUs = lastUs === null ? byUs : Math.max(lastUs, byUs);
  }
  return lastUs;
}

/** The end of each emission: told by an outcome, bounded by an outage, or in no record here. */
function unknown(evidence: Evidence, deal: Deal): readonly AuditCheck[] {
  const unread = deal.outcomes.filter(({ body }) => body.evidence === "none");
  return [
    ...deal.actuations.flatMap((actuation) => unended(evidence, deal, actuation)),
    ...unread.map((each) =>
      notCheckable(
        "outcome-known",
        about(deal, each),
        "The outcome rests on a command's acknowledgement; nothing was read back.",
      ),
    ),
  ];
}

function unended(evidence: Evidence, deal: Deal, actuation: Actuation): readonly AuditCheck[] {
  const outcomes = deal.outcomes.filter(({ body }) => equalBytes(body.actuation, actuation.id));
  if (outcomes.some(({ body }) => body.result === "muted")) return [];
  const at = about(deal, actuation);
  const outage = outageAfter(evidence, actuation);
  if (outage !== undefined) {
    const { fromBootUs, untilBootUs } = outage.body;
    const measured = { fromBootUs, untilBootUs };
    if (fromBootUs > untilBootUs) {
      return [failed("outage-interval", about(deal, outage), measured, { untilBootUsMin: fromBootUs })];
    }
    const reason =
      "The end of this emission could not be recorded; an outage names the interval in which it lies.";
    return [notCheckable("outcome-known", at, reason, measured)];
  }
  if (outcomes.length === 0) {
    return [notCheckable("outcome-known", at, "No outcome of this actuation is here.")];
  }
  return [notCheckable("outcome-known", at, "No record here says when this emission ended.")];
}

/** The first outage of the actuation's author and boot that stands after it. */
function outageAfter(evidence: Evidence, actuation: Actuation): RecordOf<"outage"> | undefined {
  return ofKind(evidence, "outage").find(
    (each) =>
      equalBytes(each.header.lineage, actuation.header.lineage) &&
      equalBytes(each.body.bootId, actuation.body.bootId) &&
      precedes(actuation, each),
  );
}
