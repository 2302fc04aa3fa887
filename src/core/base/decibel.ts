/** Ratios as centi-dB, exact: rounded down or up, never to the wrong side (PROTOCOL §3 Power). */
import { assert } from "./assert.ts";
import { log10 } from "./trig.ts";

/** ⌊1000 · log10(numerator / denominator)⌋ centi-dB of a ratio of safe integers above zero. */
export function centiDbDown(numerator: number, denominator: number): number {
  return wholeCentiDb(numerator, denominator).down;
}

/** ⌈1000 · log10(numerator / denominator)⌉ centi-dB of a ratio of safe integers above zero. */
export function centiDbUp(numerator: number, denominator: number): number {
  return wholeCentiDb(numerator, denominator).up;
}

/** Far above the error of the logarithms (3e-11 centi-dB), so that the long way is rare. */
const DOUBT = 1e-9;

function wholeCentiDb(
  numerator: number,
  denominator: number,
): { readonly down: number; readonly up: number } {
  assert(Number.isSafeInteger(numerator) && numerator > 0, "numerators are safe integers above zero");
  assert(Number.isSafeInteger(denominator) && denominator > 0, "denominators are safe integers above zero");
  const near = 1000 * (log10(numerator) - log10(denominator));
  const whole = Math.round(near);
  if (Math.abs(near - whole) > DOUBT) return { down: Math.floor(near), up: Math.ceil(near) };
  switch (compareTenfold(numerator, denominator, whole)) {
    case 0:
      return { down: whole, up: whole };
    case 1:
      return { down: whole, up: whole + 1 };
    default:
      return { down: whole - 1, up: whole };
  }
}

/** Sign of numerator/denominator − 10^(centiDb/1000). */
function compareTenfold(numerator: number, denominator: number, centiDb: number): -1 | 0 | 1 {
  // Powers of ten come up with every round number of watts or hertz: no need for thousand-fold powers.
  if (centiDb % 1000 === 0) return compareBig(BigInt(numerator), BigInt(denominator), centiDb / 1000);
  return compareBig(BigInt(numerator) ** 1000n, BigInt(denominator) ** 1000n, centiDb);
}

function compareBig(numerator: bigint, denominator: bigint, power: number): -1 | 0 | 1 {
  const left = power < 0 ? numerator * 10n ** BigInt(-power) : numerator;
  const right = power < 0 ? denominator : denominator * 10n ** BigInt(power);
  return left > right ? 1 : left < right ? -1 : 0;
}
