import { describe, expect, test } from "vitest";
import type { Authority } from "../../src/authority/authority.ts";
import { policiesOf, policyOf } from "../../src/authority/standing.ts";
import { endOfPolicy, succeedPolicy } from "../../src/authority/succeed.ts";
import { toHex } from "../../src/core/base/bytes.ts";
import type { Policy } from "../../src/core/record/kinds/policy.ts";
import { DAY_US, memoryParts, NOW_US, refused, root, value } from "../support/memory-authority.ts";

const START_US = NOW_US + 7 * DAY_US;

async function standing(): Promise<{
  readonly authority: Authority;
  readonly next: Policy;
  readonly id: string;
}> {
  const authority = await root(memoryParts(1));
  const first = value(policyOf(authority.view(), NOW_US));
  return { authority, next: { ...first.body, name: "next", startUs: START_US }, id: toHex(first.id) };
}

const latest = { predecessor: null, graceUs: DAY_US };

describe("a successor", () => {
  test("names its predecessor and when that one ends, and both are in force in their time", async () => {
    const { authority, next, id } = await standing();
    const signed = value(await succeedPolicy(authority, next, latest, NOW_US));
    const { succeeds } = signed.body;
    expect(succeeds === null ? "" : toHex(succeeds.predecessor)).toBe(id);
    expect(succeeds?.endUs).toBe(START_US + DAY_US);
    const view = authority.view();
    expect(toHex(value(policyOf(view, START_US - 1)).id)).toBe(id);
    expect(value(policyOf(view, START_US)).id).toEqual(signed.id);
    expect(policiesOf(view).map((each) => endOfPolicy(view, each))).toEqual([null, START_US + DAY_US]);
  });

  test("never lengthens what its predecessor says of its own end", async () => {
    const { authority, next } = await standing();
    const endUs = START_US + 5 * DAY_US;
    value(await succeedPolicy(authority, { ...next, endUs }, latest, NOW_US));
    const after = { ...next, startUs: START_US + DAY_US };
    value(await succeedPolicy(authority, after, { predecessor: null, graceUs: 30 * DAY_US }, NOW_US));
    const view = authority.view();
    const middle = policiesOf(view).find(({ body }) => body.endUs === endUs);
    expect(middle === undefined ? 0 : endOfPolicy(view, middle)).toBe(endUs);
  });

  test.each([
    ["begins in the past", { startUs: NOW_US - 1 }, latest, "policy-start start"],
    ["is of nobody here", {}, { ...latest, predecessor: "00".repeat(32) }, "policy-unknown-here predecessor"],
    ["is of more than one", {}, { ...latest, predecessor: "" }, "policy-unknown-here predecessor"],
    ["begins with its predecessor", { startUs: START_US }, latest, "policy-start start"],
  ])("is refused where it %s, and nothing is written", async (_name, change, given, code) => {
    const { authority, next } = await standing();
    value(await succeedPolicy(authority, next, latest, NOW_US));
    const before = authority.view().lineage.records.length;
    expect(refused(await succeedPolicy(authority, { ...next, ...change }, given, NOW_US))).toContain(code);
    expect(authority.view().lineage.records).toHaveLength(before);
  });

  test("may begin just now", async () => {
    const { authority, next } = await standing();
    expect((await succeedPolicy(authority, { ...next, startUs: NOW_US }, latest, NOW_US)).ok).toBe(true);
  });
});
