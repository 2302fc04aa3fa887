/** Power limits and what meets them: like is compared with like (PROTOCOL §3 Power). */
import { centiDbDown, centiDbUp } from "../base/decibel.ts";
import { type Measure, type Rejection, rejection } from "../base/rejection.ts";
import type { PowerLimit } from "../record/spectrum-fields.ts";

/** Power of a whole carrier, as declared or read back. */
export type CarrierPower = Pick<PowerLimit, "centiDbm" | "measure" | "detector"> & {
  /**
   * The most by which the density anywhere in the occupied band exceeds that of a flat carrier, centi-dB; null where
   * nobody says: then all of it may stand in any one reference bandwidth.
   */
  readonly unevenCentiDb: number | null;
};

export type CarrierPowers = {
  readonly occupiedHz: number;
  /** The same carrier by one or more measures and detectors. */
  readonly powers: readonly CarrierPower[];
};

/** A limit is spread over at most this many reference bandwidths of another; beyond it they are not compared. */
const REFERENCES_MAX = 1_000_000;

/**
 * Every reason why meeting all of `child`, in a band of `widthHz`, does not ensure meeting all of `parent`:
 * `power-limit-exceeded` names a child's limit that is too high; `power-limit-missing` and `power-kind-not-comparable`
 * (conversions between measures or detectors may wait) say that nothing in `child` stands for a parent's limit.
 *
 * A child's limit in a narrower reference bandwidth counts as often as it fits, rounded up, into the parent's or into
 * the band, whichever is less; one in a wider bandwidth counts whole.
 */
export function limitsInside(
  child: readonly PowerLimit[],
  parent: readonly PowerLimit[],
  widthHz: number,
  field: string = "limits",
): readonly Rejection[] {
  return parent.flatMap((limit) => {
    const closest = closestTo(limit, child, widthHz);
    return closest !== null && closest.centiDbm <= limit.centiDbm
      ? []
      : limitExcess(limit, closest, child, field);
  });
}

function limitExcess(
  limit: PowerLimit,
  closest: Closest | null,
  child: readonly PowerLimit[],
  field: string,
): readonly Rejection[] {
  const required = { ...kindOf(limit), referenceHz: limit.referenceHz, centiDbmMax: limit.centiDbm };
  if (closest === null) {
    const alike = child.length === 0 || child.some((other) => sameKind(other, limit));
    const code = alike ? "power-limit-missing" : "power-kind-not-comparable";
    return [rejection(code, field, { limits: child.length, kinds: kinds(child) }, required)];
  }
  const { index, centiDbm } = closest;
  const measured = { ...kindOf(limit), referenceHz: child[index]?.referenceHz ?? 0, centiDbm };
  return [rejection("power-limit-exceeded", `${field}[${index}].centiDbm`, measured, required)];
}

/**
 * Every limit that the carrier is above (`power-above-limit`) or that cannot be judged (`power-kind-not-comparable`).
 * A carrier narrower than the reference bandwidth carries the limit whole.
 */
export function emissionWithinLimits(
  { occupiedHz, powers }: CarrierPowers,
  limits: readonly PowerLimit[],
  field: string = "limits",
): readonly Rejection[] {
  return limits.flatMap((limit, i) => {
    const alike = powers.filter((power) => sameKind(power, limit));
    const required = { ...kindOf(limit), referenceHz: limit.referenceHz, centiDbmMax: limit.centiDbm };
    if (alike.length === 0) {
      const measured = { kinds: kinds(powers) };
      return [rejection("power-kind-not-comparable", `${field}[${i}]`, measured, required)];
    }
    const centiDbm = Math.max(...alike.map((power) => mostIn(limit.referenceHz, power, occupiedHz)));
    if (centiDbm <= limit.centiDbm) return [];
    return [rejection("power-above-limit", `${field}[${i}]`, { centiDbm, occupiedHz }, required)];
  });
}

type Kind = Pick<PowerLimit, "measure" | "detector">;

function kindOf({ measure, detector }: Kind): Measure {
  return { measure, detector };
}

function sameKind(a: Kind, b: Kind): boolean {
  return a.measure === b.measure && a.detector === b.detector;
}

function kinds(of: readonly Kind[]): string {
  return [...new Set(of.map(({ measure, detector }) => `${measure} ${detector}`))].join(", ");
}

type Closest = { readonly index: number; readonly centiDbm: number };

/** The child's limit that leaves the least power in the parent's reference bandwidth; null where none compares. */
function closestTo(limit: PowerLimit, child: readonly PowerLimit[], widthHz: number): Closest | null {
  let closest: Closest | null = null;
  for (const [index, other] of child.entries()) {
    const centiDbm = sameKind(other, limit) ? ensured(other, limit.referenceHz, widthHz) : null;
    if (centiDbm !== null && (closest === null || centiDbm < closest.centiDbm)) closest = { index, centiDbm };
  }
  return closest;
}

/** The most power in any `referenceHz` (0: the whole carrier) of a band that meets `limit`; null where unknown. */
function ensured(limit: PowerLimit, referenceHz: number, widthHz: number): number | null {
  if (limit.referenceHz === referenceHz) return limit.centiDbm;
  // A band may hold several carriers: a limit on each says nothing of their sum.
  if (limit.referenceHz === 0) return null;
  const spanHz = referenceHz === 0 ? widthHz : Math.min(referenceHz, widthHz);
  const references = Math.ceil(spanHz / limit.referenceHz);
  if (references > REFERENCES_MAX) return null;
  return limit.centiDbm + (references <= 1 ? 0 : centiDbUp(references, 1));
}

function mostIn(referenceHz: number, { centiDbm, unevenCentiDb }: CarrierPower, occupiedHz: number): number {
  if (referenceHz === 0 || occupiedHz <= referenceHz || unevenCentiDb === null) return centiDbm;
  return Math.min(centiDbm, centiDbm - centiDbDown(occupiedHz, referenceHz) + unevenCentiDb);
}
