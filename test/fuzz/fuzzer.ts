/** The loop: change inputs, run them in batches, keep those that reach something new, tell those that break something. */
import { toHex } from "../../src/core/base/bytes.ts";
import type { Chance } from "../../src/sim/chance.ts";
import type { Coverage } from "./coverage.ts";
import type { Target } from "./target.ts";

export type FuzzFinding = { readonly input: Uint8Array; readonly what: string };

export type Tally = {
  readonly inputs: number;
  readonly corpus: number;
  readonly findings: readonly FuzzFinding[];
  /** The longest time of one input, and the input: told, not judged, since the machine has other work too. */
  readonly slowestUs: number;
  readonly slowest: Uint8Array;
};

export type Fuzzer = {
  /** One batch; false once enough was found. */
  batch(): boolean;
  tally(): Tally;
  /** Inputs that reached something new, the seeds and what was kept before included. */
  corpus(): readonly Uint8Array[];
};

export type FuzzerParts = {
  readonly target: Target;
  readonly chance: Chance;
  /** Null: inputs are made from the corpus, which does not grow. */
  readonly coverage: Coverage | null;
  /** Inputs kept by earlier runs. */
  readonly kept: readonly Uint8Array[];
};

export const BATCH_INPUTS = 256;
/** Beyond so many findings a reader is broken, and more of them say nothing new. */
const FINDINGS_MAX = 8;
const CORPUS_MAX = 4_096;
/** Changes made to one input, one after another: mostly one, since most of them break what others need. */
const CHANGES: readonly [number, ...number[]] = [1, 1, 1, 1, 2, 2, 3, 4];

export function newFuzzer({ target, chance, coverage, kept }: FuzzerParts): Fuzzer {
  const corpus: Uint8Array[] = [];
  const findings = new Map<string, FuzzFinding>();
  let [inputs, slowestUs] = [0, 0];
  let slowest: Uint8Array = new Uint8Array(0);

  function runOne(input: Uint8Array): void {
    inputs += 1;
    const begunMs = performance.now();
    try {
      target.run(input);
    } catch (error) {
      const what = whatOf(error);
      // One input a cause: the shortest.
      const known = findings.get(causeOf(what));
      if (known === undefined || known.input.length > input.length)
        findings.set(causeOf(what), { input: input.slice(), what });
    }
    const us = (performance.now() - begunMs) * 1_000;
    if (us > slowestUs) [slowestUs, slowest] = [us, input.slice()];
  }

  function runAll(batch: readonly Uint8Array[]): void {
    for (const input of batch) runOne(input);
  }

  /** What `batch` reached is new: halves are run again until single inputs are left. */
  function bisect(batch: readonly Uint8Array[], from: Coverage): void {
    const middle = batch.length >> 1;
    for (const half of [batch.slice(0, middle), batch.slice(middle)]) {
      if (half.length === 0) continue;
      runAll(half);
      const reading = from.read();
      if (!from.isNew(reading)) continue;
      const [only] = half;
      if (half.length > 1) bisect(half, from);
      else if (only !== undefined) {
        from.keep(reading);
        if (corpus.length < CORPUS_MAX) corpus.push(only.slice());
      }
    }
  }

  function explore(batch: readonly Uint8Array[]): void {
    if (coverage === null) {
      runAll(batch);
      return;
    }
    runAll(batch);
    const reading = coverage.read();
    if (!coverage.isNew(reading)) return;
    bisect(batch, coverage);
    // What no half of it reached again, the making of inputs or a first time did: it would be looked for in every batch.
    coverage.keep(reading);
  }

  function changed(): Uint8Array {
    // Half of the time one of the newest, since nothing was made from them yet.
    const newest = Math.max(0, corpus.length - 16);
    const at = chance.hits(500) ? chance.below(corpus.length) : chance.between(newest, corpus.length - 1);
    let input = corpus[at] ?? new Uint8Array(0);
    for (let i = chance.pick(CHANGES); i > 0; i--) {
      const other = corpus[chance.below(corpus.length)] ?? input;
      input = chance.pick(target.mutators)(chance, input, other);
    }
    return input.length > target.bytesMax ? input.subarray(0, target.bytesMax) : input;
  }

  const begin = [...target.seeds(), ...kept];
  coverage?.read();
  for (const input of begin) {
    corpus.push(input);
    runOne(input);
    if (coverage !== null) coverage.keep(coverage.read());
  }

  return {
    batch() {
      explore(Array.from({ length: BATCH_INPUTS }, changed));
      return findings.size < FINDINGS_MAX;
    },
    tally: () => ({ inputs, corpus: corpus.length, findings: [...findings.values()], slowestUs, slowest }),
    corpus: () => corpus,
  };
}

/** The message and the first line of the production code. */
function whatOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const place = error.stack?.split("\n").find((line) => /\/(core|adapters|hardware|agent)\//.test(line));
  return `${error.name}: ${error.message}${place === undefined ? "" : ` ${place.trim()}`}`;
}

/** Findings that differ in numbers and ids only are one. */
function causeOf(what: string): string {
  return what.replaceAll(/[0-9a-f]{6,}|\d+/g, "#");
}

/** The least set of `inputs` that reaches what all of them reach, greedily, short ones first. */
export function minimised(
  inputs: readonly Uint8Array[],
  run: (input: Uint8Array) => void,
  coverage: Coverage,
): readonly Uint8Array[] {
  const unique = new Map(inputs.map((input) => [toHex(input), input]));
  const sorted = [...unique.values()].sort((a, b) => a.length - b.length);
  coverage.read();
  return sorted.filter((input) => {
    run(input);
    const reading = coverage.read();
    if (!coverage.isNew(reading)) return false;
    coverage.keep(reading);
    return true;
  });
}
