/**
 * How a simulated transmitter keeps its duty cycles: it counts all that it sends, whichever lease or host it sends for, and
 * sends in bursts that no window is too short for. It talks at four times the rate that it may, until the window is used up.
 */
import { onAirUsMax, reachesInto } from "../../src/core/commodity/duty-cycle.ts";
import type { DutyCycle } from "../../src/core/record/spectrum-fields.ts";

/** `untilBootUs` null: nothing bounds it. */
export type Burst = { readonly fromBootUs: number; readonly untilBootUs: number | null };

export type Airtime = {
  /** It was on the air from edge to edge, boot clock. Calls come in the order of time. */
  note(band: Band, fromBootUs: number, untilBootUs: number): void;
  /** The next burst, at `nowBootUs` or later; null where a duty cycle leaves no time for any. */
  next(emission: Band & { readonly dutyCycles: readonly DutyCycle[] }, nowBootUs: number): Burst | null;
};

type Band = { readonly lowerHz: number; readonly upperHz: number };
type Span = Band & { readonly fromBootUs: number; readonly untilBootUs: number };

const BURSTS_A_WINDOW = 16;
const RATE_AT_MOST = 4;
/** A burst may end so much later than it was meant to, in a process that has other things to do, µs. */
const LATE_US = 10_000;
const WINDOW_US_MAX = 86_400_000_000;
/** Beyond them the two oldest become one, with the pause between them: too much is counted, never too little. */
const SPANS_MAX = 4_096;

export function newAirtime(): Airtime {
  const spans: Span[] = [];
  return {
    note(band, fromBootUs, untilBootUs) {
      spans.push({ lowerHz: band.lowerHz, upperHz: band.upperHz, fromBootUs, untilBootUs });
      while ((spans[0]?.untilBootUs ?? untilBootUs) < untilBootUs - WINDOW_US_MAX) spans.shift();
      if (spans.length > SPANS_MAX) joinOldest(spans);
    },
    next({ dutyCycles }, nowBootUs) {
      if (dutyCycles.length === 0) return { fromBootUs: nowBootUs, untilBootUs: null };
      const lengthUs = Math.min(...dutyCycles.map(burstUs));
      if (lengthUs < 1) return null;
      const spacingUs = Math.max(
        ...dutyCycles.map(({ windowUs }) => Math.ceil(windowUs / BURSTS_A_WINDOW / RATE_AT_MOST)),
      );
      const spaced = Math.max(nowBootUs, (spans.at(-1)?.fromBootUs ?? -spacingUs) + spacingUs);
      const fromBootUs = Math.max(...dutyCycles.map((each) => roomAt(spans, each, spaced, lengthUs)));
      return { fromBootUs, untilBootUs: fromBootUs + lengthUs };
    },
  };
}

function burstUs(dutyCycle: DutyCycle): number {
  const mostUs = onAirUsMax(dutyCycle);
  return Math.min(Math.ceil(mostUs / BURSTS_A_WINDOW), mostUs - LATE_US);
}

/** The first instant from which on a burst of `lengthUs` leaves no window with more than its share. */
function roomAt(spans: readonly Span[], dutyCycle: DutyCycle, fromBootUs: number, lengthUs: number): number {
  const { windowUs } = dutyCycle;
  // Of all windows that hold the burst, the one that ends with it holds the most of what was before.
  const began = fromBootUs + lengthUs + LATE_US - windowUs;
  const counted = spans.filter((each) => reachesInto(each, dutyCycle) && each.untilBootUs > began);
  const usedUs = counted.reduce((sum, each) => sum + sentSince(each, began), 0);
  let excessUs = usedUs - (onAirUsMax(dutyCycle) - LATE_US - lengthUs);
  if (excessUs <= 0) return fromBootUs;
  for (const each of counted) {
    const sentUs = sentSince(each, began);
    if (sentUs >= excessUs) return each.untilBootUs - sentUs + excessUs + (fromBootUs - began);
    excessUs -= sentUs;
  }
  return fromBootUs + windowUs;
}

function sentSince({ fromBootUs, untilBootUs }: Span, began: number): number {
  return untilBootUs - Math.max(fromBootUs, began);
}

function joinOldest(spans: Span[]): void {
  const [first, second] = spans.splice(0, 2) as [Span, Span];
  const lowerHz = Math.min(first.lowerHz, second.lowerHz);
  const upperHz = Math.max(first.upperHz, second.upperHz);
  spans.unshift({ lowerHz, upperHz, fromBootUs: first.fromBootUs, untilBootUs: second.untilBootUs });
}
