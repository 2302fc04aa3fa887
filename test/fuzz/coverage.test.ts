/** What drives the fuzzer: coverage that tells new blocks from old ones, and the least set that reaches the same. */
import type { Profiler } from "node:inspector";
import { describe, expect, test } from "vitest";
import { newChance } from "../../src/sim/chance.ts";
import { coverageOf, openCoverage } from "./coverage.ts";
import { minimised, newFuzzer } from "./fuzzer.ts";
import { setByte } from "./mutator.ts";
import { nested } from "./nested.ts";
import { breach, type Target } from "./target.ts";

type Ranges = readonly (readonly [number, number, number])[];

/** V8's report of one function. */
function report(...ranges: Ranges): readonly Profiler.ScriptCoverage[] {
  const functions = [
    {
      functionName: "f",
      isBlockCoverage: true,
      ranges: ranges.map(([startOffset, endOffset, count]) => ({ startOffset, endOffset, count })),
    },
  ];
  return [{ scriptId: "1", url: "file:///a.js", functions }];
}

describe("coverage", () => {
  test("is new with a block that did not run before, and not with the same blocks run more often", () => {
    const reports = [
      report([0, 100, 1], [20, 40, 0]),
      report([0, 100, 7], [20, 40, 0], [50, 60, 3]),
      report([0, 100, 1], [50, 60, 0]),
    ];
    const coverage = coverageOf(() => reports.shift() ?? []);
    const news = [0, 1, 2].map(() => {
      const reading = coverage.read();
      const fresh = coverage.isNew(reading);
      coverage.keep(reading);
      return fresh;
    });
    expect(news).toEqual([true, false, true]);
    expect(coverage.blocks()).toEqual({ covered: 3, known: 3 });
  });

  test("counts nothing for a function that did not run, nor for a block inside one that did not", () => {
    const coverage = coverageOf(() => report([0, 100, 0], [10, 20, 0]));
    expect(coverage.isNew(coverage.read())).toBe(false);
    const inner = coverageOf(() => report([0, 100, 1], [10, 50, 0], [20, 30, 0]));
    inner.keep(inner.read());
    expect(inner.blocks()).toEqual({ covered: 1, known: 3 });
  });
});

const target: Target = {
  name: "nested",
  seeds: () => [new Uint8Array(4)],
  mutators: [setByte],
  bytesMax: 4,
  run(input) {
    if (nested(input) === 4) breach("the innermost block is never reached");
  },
};

describe("a fuzzer", () => {
  const fresh = openCoverage([new URL("nested", import.meta.url).href, `${import.meta.dirname}/nested`]);

  test("reaches a block behind four bytes, one after the other, by coverage and not without", () => {
    const findings = [fresh(), null].map((coverage) => {
      const fuzzer = newFuzzer({ target, chance: newChance(1, "nested"), coverage, kept: [] });
      for (let i = 0; i < 120 && fuzzer.tally().findings.length === 0; i++) fuzzer.batch();
      return fuzzer.tally().findings.map(({ what }) => what);
    });
    expect(findings[0]?.join()).toMatch(/innermost block/);
    expect(findings[1]).toEqual([]);
  });

  test("keeps of many inputs the least that reach the same", () => {
    const inputs = [[1], [2], [0x73, 1], [0x73, 0x70, 0x65], [0x73, 0x70, 9]].map((each) =>
      Uint8Array.from(each),
    );
    const least = minimised(inputs, (input) => void nested(input), fresh());
    expect(least.map((each) => [...each])).toEqual([[1], [0x73, 1], [0x73, 0x70, 0x65]]);
  });

  test("tells one finding a cause, the shortest input of it", () => {
    const failing: Target = {
      ...target,
      run: (input) => breach(`byte ${input[0]} of ${input.length}`),
    };
    const fuzzer = newFuzzer({
      target: failing,
      chance: newChance(1, "failing"),
      coverage: null,
      kept: [new Uint8Array(2)],
    });
    fuzzer.batch();
    expect(fuzzer.tally().findings.map(({ input }) => input.length)).toEqual([2]);
  });
});
