import { describe, expect, test } from "vitest";
import {
  grantEndUs,
  isOver,
  isSpent,
  type Lease,
  type LeasePhase,
  phaseOf,
} from "../../../src/core/settlement/lease.ts";
import { block } from "../pairing/pair-values.ts";
import { bounds, leaseOf, relinquishment, renewal, termination } from "./leases.ts";

const bound = leaseOf();
const confirmed: Partial<Lease> = { consumerSettlement: bound.holderSettlement };
const effective: Partial<Lease> = { ...confirmed, lastRenewal: renewal };

describe("a lease", () => {
  test.each<[LeasePhase, string, Partial<Lease>, boolean]>([
    ["bound", "with the holder's settlement alone", {}, false],
    ["confirmed", "with the consumer's too", confirmed, false],
    ["effective", "with a renewal", effective, false],
    ["terminated", "with a termination, whatever came before", { ...effective, termination }, true],
    ["terminated", "with a termination before it was confirmed", { termination }, true],
    ["relinquished", "with a relinquishment", { ...effective, relinquishment }, true],
    ["relinquished", "with both", { ...effective, termination, relinquishment }, true],
    ["relinquished", "with a relinquishment before it was effective", { ...confirmed, relinquishment }, true],
  ])("is %s %s", (phase, _, change, over) => {
    const lease = { ...bound, ...change };
    expect(phaseOf(lease)).toBe(phase);
    expect(isOver(lease)).toBe(over);
  });

  test("is granted to the end of its block", () => {
    expect(grantEndUs(bound)).toBe(block.untilUs);
  });
});

describe("a lease that nothing can act on any more (spent)", () => {
  test.each<[string, Partial<Lease>, boolean]>([
    ["a holder's, terminated with no renewal out", { termination }, true],
    ["a holder's, terminated with renewals out", { termination, bounds }, false],
    ["a holder's, terminated and relinquished", { termination, relinquishment, bounds }, true],
    ["a holder's, relinquished and not terminated", { relinquishment }, false],
    ["a consumer's, terminated: its holder waits to be told", { role: "consumer", termination }, false],
    ["a consumer's, terminated and relinquished", { role: "consumer", termination, relinquishment }, true],
  ])("%s", (_, change, spent) => {
    expect(isSpent({ ...bound, ...change })).toBe(spent);
  });
});
