/**
 * Place with its error (PROTOCOL §5): from the last accepted fix to the position and error at any later instant of the
 * boot clock. The error grows by the declared greatest speed. Pure; integers only, rounded outwards. The place is the
 * receiver's antenna; the offset to the transmit antenna is applied elsewhere.
 */
import { assert } from "../base/assert.ts";
import { type Rejection, rejection } from "../base/rejection.ts";
import type { Assurance } from "./assurance.ts";
import { growth } from "./growth.ts";

/** What this file reads of a fix; `GnssFix` of the ports is one. */
export type PlaceFix = {
  readonly source: "gnss" | "gnss-authenticated" | "simulated" | "replay";
  readonly mode: 0 | 1 | 2 | 3;
  readonly receivedBootUs: number;
  readonly latE7: number | null;
  readonly lonE7: number | null;
  readonly heightMm: number | null;
  readonly horizontalErrorMm: number | null;
  readonly verticalErrorMm: number | null;
  readonly interference: "" | "jamming" | "spoofing";
};

export type PlaceRules = {
  /** Greatest speeds that the installation declares, mm/s; 0 for a fixed one. */
  readonly speedMmPerS: number;
  readonly climbMmPerS: number;
  /** A position is at most this much older than its receipt, a pulse per second or not, µs. */
  readonly transportUs: number;
  /** Stands for the receiver's error estimates where it gives none; null refuses such a fix. */
  readonly unestimatedErrorMm: number | null;
};

export type PlaceState = {
  readonly anchorBootUs: number;
  readonly latE7: number;
  readonly lonE7: number;
  readonly horizontalErrorMm: number;
  /** Height above the ellipsoid with its error, both null where the fix had none. */
  readonly heightMm: number | null;
  readonly verticalErrorMm: number | null;
  readonly level: Assurance;
};

/** As the state, at an instant: errors have grown, `ageUs` since the last accepted fix. */
export type AssuredPlace = Omit<PlaceState, "anchorBootUs"> & { readonly ageUs: number };

export type PlaceAdmission = {
  /** The new state, or the old one when the fix was refused. */
  readonly state: PlaceState | null;
  readonly accepted: boolean;
  readonly findings: readonly Rejection[];
};

/** Refusals: `no-fix`, `gnss-spoofing`, `place-error-unknown`. */
export function admitPlace(state: PlaceState | null, fix: PlaceFix, rules: PlaceRules): PlaceAdmission {
  assert(
    state === null || fix.receivedBootUs >= state.anchorBootUs,
    "a driver delivers fixes in order of their receipt",
  );
  const { latE7, lonE7, interference } = fix;
  if (fix.mode < 2 || latE7 === null || lonE7 === null) {
    const measured = { mode: fix.mode, position: latE7 !== null && lonE7 !== null };
    return refused(state, rejection("no-fix", "mode", measured, { modeMin: 2 }));
  }
  if (interference === "spoofing") {
    return refused(state, rejection("gnss-spoofing", "interference", { interference }, { interference: "" }));
  }
  const horizontalErrorMm = fix.horizontalErrorMm ?? rules.unestimatedErrorMm;
  if (horizontalErrorMm === null) {
    const required = { estimate: true };
    return refused(
      state,
      rejection("place-error-unknown", "horizontalErrorMm", { estimate: false }, required),
    );
  }
  const next: PlaceState = {
    anchorBootUs: fix.receivedBootUs,
    latE7,
    lonE7,
    horizontalErrorMm,
    ...heightOf(fix, rules),
    level: fix.source,
  };
  assertPlace(next);
  return { state: next, accepted: true, findings: [] };
}

/** `bootUs` is not before the anchor. */
export function placeAt(state: PlaceState, bootUs: number, rules: PlaceRules): AssuredPlace {
  const ageUs = bootUs - state.anchorBootUs;
  // The position is of an instant before its receipt: the body has moved since then, too.
  const movingUs = ageUs + rules.transportUs;
  const { latE7, lonE7, heightMm, verticalErrorMm, level } = state;
  return {
    latE7,
    lonE7,
    heightMm,
    level,
    horizontalErrorMm: state.horizontalErrorMm + growth(movingUs, rules.speedMmPerS),
    verticalErrorMm: verticalErrorMm === null ? null : verticalErrorMm + growth(movingUs, rules.climbMmPerS),
    ageUs,
  };
}

function refused(state: PlaceState | null, finding: Rejection): PlaceAdmission {
  return { state, accepted: false, findings: [finding] };
}

/** A height without an error is no height. */
function heightOf(fix: PlaceFix, rules: PlaceRules): Pick<PlaceState, "heightMm" | "verticalErrorMm"> {
  const verticalErrorMm = fix.verticalErrorMm ?? rules.unestimatedErrorMm;
  if (fix.heightMm === null || verticalErrorMm === null) return { heightMm: null, verticalErrorMm: null };
  return { heightMm: fix.heightMm, verticalErrorMm };
}

function assertPlace({ latE7, lonE7, horizontalErrorMm, heightMm, verticalErrorMm }: PlaceState): void {
  for (const value of [latE7, lonE7, horizontalErrorMm, heightMm ?? 0, verticalErrorMm ?? 0]) {
    assert(Number.isSafeInteger(value), "a driver delivers safe integers");
  }
  assert(Math.abs(latE7) <= 900_000_000, "a driver delivers latitudes within 90 degrees");
  assert(Math.abs(lonE7) <= 1_800_000_000, "a driver delivers longitudes within 180 degrees");
  assert(horizontalErrorMm >= 0 && (verticalErrorMm ?? 0) >= 0, "an error estimate is not negative");
}
