/** What a driver promises of each fix (ports/gnss): whole numbers within their ranges, or null. */
import type { GnssEvent, GnssFix } from "../../../src/ports/gnss.ts";
import { breach } from "../target.ts";

const RANGES: readonly (readonly [keyof GnssFix, number, number])[] = [
  ["receivedBootUs", 0, Number.MAX_SAFE_INTEGER],
  ["timeUs", Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  ["timeErrorUs", 0, 86_400_000_000],
  ["latE7", -900_000_000, 900_000_000],
  ["lonE7", -1_800_000_000, 1_800_000_000],
  ["heightMm", -100_000_000, 100_000_000],
  ["horizontalErrorMm", 0, 100_000_000],
  ["verticalErrorMm", 0, 100_000_000],
  ["satellitesUsed", 0, 512],
];

/** A device's name, or why it is gone: no longer than a line of a log. */
const WORDS_MAX = 600;

export function eventHolds(event: GnssEvent): void {
  if (event.kind === "lost" && event.reason.length > WORDS_MAX) breach("a reason is short");
  if (event.kind === "found" && event.device.length > WORDS_MAX) breach("a device's name is short");
  if (event.kind !== "fix") return;
  const { fix } = event;
  for (const [name, least, most] of RANGES) {
    const value = fix[name];
    if (value === null) continue;
    if (!Number.isSafeInteger(value) || Object.is(value, -0))
      breach(`${name} is a whole number, not ${value}`);
    if (typeof value === "number" && (value < least || value > most))
      breach(`${name} is in range, not ${value}`);
  }
  if ((fix.latE7 === null) !== (fix.lonE7 === null)) breach("half a position is none");
  if (fix.mode < 2 && fix.latE7 !== null) breach("without a fix there is no position");
}
