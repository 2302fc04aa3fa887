/**
 * `npm run mutate -- --seed N --sample M [--jobs J] [--only PATH] [--again]`: changes src/core in one place at a time, M
 * places drawn by the seed, and asks whether the tests of test/core notice. Writes `sample-N.txt` beside this file.
 * `--only` draws below a path and writes nothing; `--again` tries only what the kept list does not call killed.
 * Exit 1 below a score of 90 %, 64 on a wrong call.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundle, bundlePath } from "./bundle.ts";
import { type Compiler, openCompiler } from "./compiles.ts";
import { type Desk, type Outcome, openDesk } from "./desk.ts";
import { allMutants, inLine, type Mutant, sourcesBelow, switched } from "./mutant.ts";
import { plan, type Reach, reachOf } from "./reach.ts";
import { drawn } from "./sample.ts";
import { readKilled, summary, type Tried, told, writeList } from "./verdict.ts";

/** npm starts scripts at the root of the checkout. */
const root: string = process.cwd();
const CACHE: string = join(root, "node_modules/.cache/mutation");
const SCORE_MIN = 0.9;
const PROGRESS_MS = 15_000;
/** A file under a mutant: what a busy machine may add, and how much slower a mistake may make it. */
const BOUND_MS = 60_000;
const BOUND_FACTOR = 10;

type Call = { seed: number; sample: number; jobs: number; only: string; again: boolean };

function callOf(args: readonly string[]): Call | string {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: "string", default: "1" },
      sample: { type: "string", default: "500" },
      jobs: { type: "string", default: "2" },
      only: { type: "string", default: "src/core" },
      again: { type: "boolean", default: false },
    },
  });
  const [seed, sample, jobs] = [Number(values.seed), Number(values.sample), Number(values.jobs)];
  if (!Number.isSafeInteger(seed) || seed < 0) return "--seed is a whole number from 0";
  if (!Number.isSafeInteger(sample) || sample < 1) return "--sample is a whole number from 1";
  if (!Number.isSafeInteger(jobs) || jobs < 1 || jobs > 64) return "--jobs is a whole number from 1 to 64";
  if (!values.only.startsWith("src/core")) return "--only is a path below src/core";
  return { seed, sample, jobs, only: values.only, again: values.again };
}

/** The first `count` of `order` that compile. */
function compiling(order: readonly Mutant[], count: number, compiler: Compiler): readonly Mutant[] {
  const good: Mutant[] = [];
  let looked = 0;
  while (good.length < count && looked < order.length) {
    const next = order.slice(looked, looked + Math.max(60, 2 * (count - good.length)));
    looked += next.length;
    const accepted = compiler(next);
    good.push(...next.filter((each) => accepted.has(each)));
  }
  say(`of ${looked} drawn mutants ${good.length} compile; ${Math.min(count, good.length)} are tried`);
  return good.slice(0, count);
}

/** Kept by what it depends on: drawing and compiling take longer than some runs. */
async function sampled(call: Call): Promise<readonly Mutant[]> {
  const core = sourcesBelow(root, "src/core");
  const hash = createHash("sha256").update(JSON.stringify([call.seed, call.sample, call.only]));
  for (const file of core) hash.update(file).update(readFileSync(join(root, file)));
  const kept = join(CACHE, `sample-${hash.digest("hex").slice(0, 32)}.json`);
  if (existsSync(kept)) return JSON.parse(readFileSync(kept, "utf8")) as readonly Mutant[];
  const files = core.filter((file) => file.startsWith(call.only));
  const all = await allMutants(root, files);
  say(`${all.length} mutants below ${call.only}`);
  const sample = compiling(drawn(all, call.seed), call.sample, openCompiler(root, core));
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(kept, JSON.stringify(sample));
  return sample;
}

/** Calls `work` for every item, as many at a time as there are desks. */
async function atDesks<T>(
  desks: readonly Desk[],
  items: readonly T[],
  work: (desk: Desk, item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const worker = async (desk: Desk): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(desk, item);
  };
  await Promise.all(desks.map(worker));
}

function verdictOf(mutant: Mutant, outcome: Outcome): Tried {
  if (outcome.kind === "silent") return { mutant, verdict: "endless", by: outcome.testFile };
  const { failed } = outcome;
  if (failed === null) return { mutant, verdict: "survived", by: "" };
  const by = `${failed.testFile} > ${inLine(failed.test).slice(0, 160)}`;
  return { mutant, verdict: failed.isEndless ? "endless" : "killed", by };
}

async function reached(
  desks: readonly Desk[],
  cache: string,
  texts: ReadonlyMap<string, string>,
): Promise<readonly Reach[]> {
  const reaches: Reach[] = [];
  const wrong: string[] = [];
  const folder = join(cache, "bundles");
  const testFiles = sourcesBelow(root, "test/core").filter((file) => file.endsWith(".test.ts"));
  await atDesks(desks, testFiles, async (desk, testFile) => {
    await bundle(root, folder, testFile, texts);
    const found = await reachOf(desk, join(cache, "reach"), testFile, bundlePath(folder, testFile));
    if (typeof found === "string") wrong.push(found);
    else reaches.push(found);
  });
  for (const each of wrong) say(`left out, since it fails on unchanged sources: ${each}`);
  return reaches;
}

async function trials(
  desks: readonly Desk[],
  mutants: readonly Mutant[],
  call: Call,
): Promise<readonly Tried[]> {
  const { texts, ids } = await switched(root, mutants);
  const reaches = await reached(desks, CACHE, texts);
  const byFile = new Map(reaches.map((reach) => [reach.testFile, reach]));
  const boundMs = (testFile: string): number => BOUND_MS + BOUND_FACTOR * (byFile.get(testFile)?.ms ?? 0);
  say(`${ids.size} switches, ${reaches.length} test files, after ${seconds()} s`);
  const known = call.again ? readKilled(listPath(call.seed)) : new Map();
  const done: Tried[] = [];
  let toldAt = Date.now();
  await atDesks(desks, mutants, async (desk, mutant) => {
    const before = known.get(mutant.key);
    const id = ids.get(mutant.key) ?? null;
    const files = id === null ? [] : plan(reaches, id, mutant.file);
    if (before !== undefined) done.push({ mutant, ...before });
    else if (files.length === 0) done.push({ mutant, verdict: "unreached", by: "" });
    else done.push(verdictOf(mutant, await desk.run({ mutant: id, files }, boundMs)));
    const last = done.at(-1);
    if (last?.verdict === "survived" || last?.verdict === "unreached")
      say(`${last.verdict} ${told(last.mutant)}`);
    if (Date.now() - toldAt < PROGRESS_MS) return;
    toldAt = Date.now();
    if (call.only === "src/core") writeList(listPath(call.seed), done);
    const alive = done.filter(({ verdict }) => verdict === "survived" || verdict === "unreached").length;
    say(`${done.length} of ${mutants.length}, ${alive} alive, ${seconds()} s`);
  });
  return done;
}

async function run(args: readonly string[]): Promise<number> {
  const call = callOf(args);
  if (typeof call === "string") {
    process.stderr.write(`mutate: ${call}\n`);
    return 64;
  }
  const sample = await sampled(call);
  const desks = Array.from({ length: call.jobs }, () => openDesk(root));
  try {
    const tried = await trials(desks, sample, call);
    if (call.only === "src/core") writeList(listPath(call.seed), tried);
    const { lines, isReached } = summary(tried, SCORE_MIN);
    for (const line of lines) say(line);
    say(`seed ${call.seed}, ${seconds()} s`);
    return isReached ? 0 : 1;
  } finally {
    for (const desk of desks) desk.close();
  }
}

function listPath(seed: number): string {
  return join(root, `test/mutation/sample-${seed}.txt`);
}

function seconds(): string {
  return process.uptime().toFixed(0);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

process.exitCode = await run(process.argv.slice(2));
