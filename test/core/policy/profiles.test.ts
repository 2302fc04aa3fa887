import { expect, test } from "vitest";
import { explainCode } from "../../../src/core/base/codes.ts";
import { profileOf, ruledCodes } from "../../../src/core/policy/profiles.ts";
import type { Policy } from "../../../src/core/record/kinds/policy.ts";
import { policy } from "../pairing/pair-values.ts";

const composed: Policy = {
  ...policy,
  profiles: [
    { role: "jurisdiction", name: "land", fields: ["spatialWindowMm", "tiers"] },
    { role: "safety", name: "works", fields: ["temporalWindowUs", "tiers"] },
  ],
};

test("a finding is of the profile that set what it was held against, the last one where several did", () => {
  expect(profileOf(composed, "outside-spatial-window")).toBe("land");
  expect(profileOf(composed, "outside-temporal-window")).toBe("works");
  expect(profileOf(composed, "key-protection")).toBe("works");
});

test("what no profile set, and what is the protocol's, is of the policy as a whole", () => {
  expect(profileOf(composed, "weight-threshold")).toBe(policy.name);
  expect(profileOf(composed, "price-mismatch")).toBe(policy.name);
  expect(profileOf(policy, "outside-spatial-window")).toBe(policy.name);
});

test.each(ruledCodes)("%s is a code that there is", (code) => {
  expect(explainCode(code)).not.toBeNull();
});
