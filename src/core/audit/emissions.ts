/** RF as the consumer's records tell it: entitled, inside the block, silent in time (PROTOCOL §6 Invariant of emission). */
import { equalBytes } from "../base/bytes.ts";
import { sameDutyCycles } from "../commodity/duty-cycle.ts";
import { emissionWithinLimits } from "../commodity/power.ts";
import type { Emission } from "../record/kinds/actuation.ts";
import type { AnyRecord, RecordOf } from "../record/record.ts";
import { shrunkUs } from "../settlement/renewal-bounds.ts";
import { placeInsideArea } from "../window/spatial.ts";
import { type AuditCheck, failed, notCheckable, orPassed, passed } from "./audit-check.ts";
import { type Deal, isParty } from "./deals.ts";
import { type Evidence, find } from "./evidence.ts";
import { precedes } from "./inventory.ts";
import { answeredRequest, termsUnknown } from "./renewals.ts";
import { about, whole } from "./settlements.ts";

type Actuation = RecordOf<"actuation">;

export function emissionChecks(evidence: Evidence, deal: Deal): readonly AuditCheck[] {
  const { actuations, outcomes } = deal;
  const each = (
    code: Parameters<typeof orPassed>[0],
    judge: (actuation: Actuation) => readonly AuditCheck[],
  ) => orPassed(code, whole(deal), actuations.length, actuations.flatMap(judge));
  const emissions: readonly Emitted[] = [
    ...actuations.map((record) => ({ record, emission: record.body.emission })),
    ...outcomes.flatMap((record) =>
      record.body.emission === null ? [] : [{ record, emission: record.body.emission }],
    ),
  ];
  return [
    ...each("actuation-entitled", (actuation) => entitled(evidence, deal, actuation)),
    ...actuations.flatMap((actuation) => deadlines(evidence, deal, actuation)),
    ...orPassed(
      "emission-block",
      whole(deal),
      emissions.length,
      emissions.flatMap((emitted) => insideBlock(deal, emitted)),
    ),
    ...orPassed(
      "emission-power",
      whole(deal),
      emissions.length,
      emissions.flatMap((emitted) => underLimits(deal, emitted)),
    ),
    ...timeOnAir(deal, emissions),
    ...each("emission-time", (actuation) => insideGrant(evidence, deal, actuation)),
    ...each("emission-place", (actuation) => insideArea(deal, actuation)),
    ...obeyed(deal),
    ...atBorder(evidence, deal),
  ];
}

type Emitted = { readonly record: AnyRecord; readonly emission: Emission };

/** The renewal that the actuation names, where it answers a request of the actuation's own boot. */
function armingRenewal(
  evidence: Evidence,
  deal: Deal,
  { body }: Actuation,
): { readonly renewal: RecordOf<"renewal">; readonly request: RecordOf<"renewal-request"> } | null {
  const renewal = find(evidence, "renewal", body.renewal);
  if (renewal === undefined || !isParty(deal.offer?.header.lineage, renewal)) return null;
  const request = answeredRequest(evidence, deal, renewal);
  const sameLease = equalBytes(renewal.body.artifact, body.artifact);
  if (request === undefined || !sameLease || !equalBytes(request.body.bootId, body.bootId)) return null;
  return { renewal, request };
}

function entitled(evidence: Evidence, deal: Deal, actuation: Actuation): readonly AuditCheck[] {
  const { holderSettlement, consumerSettlement } = deal;
  const armed = armingRenewal(evidence, deal, actuation);
  const measured = {
    holderSettled: holderSettlement !== null,
    consumerSettled: consumerSettlement !== null && precedes(consumerSettlement, actuation),
    renewalOfThisBoot: armed !== null && precedes(armed.request, actuation),
  };
  if (Object.values(measured).every((each) => each)) return [];
  const required = { holderSettled: true, consumerSettled: true, renewalOfThisBoot: true };
  return [failed("actuation-entitled", about(deal, actuation), measured, required)];
}

/** Both bounds of the guard's deadline, each alone (PROTOCOL §6 Renewals are asked for). */
function deadlines(evidence: Evidence, deal: Deal, actuation: Actuation): readonly AuditCheck[] {
  const armed = armingRenewal(evidence, deal, actuation);
  if (deal.derived === null) return [termsUnknown("actuation-deadline", deal, actuation)];
  if (armed === null) return [];
  const { clockDriftPpm, muteLatencyUs } = deal.derived.artifact.terms;
  const { anchorBootUs } = armed.request.body;
  const { durationUs, transmitExpiryUs } = armed.renewal.body;
  const { deadlineBootUs } = actuation.body;
  const at = about(deal, actuation);
  const mostUs = anchorBootUs + shrunkUs(durationUs, clockDriftPpm) - muteLatencyUs;
  const byAnchor = (deadlineBootUs <= mostUs ? passed : failed)(
    "actuation-deadline",
    at,
    { deadlineBootUs },
    { deadlineBootUsMax: mostUs },
  );
  // Boot clock at arming stands in no record; it is not before the request's, so this bound is the strictest possible.
  const leftUs = Math.max(0, transmitExpiryUs - (actuation.header.time?.latestUs ?? 0));
  const strictUs = anchorBootUs + shrunkUs(leftUs, clockDriftPpm) - muteLatencyUs;
  if (deadlineBootUs <= strictUs) {
    return [byAnchor, passed("actuation-expiry", at, { deadlineBootUs }, { deadlineBootUsMax: strictUs })];
  }
  return [byAnchor, byOutcome(deal, actuation, { leftUs, clockDriftPpm, muteLatencyUs })];
}

/** Arming was not after its outcome: the loosest bound that records can give. */
function byOutcome(
  deal: Deal,
  actuation: Actuation,
  terms: { readonly leftUs: number; readonly clockDriftPpm: number; readonly muteLatencyUs: number },
): AuditCheck {
  const at = about(deal, actuation);
  const { deadlineBootUs, bootId } = actuation.body;
  const outcome = deal.outcomes.find(
    ({ body }) => equalBytes(body.actuation, actuation.id) && equalBytes(body.bootId, bootId),
  );
  if (outcome !== undefined) {
    const looseUs = outcome.body.bootUs + shrunkUs(terms.leftUs, terms.clockDriftPpm) - terms.muteLatencyUs;
    if (deadlineBootUs > looseUs) {
      return failed("actuation-expiry", at, { deadlineBootUs }, { deadlineBootUsMax: looseUs });
    }
  }
  const reason =
    "The boot clock at arming stands in no record, so the bound by transmit expiry cannot be computed exactly.";
  return notCheckable("actuation-expiry", at, reason, { deadlineBootUs });
}

function insideBlock(deal: Deal, { record, emission }: Emitted): readonly AuditCheck[] {
  if (deal.derived === null) return [termsUnknown("emission-block", deal, record)];
  const { lowerHz, upperHz } = deal.derived.artifact.block;
  if (emission.lowerHz >= lowerHz && emission.upperHz <= upperHz && emission.lowerHz < emission.upperHz) {
    return [];
  }
  const measured = { lowerHz: emission.lowerHz, upperHz: emission.upperHz };
  return [failed("emission-block", about(deal, record), measured, { lowerHz, upperHz })];
}

/** The record states one figure of EIRP, without a detector: it is held against both. */
function underLimits(deal: Deal, { record, emission }: Emitted): readonly AuditCheck[] {
  if (deal.derived === null) return [termsUnknown("emission-power", deal, record)];
  const { limits } = deal.derived.artifact.block;
  const occupiedHz = Math.max(1, emission.upperHz - emission.lowerHz);
  const powers = (["rms", "peak"] as const).map((detector) => ({
    centiDbm: emission.eirpCentiDbm,
    measure: "eirp" as const,
    detector,
    unevenCentiDb: null,
  }));
  return emissionWithinLimits({ occupiedHz, powers }, limits).map((each) => {
    const at = about(deal, record);
    if (each.code === "power-above-limit") return failed("emission-power", at, each.measured, each.required);
    const reason =
      "The limit is not in EIRP, and conversions between measures are not made: like is compared with like.";
    return notCheckable("emission-power", at, reason, { eirpCentiDbm: emission.eirpCentiDbm });
  });
}

/** Each duty cycle of the terms stands in what was ordered and in what was read back. */
function timeOnAir(deal: Deal, emissions: readonly Emitted[]): readonly AuditCheck[] {
  const required = deal.derived?.artifact.terms.dutyCycles ?? [];
  if (required.length === 0 || emissions.length === 0) return [];
  const lacking = emissions.flatMap(({ record, emission: { dutyCycles } }) => {
    const missing = required.find((each) => !dutyCycles.some((kept) => sameDutyCycles([kept], [each])));
    if (missing === undefined) return [];
    const measured = { dutyCycles: dutyCycles.length };
    return [failed("emission-duty-cycle", about(deal, record), measured, { ...missing })];
  });
  const reason =
    "How long it was on the air stands in no record: the transmitter keeps what it was set to, or not.";
  return [
    ...orPassed("emission-duty-cycle", whole(deal), emissions.length, lacking),
    notCheckable("emission-duty-cycle", whole(deal), reason, { dutyCycles: required.length }),
  ];
}

function insideGrant(evidence: Evidence, deal: Deal, actuation: Actuation): readonly AuditCheck[] {
  const { time } = actuation.header;
  if (deal.derived === null || time === null) return [termsUnknown("emission-time", deal, actuation)];
  const { fromUs, untilUs } = deal.derived.artifact.block;
  const renewal = find(evidence, "renewal", actuation.body.renewal);
  const beforeUs = Math.min(untilUs, renewal?.body.transmitExpiryUs ?? untilUs);
  if (time.earliestUs >= fromUs && time.latestUs < beforeUs) return [];
  const measured = { earliestUs: time.earliestUs, latestUs: time.latestUs };
  return [failed("emission-time", about(deal, actuation), measured, { fromUs, beforeUs })];
}

function insideArea(deal: Deal, actuation: Actuation): readonly AuditCheck[] {
  if (deal.derived === null) return [termsUnknown("emission-place", deal, actuation)];
  const place = actuation.header.place?.value ?? null;
  if (place === null) {
    return [
      notCheckable("emission-place", about(deal, actuation), "The place is sealed, and not opened here."),
    ];
  }
  const inside = placeInsideArea(place, deal.derived.artifact.block.area);
  if (inside.passed) return [];
  const measured = { code: inside.code, ...inside.measured };
  return [failed("emission-place", about(deal, actuation), measured, inside.required)];
}

function obeyed(deal: Deal): readonly AuditCheck[] {
  if (deal.actuations.length === 0) return [];
  const reason =
    "What was on the air is told by the consumer's own records only: an emitter that ignores them leaves no trace here.";
  return [notCheckable("emitter-obeyed", whole(deal), reason, { actuations: deal.actuations.length })];
}

/** Where the commodity limits the field at the border: a field is no record's to state, and nothing here computes one. */
function atBorder(evidence: Evidence, deal: Deal): readonly AuditCheck[] {
  const limit = find(evidence, "schema", deal.offer?.body.schema ?? null)?.body.borderLimit ?? null;
  if (limit === null || deal.actuations.length === 0) return [];
  const reason =
    "The field at the border of the area follows from terrain and antennas, which are in no record.";
  const { centiDbuvPerM, referenceHz, heightMm } = limit;
  return [notCheckable("border-field", whole(deal), reason, { centiDbuvPerM, referenceHz, heightMm })];
}
