/** WGS 84 in whole numbers of 1e-40: an oracle that shares no arithmetic with the core. */
import type { Position } from "../../../src/core/window/ecef.ts";

const ONE = 10n ** 40n;
const PI = 31_415_926_535_897_932_384_626_433_832_795_028_841_971n;

function times(a: bigint, b: bigint): bigint {
  return (a * b) / ONE;
}

function root(value: bigint): bigint {
  let guess = value === 0n ? 0n : 1n << BigInt((value.toString(2).length / 2 + 1) | 0);
  while (guess * guess > value) guess = (guess + value / guess) / 2n;
  return guess;
}

/** [sin, cos] in units of 1e-40, by the exponential series. */
export function sineCosine(angleE7: number): readonly [bigint, bigint] {
  const angle = (PI * BigInt(angleE7)) / 1_800_000_000n;
  let term = ONE;
  const sums = [0n, 0n, 0n, 0n];
  for (let k = 1; term !== 0n; k++) {
    sums[(k - 1) % 4] = (sums[(k - 1) % 4] as bigint) + term;
    term = times(term, angle) / BigInt(k);
  }
  return [(sums[1] as bigint) - (sums[3] as bigint), (sums[0] as bigint) - (sums[2] as bigint)];
}

/** Coordinates in units of 1e-40 mm. */
function coordinates({ latE7, lonE7, heightMm }: Position): readonly bigint[] {
  const [sinLat, cosLat] = sineCosine(latE7);
  const [sinLon, cosLon] = sineCosine(lonE7);
  const flattening = (ONE * 1_000_000_000n) / 298_257_223_563n;
  const squared = times(flattening, 2n * ONE - flattening);
  const divisor = root((ONE - times(squared, times(sinLat, sinLat))) * ONE);
  const normal = (6_378_137_000n * ONE * ONE) / divisor;
  const height = BigInt(heightMm) * ONE;
  const across = times(normal + height, cosLat);
  return [times(across, cosLon), times(across, sinLon), times(times(normal, ONE - squared) + height, sinLat)];
}

/** Nearest doubles of the coordinates, mm. */
export function exactEcefMm(position: Position): readonly number[] {
  return coordinates(position).map((each) => Number(each / 10n ** 25n) / 1e15);
}

/** The distance in units of 1e-12 mm, rounded down. */
export function exactChordPmm(a: Position, b: Position): bigint {
  const from = coordinates(a);
  const squares = coordinates(b).map((to, i) => (to - (from[i] as bigint)) ** 2n);
  return root(squares.reduce((sum, each) => sum + each, 0n)) / 10n ** 28n;
}
