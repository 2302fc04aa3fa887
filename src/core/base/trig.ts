/**
 * Sine, cosine and logarithm from + − × ÷ alone: the ones of `Math` differ between engines, these give the same
 * bits everywhere (PROTOCOL §5).
 */
import { assert } from "./assert.ts";

/** Absolute error of every sine and cosine here, argument and result as doubles. */
export const TRIG_ERROR = 1e-15;
// The error of `naturalLog` and `log10` is 1e-15 too: relative to the result, or absolute where that is below 1.
/** Largest argument of `sine` and `cosine`, radians: beyond it the reduction would lose its error bound. */
export const RADIANS_MAX = 1_000_000;

/** Sine of an angle in 1e-7 degree, any safe integer. Whole turns and quarters are taken off exactly. */
export function sineE7(angleE7: number): number {
  const { quarter, radians } = reduceE7(angleE7);
  return quarterSine(quarter, radians);
}

/** Cosine of an angle in 1e-7 degree, any safe integer. */
export function cosineE7(angleE7: number): number {
  const { quarter, radians } = reduceE7(angleE7);
  return quarterSine(quarter + 1, radians);
}

/** Sine of at most ±RADIANS_MAX radians. */
export function sine(radians: number): number {
  const reduced = reduceRadians(radians);
  return quarterSine(reduced.quarter, reduced.radians);
}

/** Cosine of at most ±RADIANS_MAX radians. */
export function cosine(radians: number): number {
  const reduced = reduceRadians(radians);
  return quarterSine(reduced.quarter + 1, reduced.radians);
}

/** Logarithm to base e of a finite number above zero. */
export function naturalLog(value: number): number {
  assert(value > 0 && value <= Number.MAX_VALUE, "a logarithm is asked of finite numbers above zero");
  let mantissa = value;
  let exponent = 0;
  for (const { step, power } of BINARY_STEPS) {
    while (mantissa >= power) {
      mantissa /= power;
      exponent += step;
    }
    while (mantissa * power < 2) {
      mantissa *= power;
      exponent -= step;
    }
  }
  if (mantissa > Math.SQRT2) {
    mantissa /= 2;
    exponent += 1;
  }
  // ln m = 2 artanh((m − 1)/(m + 1)), the argument within ±0.172: ten terms reach 2^-60.
  const ratio = (mantissa - 1) / (mantissa + 1);
  const square = ratio * ratio;
  let sum = 0;
  for (let odd = 23; odd >= 3; odd -= 2) sum = (sum + 1 / odd) * square;
  return exponent * LN2_HIGH + (exponent * LN2_LOW + 2 * ratio * (1 + sum));
}

/** Logarithm to base 10 of a finite number above zero. */
export function log10(value: number): number {
  return naturalLog(value) * Math.LOG10E;
}

const FULL_TURN_E7 = 3_600_000_000;
const QUARTER_TURN_E7 = 900_000_000;
/** π / 1.8e9, the nearest double. */
const RADIANS_PER_E7 = 1.7453292519943295e-9;
/** π/2 in three parts: the first two have 33 bits each, so that small multiples of them are exact. */
const HALF_PI_HIGH = 1.5707963267341256;
const HALF_PI_MIDDLE = 6.077100506303966e-11;
const HALF_PI_LOW = 2.0222662487959506e-21;
/** ln 2 in two parts, the first with 33 bits. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
/** 2^512, 2^256, … 2: together they bring any double, the smallest too, into [1, 2). Squares, since `**` may round. */
const BINARY_STEPS: readonly { readonly step: number; readonly power: number }[] = squaresOfTwo(512);

function squaresOfTwo(last: number): readonly { readonly step: number; readonly power: number }[] {
  const found = [{ step: 1, power: 2 }];
  for (let { step, power } = { step: 2, power: 4 }; step <= last; step *= 2, power *= power)
    found.unshift({ step, power });
  return found;
}

type Reduced = {
  /** Quarter turns, whole. */
  readonly quarter: number;
  /** What is left, within ±π/4. */
  readonly radians: number;
};

function reduceE7(angleE7: number): Reduced {
  assert(Number.isSafeInteger(angleE7), "angles in 1e-7 degree are safe integers");
  const withinTurn = angleE7 % FULL_TURN_E7;
  const quarter = Math.round(withinTurn / QUARTER_TURN_E7);
  return { quarter, radians: (withinTurn - quarter * QUARTER_TURN_E7) * RADIANS_PER_E7 };
}

function reduceRadians(radians: number): Reduced {
  assert(Math.abs(radians) <= RADIANS_MAX, "angles in radians are within ±RADIANS_MAX");
  const quarter = Math.round(radians / (HALF_PI_HIGH + HALF_PI_MIDDLE));
  const left = radians - quarter * HALF_PI_HIGH - quarter * HALF_PI_MIDDLE - quarter * HALF_PI_LOW;
  return { quarter, radians: left };
}

/** sin(quarter · π/2 + radians). */
function quarterSine(quarter: number, radians: number): number {
  switch (((quarter % 4) + 4) % 4) {
    case 0:
      return smallSine(radians);
    case 1:
      return smallCosine(radians);
    case 2:
      return -smallSine(radians);
    default:
      return -smallCosine(radians);
  }
}

/** x − x³/3! + … to x¹⁹, for |x| ≤ π/4: the next term is below 2^-70. */
function smallSine(x: number): number {
  const square = x * x;
  let sum = 1;
  for (let k = 18; k >= 2; k -= 2) sum = 1 - (square / (k * (k + 1))) * sum;
  return x * sum;
}

/** 1 − x²/2! + … to x¹⁸. */
function smallCosine(x: number): number {
  const square = x * x;
  let sum = 1;
  for (let k = 17; k >= 1; k -= 2) sum = 1 - (square / (k * (k + 1))) * sum;
  return sum;
}
