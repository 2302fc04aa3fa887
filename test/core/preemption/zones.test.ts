/** Which blocks a directive hits, and what of them it leaves unserved (PROTOCOL §7 Preemption). */
import { describe, expect, test } from "vitest";
import { hitsBlock, terminates, unservedMicroUnits, unservedUs } from "../../../src/core/preemption/zones.ts";
import { SECOND_US, sceneBlock } from "../../support/scripted-authority.ts";

const { lowerHz, upperHz, area, commodityClass, fromUs, untilUs } = sceneBlock;
const zone = { lowerHz, upperHz, area, commodityClass };
const during = (issuedUs: number, endUs: number | null, change: Partial<typeof zone> = {}) => ({
  zones: [{ ...zone, ...change }],
  issuedUs,
  untilUs: endUs,
});

describe("a block is hit", () => {
  test.each<[string, ReturnType<typeof during>]>([
    ["for ever from now on", during(fromUs, null)],
    ["in its last microsecond", during(untilUs - 1, null)],
    ["in its first microsecond", during(fromUs - SECOND_US, fromUs + 1)],
    ["in one hertz", during(fromUs, null, { lowerHz: upperHz - 1, upperHz: upperHz + 1 })],
  ])("%s", (_, directive) => {
    expect(hitsBlock(directive, sceneBlock)).toBe(true);
  });

  test.each<[string, ReturnType<typeof during>]>([
    ["after its end", during(untilUs, null)],
    ["before it begins", during(fromUs - SECOND_US, fromUs)],
    ["in the band above it", during(fromUs, null, { lowerHz: upperHz, upperHz: upperHz + 1 })],
    ["in the band below it", during(fromUs, null, { lowerHz: lowerHz - 1, upperHz: lowerHz })],
    ["in another commodity", during(fromUs, null, { commodityClass: "pmse" })],
  ])("not %s", (_, directive) => {
    expect(hitsBlock(directive, sceneBlock)).toBe(false);
  });
});

describe("what is left unserved", () => {
  test("is what of the grant lies between issue and end", () => {
    expect(unservedUs(during(fromUs - 5, fromUs + 7), sceneBlock)).toBe(7);
    expect(unservedUs(during(fromUs + 5, untilUs + 7), sceneBlock)).toBe(untilUs - fromUs - 5);
    expect(unservedUs(during(fromUs + 5, null), sceneBlock)).toBe(untilUs - fromUs - 5);
    expect(unservedUs(during(untilUs + 5, null), sceneBlock)).toBe(0);
  });

  test("ends the lease where nothing of it is left", () => {
    expect(terminates(during(fromUs, null), sceneBlock)).toBe(true);
    expect(terminates(during(fromUs, untilUs), sceneBlock)).toBe(true);
    expect(terminates(during(fromUs, untilUs - 1), sceneBlock)).toBe(false);
  });

  test("a block without any time has no price to give back", () => {
    const block = { ...sceneBlock, untilUs: fromUs };
    expect(unservedMicroUnits(10n, during(fromUs - 1, null), block)).toBe(0n);
  });
});
