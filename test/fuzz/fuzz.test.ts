/** Each target over its kept inputs and some thousand fresh ones; and each of its invariants, broken on purpose, is found. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { newChance } from "../../src/sim/chance.ts";
import { CORPUS_BYTES_MAX, readCorpus } from "./corpus.ts";
import { BATCH_INPUTS, type FuzzFinding, newFuzzer } from "./fuzzer.ts";
import { plants } from "./plants.ts";
import type { Target } from "./target.ts";
import { targets } from "./targets.ts";

const CORPUS = join(import.meta.dirname, "corpus");

/** Batches of fresh inputs; the dear targets get fewer. */
const BATCHES: Readonly<Record<string, number>> = {
  verify: 1,
  "tpm-command": 2,
  step: 4,
  bundle: 8,
  chain: 4,
  "operator-file": 1,
};
const BATCHES_USUAL = 16;

function findingsOf(target: Target, batches: number, seed: number): readonly FuzzFinding[] {
  const chance = newChance(seed, target.name);
  const fuzzer = newFuzzer({ target, chance, coverage: null, kept: readCorpus(CORPUS, target.name) });
  for (let i = 0; i < batches && fuzzer.tally().findings.length === 0; i++) fuzzer.batch();
  return fuzzer.tally().findings;
}

const shown = (findings: readonly FuzzFinding[]): readonly string[] =>
  findings.map(({ input, what }) => `${what} ${Buffer.from(input).toString("hex")}`);

describe("the corpus", () => {
  test("is there for each target and for nothing else, small enough to be kept", () => {
    expect(readdirSync(CORPUS).sort()).toEqual(Object.keys(targets).sort());
    for (const name of Object.keys(targets)) {
      const files = readdirSync(join(CORPUS, name));
      const bytes = files.reduce((sum, file) => sum + statSync(join(CORPUS, name, file)).size, 0);
      expect(files.length, name).toBeGreaterThan(4);
      expect(bytes, name).toBeLessThanOrEqual(CORPUS_BYTES_MAX);
    }
  });
});

describe("nothing is found in", () => {
  test.each(Object.entries(targets))(
    "%s",
    (name, target) => {
      expect(shown(findingsOf(target(), BATCHES[name] ?? BATCHES_USUAL, 1))).toEqual([]);
    },
    120_000,
  );
});

describe("a planted breach is found:", () => {
  test.each(plants.map((plant) => [plant.says, plant] as const))(
    "%s",
    (_says, { target, seed, batches, breach }) => {
      const findings = findingsOf(target(), batches, seed ?? 1);
      expect(shown(findings).join("\n")).toMatch(breach);
      expect(BATCH_INPUTS * batches).toBeLessThanOrEqual(20_480);
    },
    120_000,
  );

  test("every target has one", () => {
    expect([...new Set(plants.map(({ target }) => target().name))].sort()).toEqual(
      Object.keys(targets).sort(),
    );
  });
});
