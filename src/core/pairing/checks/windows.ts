/** The pair fits in space and time, each with its error counted against it (PROTOCOL §5). */
import { type Check, check } from "../../base/check.ts";
import type { Assurance, PlaceEvidence } from "../../record/shared-fields.ts";
import { placeInsideArea, spatialWindow } from "../../window/spatial.ts";
import { temporalWindow } from "../../window/temporal.ts";
import type { Candidate } from "../candidate.ts";

export type Proximity = { readonly distanceMm: number; readonly skewUs: number };

export function windows(pair: Candidate): readonly Check[] {
  return [...space(pair), ...time(pair), ...evidence(pair)];
}

function placesOf(pair: Candidate): {
  readonly seller: PlaceEvidence | null;
  readonly buyer: PlaceEvidence | null;
} {
  return {
    seller: pair.offer.header.place?.value ?? null,
    buyer: pair.acceptance.header.place?.value ?? null,
  };
}

function space(pair: Candidate): readonly Check[] {
  const { seller, buyer } = placesOf(pair);
  const holder = pair.context.holderPlace.value;
  if (seller === null || buyer === null || holder === null) {
    return [check("opening-missing", "place", false, { opened: "no" }, { opened: "by both parties" })];
  }
  const windowMm = pair.policy.spatialWindowMm;
  const area = pair.acceptance.body.block.area;
  return [
    { ...spatialWindow({ a: seller, b: buyer, windowMm }), field: "pair.distance" },
    { ...spatialWindow({ a: holder, b: buyer, windowMm }), field: "context.holderPlace" },
    { ...placeInsideArea(buyer, area), field: "acceptance.place" },
  ];
}

/** Worst-case distance and skew among `checks`, for the artifact's descriptor. */
export function proximity(checks: readonly Check[]): Proximity {
  const measure = (field: string, key: string): number => {
    const found = checks.find((each) => each.field === field)?.measured[key];
    return typeof found === "number" ? found : 0;
  };
  return { distanceMm: measure("pair.distance", "worstMm"), skewUs: measure("pair.skew", "skewUs") };
}

function time(pair: Candidate): readonly Check[] {
  const [offered, accepted] = [pair.offer.header.time, pair.acceptance.header.time];
  if (offered === null || accepted === null) {
    return [check("time-missing", "time", false, { found: "nil" }, { found: "an interval" })];
  }
  const { interval } = pair.context;
  const windowUs = pair.policy.temporalWindowUs;
  const { endUs } = pair.offer.body;
  const { untilUs } = pair.acceptance.body.block;
  return [
    { ...temporalWindow(offered, accepted, windowUs), field: "pair.skew" },
    { ...temporalWindow(accepted, interval, windowUs), field: "context.interval" },
    ordered("offer.time", offered),
    ordered("acceptance.time", accepted),
    ordered("context.interval", interval),
    check(
      "offer-ended",
      "acceptance.time",
      accepted.latestUs <= endUs,
      { latestUs: accepted.latestUs },
      { endUs },
    ),
    check(
      "block-over",
      "acceptance.block.untilUs",
      interval.latestUs < untilUs,
      { nowUs: interval.latestUs },
      { untilUs },
    ),
  ];
}

function ordered(
  field: string,
  { earliestUs, latestUs }: { readonly earliestUs: number; readonly latestUs: number },
): Check {
  return check(
    "interval-order",
    field,
    earliestUs <= latestUs,
    { earliestUs, latestUs },
    { order: "earliest first" },
  );
}

function evidence(pair: Candidate): readonly Check[] {
  const { timeAssurance, placeAssurance, evidenceAgeMaxUs } = pair.policy;
  const { seller, buyer } = placesOf(pair);
  const time = { code: "time-assurance", admitted: timeAssurance, ageMaxUs: evidenceAgeMaxUs };
  const place = { code: "place-assurance", admitted: placeAssurance, ageMaxUs: evidenceAgeMaxUs };
  return [
    ...assured("offer.time", pair.offer.header.time, time),
    ...assured("offer.place", seller, place),
    ...assured("acceptance.time", pair.acceptance.header.time, time),
    ...assured("acceptance.place", buyer, place),
    ...assured("context.holderPlace", pair.context.holderPlace.value, place),
  ];
}

type Claim = { readonly assurance: Assurance; readonly ageUs: number };
type Demand = { readonly code: string; readonly admitted: readonly Assurance[]; readonly ageMaxUs: number };

function assured(field: string, claim: Claim | null, { code, admitted, ageMaxUs }: Demand): readonly Check[] {
  if (claim === null) return [];
  const { assurance, ageUs } = claim;
  return [
    check(code, field, admitted.includes(assurance), { assurance }, { oneOf: admitted.join(" ") }),
    check("evidence-age", field, ageUs <= ageMaxUs, { ageUs }, { ageMaxUs }),
  ];
}
