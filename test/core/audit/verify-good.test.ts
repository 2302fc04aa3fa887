/** What an honest bundle's verdict says, and what it never says. */
import { describe, expect, test } from "vitest";
import { toHex } from "../../../src/core/base/bytes.ts";
import { consumersBundle, findings, holdersBundle, rootOf, story, verify, wholeBundle } from "./story.ts";

const good = story();

describe("an honest bundle", () => {
  test("of all parties passes with every check it can make", () => {
    const verdict = verify(wholeBundle(good), rootOf(good));
    expect(findings(verdict)).toEqual([]);
    expect(verdict.verdict).toBe("passed");
  });

  test("of the holder alone passes", () => {
    expect(findings(verify(holdersBundle(good), rootOf(good)))).toEqual([]);
  });

  test("of the consumer alone passes", () => {
    expect(findings(verify(consumersBundle(good), rootOf(good)))).toEqual([]);
  });
});
