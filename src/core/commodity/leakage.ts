/** What a device declares of its spectrum, against a block and its commodity's mask (PROTOCOL §6 Invariant of emission). */
import { centiDbUp } from "../base/decibel.ts";
import { type Rejection, rejection } from "../base/rejection.ts";
import type { MaskPoint } from "../record/kinds/schema.ts";
import type { Box } from "../record/spectrum-fields.ts";

/** As measured or specified for the device at its full power. */
export type DeclaredSpectrum = {
  /** Bandwidth that holds 99 % of the power of its narrowest emission, Hz. */
  readonly occupiedHz: number;
  /**
   * The most that it leaks beside the occupied band: EIRP, rms, each from its offset to the next point's, the last one
   * outwards for ever; offsets ascend.
   */
  readonly leakage: readonly MaskPoint[];
};

/**
 * Every reason why an emission that fills `block` is not known to keep inside it and under `mask`:
 * `occupied-band-too-wide`, `leakage-above-mask` where a declared figure is too high, `leakage-undeclared` where there is
 * none to compare: policy says what becomes of that.
 */
export function emissionFits(
  spectrum: DeclaredSpectrum | null,
  { lowerHz, upperHz }: Pick<Box, "lowerHz" | "upperHz">,
  mask: readonly MaskPoint[],
): readonly Rejection[] {
  const occupiedHzMax = upperHz - lowerHz;
  if (spectrum === null) {
    if (mask.length === 0) return [];
    return [rejection("leakage-undeclared", "radio", { points: 0 }, { points: mask.length })];
  }
  const { occupiedHz, leakage } = spectrum;
  const found: Rejection[] = [];
  if (occupiedHz > occupiedHzMax) {
    found.push(rejection("occupied-band-too-wide", "offer.block", { occupiedHz }, { occupiedHzMax }));
  }
  const leaked = mask.flatMap((point, i) => {
    const untilHz = mask[i + 1]?.offsetHz ?? Number.POSITIVE_INFINITY;
    return underMask(leakage, point, untilHz);
  });
  return [...found, ...leaked];
}

function underMask(
  leakage: readonly MaskPoint[],
  { offsetHz, centiDbm: centiDbmMax, referenceHz }: MaskPoint,
  untilHz: number,
): readonly Rejection[] {
  // Of two points, the one that begins before the mask's does reaches into it unless the next begins there too.
  const reaching = leakage.filter(
    (each, i) => each.offsetHz < untilHz && (leakage[i + 1]?.offsetHz ?? untilHz) > offsetHz,
  );
  const figures = reaching.map((each) => mostIn(referenceHz, each));
  const covered = (reaching[0]?.offsetHz ?? Number.POSITIVE_INFINITY) <= offsetHz;
  if (!covered || figures.includes(null)) {
    return [rejection("leakage-undeclared", "radio", { points: reaching.length }, { offsetHz, referenceHz })];
  }
  const centiDbm = Math.max(...figures.map((each) => each ?? 0));
  if (centiDbm <= centiDbmMax) return [];
  return [
    rejection(
      "leakage-above-mask",
      "offer.schema.mask",
      { centiDbm },
      { offsetHz, referenceHz, centiDbmMax },
    ),
  ];
}

/** In a wider reference bandwidth a figure counts as often as it fits, rounded up; in a narrower one whole. */
function mostIn(referenceHz: number, leak: MaskPoint): number | null {
  if (leak.referenceHz === referenceHz || leak.referenceHz === 0) return leak.centiDbm;
  if (referenceHz === 0) return null;
  const references = Math.ceil(referenceHz / leak.referenceHz);
  return leak.centiDbm + (references <= 1 ? 0 : centiDbUp(references, 1));
}
