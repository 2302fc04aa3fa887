import { describe, expect, it } from "vitest";
import { isFilter, isTopic, levelsMatch } from "../../src/adapters/mqtt/mesh-topic.ts";

describe("mesh topics", () => {
  it.each(["a", "spectrum/v1/8928308280fffff/pal/offer/00ff", "a-b/c_d/0", "a".repeat(256)])(
    "takes %s",
    (topic) => {
      expect(isTopic(topic)).toBe(true);
      expect(isFilter(topic)).toBe(true);
    },
  );

  it.each(["", "/", "a/", "/a", "a//b", "A", "a.b", "a b", "ä", "$sys", "a\n", "a/\0", "a".repeat(257)])(
    "refuses %j",
    (topic) => {
      expect(isTopic(topic)).toBe(false);
      expect(isFilter(topic)).toBe(false);
    },
  );

  it.each(["#", "+", "a/#", "+/+", "a/+/b/#", "+/#"])("takes the filter %s, which is no topic", (filter) => {
    expect(isFilter(filter)).toBe(true);
    expect(isTopic(filter)).toBe(false);
  });

  it.each(["a/#/b", "a#", "#/a", "a+", "+a/b", "a/", "##"])("refuses the filter %s", (filter) => {
    expect(isFilter(filter)).toBe(false);
  });

  it.each([
    ["#", "a/b", true],
    ["a/#", "a", true],
    ["a/#", "a/b/c", true],
    ["a/#", "ab", false],
    ["+", "a", true],
    ["+", "a/b", false],
    ["a/+", "a", false],
    ["a/+/c", "a/b/c", true],
    ["a/+/c", "a/b/d", false],
    ["a/b", "a/b/c", false],
    ["a/b/c", "a/b", false],
    ["+/+/#", "a", false],
    ["+/+/#", "a/b", true],
  ] as const)("filter %s and topic %s: %s", (filter, topic, verdict) => {
    expect(levelsMatch(filter.split("/"), topic.split("/"))).toBe(verdict);
  });
});
