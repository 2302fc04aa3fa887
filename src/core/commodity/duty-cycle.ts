/** Bounds on time on the air: which hold for a block, and whether a radio keeps them (PROTOCOL §6 Invariant of emission). */
import { type Rejection, rejection } from "../base/rejection.ts";
import { type Box, type DutyCycle, dutyCycles } from "../record/spectrum-fields.ts";

/** Hundredths of a percent. */
const WHOLE = 10_000;

/** Those of the bands that `block` reaches into, be it by one Hz. */
export function dutyCyclesOf(
  policy: { readonly dutyCycles: readonly DutyCycle[] },
  block: Pick<Box, "lowerHz" | "upperHz">,
): readonly DutyCycle[] {
  return policy.dutyCycles.filter((each) => reachesInto(block, each));
}

export function reachesInto(
  band: Pick<Box, "lowerHz" | "upperHz">,
  { lowerHz, upperHz }: DutyCycle,
): boolean {
  return band.lowerHz < upperHz && lowerHz < band.upperHz;
}

/** The longest time on the air within any window, µs. */
export function onAirUsMax({ shareCentiPercent, windowUs }: DutyCycle): number {
  return Math.floor((windowUs * shareCentiPercent) / WHOLE);
}

/** `duty-cycle-not-kept` where there is one to keep, and the radio's driver declares nothing of it. */
export function dutyCyclesKept(
  declared: "kept" | "none",
  required: readonly DutyCycle[],
): readonly Rejection[] {
  const [first] = required;
  if (first === undefined || declared === "kept") return [];
  return [
    rejection("duty-cycle-not-kept", "radio", { dutyCycles: declared }, { dutyCycles: "kept", ...first }),
  ];
}

/** As lines of JSON hold them; null where one is malformed, or they are too many. */
export function dutyCyclesFrom(given: unknown): readonly DutyCycle[] | null {
  if (!Array.isArray(given)) return null;
  return dutyCycles.read(given.map(rowOf), "dutyCycles", []) ?? null;
}

/** As a record would hold it, or null. */
function rowOf(given: Partial<DutyCycle> | null): readonly number[] | null {
  const row = [given?.lowerHz, given?.upperHz, given?.shareCentiPercent, given?.windowUs];
  return row.every(Number.isSafeInteger) ? (row as readonly number[]) : null;
}

/** Equal ones in equal order. */
export function sameDutyCycles(a: readonly DutyCycle[], b: readonly DutyCycle[]): boolean {
  return a.length === b.length && a.every((each, i) => same(each, b[i]));
}

function same(a: DutyCycle, b: DutyCycle | undefined): boolean {
  return (
    b !== undefined &&
    a.lowerHz === b.lowerHz &&
    a.upperHz === b.upperHz &&
    a.shareCentiPercent === b.shareCentiPercent &&
    a.windowUs === b.windowUs
  );
}
