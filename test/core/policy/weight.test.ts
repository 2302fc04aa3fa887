import fc from "fast-check";
import { expect, test } from "vitest";
import { evidentialWeight } from "../../../src/core/policy/weight.ts";
import type { Policy, Weighing } from "../../../src/core/record/kinds/policy.ts";
import { policy } from "../pairing/pair-values.ts";

const upTo = (max: number) => fc.integer({ min: 0, max });
const weight = fc.integer({ min: -1000, max: 1000 });
const weighings: fc.Arbitrary<Weighing> = fc
  .record({
    attestation: upTo(1000),
    attestationsMax: upTo(16),
    attestationStepUs: upTo(1_000_000),
    corroboration: upTo(1000),
    corroborationsMax: upTo(16),
    clamp: fc.tuple(weight, weight),
  })
  .map(({ clamp: [a, b], ...rest }) => ({ ...rest, least: Math.min(a, b), most: Math.max(a, b) }));
const inputs = fc.record({ attestations: upTo(40), corroborations: upTo(40) });

function under(base: number, weighing: Weighing | null): Policy {
  return {
    ...policy,
    weighing,
    levels: [{ name: "user", rank: 1, response: "ignore", weight: base, admits: "all" }],
  };
}

/** The sentence of the protocol by counting: one by one, and never past the bounds. */
function counted(base: number, weighing: Weighing, found: { attestations: number; corroborations: number }) {
  let sum = base;
  for (let i = 0; i < found.attestations; i++) if (i < weighing.attestationsMax) sum += weighing.attestation;
  for (let i = 0; i < found.corroborations; i++)
    if (i < weighing.corroborationsMax) sum += weighing.corroboration;
  while (sum < weighing.least) sum += 1;
  while (sum > weighing.most) sum -= 1;
  return sum;
}

test("the weight is what counting gives, an integer between least and most", () => {
  fc.assert(
    fc.property(weight, weighings, inputs, (base, weighing, found) => {
      const given = evidentialWeight(under(base, weighing), "user", found);
      expect(given).toBe(counted(base, weighing, found));
      expect(Number.isInteger(given)).toBe(true);
      expect(given).toBeGreaterThanOrEqual(weighing.least);
      expect(given).toBeLessThanOrEqual(weighing.most);
    }),
  );
});

test("more of a level, of attestations or of corroborations never weighs less", () => {
  fc.assert(
    fc.property(weight, weighings, inputs, inputs, upTo(50), (base, weighing, found, more, heavier) => {
      const sum = {
        attestations: found.attestations + more.attestations,
        corroborations: found.corroborations + more.corroborations,
      };
      const before = evidentialWeight(under(base, weighing), "user", found);
      const after = evidentialWeight(under(Math.min(1000, base + heavier), weighing), "user", sum);
      expect(after).toBeGreaterThanOrEqual(before);
    }),
  );
});

test("without weighing the level alone weighs, and an unknown level never does", () => {
  fc.assert(
    fc.property(weight, weighings, inputs, (base, weighing, found) => {
      expect(evidentialWeight(under(base, null), "user", found)).toBe(base);
      expect(evidentialWeight(under(base, weighing), "king", found)).toBe(0);
    }),
  );
});
