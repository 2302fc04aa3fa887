/**
 * `npm run fuzz -- --seconds S [--target NAME] [--seed N] [--jobs J] [--keep]`: every target in turn, S seconds in all, in
 * J processes with seeds N, N + 1, …. Findings are written into the corpus; `--keep` also replaces the corpus by the
 * least set of inputs that reaches the same. Exit 1 on a finding, 64 on a wrong call.
 */
import { fork } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { newChance } from "../../src/sim/chance.ts";
import { readCorpus, replaceCorpus, writeFinding } from "./corpus.ts";
import { type Coverage, openCoverage } from "./coverage.ts";
import { type Fuzzer, type FuzzFinding, minimised, newFuzzer } from "./fuzzer.ts";
import type { Target } from "./target.ts";
import { targets } from "./targets.ts";

const PROGRESS_MS = 10_000;
/** What one run counts of the production code: the simulation and the tests are tools here. */
const ROOT: string = new URL("../../", import.meta.url).href;
const COUNTED: readonly string[] = ["src/core/", "src/adapters/", "src/profile/", "hardware/"].map(
  (each) => ROOT + each,
);
const CORPUS: string = join(process.cwd(), "test/fuzz/corpus");

type Call = {
  readonly seconds: number;
  readonly names: readonly string[];
  readonly seed: number;
  readonly jobs: number;
  readonly keep: boolean;
};

const OPTIONS = {
  seconds: { type: "string", default: "60" },
  target: { type: "string" },
  seed: { type: "string", default: "1" },
  jobs: { type: "string", default: "1" },
  keep: { type: "boolean", default: false },
} as const;

function callOf(args: readonly string[]): Call | string {
  const unknownOption = args.find(
    (each) => each.startsWith("--") && !Object.hasOwn(OPTIONS, each.slice(2).split("=")[0] ?? ""),
  );
  if (unknownOption !== undefined) return `${unknownOption} is none of --${Object.keys(OPTIONS).join(" --")}`;
  const { values } = parseArgs({ args: [...args], options: OPTIONS, strict: false });
  const [seconds, seed, jobs] = [Number(values.seconds), Number(values.seed), Number(values.jobs)];
  if (!(seconds > 0)) return "--seconds is a number above 0";
  if (!Number.isSafeInteger(seed) || seed < 0 || seed >= 2 ** 32)
    return "--seed is a whole number below 2^32";
  if (!Number.isSafeInteger(jobs) || jobs < 1 || jobs > 64) return "--jobs is a whole number from 1 to 64";
  const all = Object.keys(targets);
  const names = typeof values.target === "string" ? values.target.split(",") : all;
  const unknown = names.find((name) => !all.includes(name));
  if (unknown !== undefined) return `--target ${unknown} is none of ${all.join(" ")}`;
  return { seconds, names, seed, jobs, keep: values.keep === true };
}

function fuzzOne(target: Target, call: Call, fresh: () => Coverage): boolean {
  const coverage = fresh();
  const name = target.name;
  const chance = newChance(call.seed, name);
  const fuzzer = newFuzzer({ target, chance, coverage, kept: readCorpus(CORPUS, name) });
  const begun = Date.now();
  const endsAt = begun + (call.seconds * 1_000) / call.names.length;
  let toldAt = begun;
  let known: readonly FuzzFinding[] = [];
  for (let goesOn = true; goesOn && Date.now() < endsAt; ) {
    goesOn = fuzzer.batch();
    known = tellNew(name, fuzzer.tally().findings, known);
    if (Date.now() - toldAt < PROGRESS_MS) continue;
    toldAt = Date.now();
    tell(name, call, fuzzer, coverage, begun);
  }
  tell(name, call, fuzzer, coverage, begun);
  if (call.keep) keepLeast(target, fuzzer, fresh());
  return known.length > 0;
}

/** At once, since a long run may be stopped at any time. */
function tellNew(
  name: string,
  findings: readonly FuzzFinding[],
  known: readonly FuzzFinding[],
): readonly FuzzFinding[] {
  for (const each of findings) {
    if (known.includes(each)) continue;
    say(`${name}: FINDING ${writeFinding(CORPUS, name, each.input)}: ${each.what}`);
  }
  return findings;
}

function tell(name: string, { seed }: Call, fuzzer: Fuzzer, coverage: Coverage, begunMs: number): void {
  const { inputs, corpus, findings, slowestUs, slowest } = fuzzer.tally();
  const { covered, known } = coverage.blocks();
  const perSecond = Math.round(inputs / Math.max(0.001, (Date.now() - begunMs) / 1_000));
  say(
    `${name}: seed ${seed}, ${inputs} inputs, ${perSecond}/s, ${covered} of ${known} blocks, corpus ${corpus}, ` +
      `${findings.length} findings, slowest ${Math.round(slowestUs)} us (${slowest.length} bytes)`,
  );
}

function keepLeast(target: Target, fuzzer: Fuzzer, coverage: Coverage): void {
  const least = minimised(fuzzer.corpus(), quietly(target), coverage);
  say(`${target.name}: ${replaceCorpus(CORPUS, target.name, least)} inputs kept`);
}

function quietly(target: Target): (input: Uint8Array) => void {
  return (input) => {
    try {
      target.run(input);
    } catch {
      // Told as a finding already.
    }
  };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Each job is this program again, with one job and a seed of its own. */
async function inJobs(call: Call, args: readonly string[]): Promise<number> {
  const [, program] = process.argv;
  if (program === undefined) return 1;
  const codes = Array.from({ length: call.jobs }, (_, job) => {
    const own = [...args, "--jobs", "1", "--seed", String(call.seed + job)];
    const child = fork(program, job === 0 ? own : own.filter((each) => each !== "--keep"));
    return new Promise<number>((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
  });
  return Math.max(...(await Promise.all(codes)));
}

async function run(args: readonly string[]): Promise<number> {
  const call = callOf(args);
  if (typeof call === "string") {
    process.stderr.write(`fuzz: ${call}\n`);
    return 64;
  }
  if (call.jobs > 1) return await inJobs(call, args);
  const fresh = openCoverage(COUNTED);
  let found = false;
  for (const name of call.names) {
    const target = targets[name]?.();
    if (target === undefined) continue;
    found = fuzzOne(target, call, fresh) || found;
  }
  return found ? 1 : 0;
}

process.exitCode = await run(process.argv.slice(2));
