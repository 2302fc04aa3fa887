/**
 * `npm run power-cuts -- [--cuts N] [--seed S] [--jobs J] [--plant NAME]`: plan after plan, from seed S on, until power was
 * lost N times. J processes share the seeds and the cuts. Exit 1 on a finding, 64 on a wrong call.
 */
import { fork } from "node:child_process";
import { parseArgs } from "node:util";
import { openCoverage } from "../fuzz/coverage.ts";
import { exploreSeed } from "./explorer.ts";
import { asItIs, plants } from "./plants.ts";
import { newTally, type Tally } from "./world.ts";

const PROGRESS_MS = 10_000;
/** Coverage is read once in so many plans: for the run's last line, not to guide it. */
const PLANS_PER_READING = 64;
const STORE: string = new URL("../../src/adapters/store/", import.meta.url).href;

const OPTIONS = {
  cuts: { type: "string", default: "10000" },
  seed: { type: "string", default: "1" },
  jobs: { type: "string", default: "1" },
  plant: { type: "string" },
  /** Of a job: seeds go up by so many. */
  stride: { type: "string", default: "1" },
} as const;

type Call = {
  readonly cuts: number;
  readonly seed: number;
  readonly jobs: number;
  readonly stride: number;
  readonly plant: string | null;
};

function callOf(args: readonly string[]): Call | string {
  const { values, tokens } = parseArgs({ args: [...args], options: OPTIONS, strict: false, tokens: true });
  const wrong = tokens.find((each) => each.kind !== "option" || !Object.hasOwn(OPTIONS, each.name));
  if (wrong !== undefined) return `only --${Object.keys(OPTIONS).join(" --")} are known`;
  const [cuts, seed, jobs, stride] = [values.cuts, values.seed, values.jobs, values.stride].map(Number) as [
    number,
    number,
    number,
    number,
  ];
  if (!Number.isSafeInteger(cuts) || cuts < 1) return "--cuts is a whole number from 1";
  if (!Number.isSafeInteger(seed) || seed < 0 || seed >= 2 ** 32)
    return "--seed is a whole number below 2^32";
  if (!Number.isSafeInteger(jobs) || jobs < 1 || jobs > 64) return "--jobs is a whole number from 1 to 64";
  if (!Number.isSafeInteger(stride) || stride < 1) return "--stride is a whole number from 1";
  const plant = values.plant === undefined ? null : String(values.plant);
  if (plant !== null && !Object.hasOwn(plants, plant))
    return `--plant ${plant} is none of ${Object.keys(plants).join(" ")}`;
  return { cuts, seed, jobs, stride, plant };
}

/** True when a promise was broken. */
async function explore({ cuts, seed, stride, plant }: Call): Promise<boolean> {
  const lens = plant === null ? asItIs : (plants[plant] ?? asItIs);
  const coverage = openCoverage([STORE])();
  const tally = newTally();
  const begunMs = performance.now();
  let toldMs = begunMs;
  let next = seed;
  const tell = (): void => {
    const { covered, known } = coverage.blocks();
    const seconds = (performance.now() - begunMs) / 1_000;
    say(
      `seeds ${seed} to ${next - stride} by ${stride}: ${told(tally, seconds)}, ${covered} of ${known} blocks`,
    );
  };
  for (; tally.cuts < cuts; next += stride) {
    const found = await exploreSeed(next, tally, lens);
    if (tally.plans % PLANS_PER_READING === 1 || found !== null) coverage.keep(coverage.read());
    if (found !== null) {
      const where = found.operation === null ? "at the end" : `at operation ${found.operation}`;
      say(`FINDING seed ${found.seed}, power lost ${where}: ${found.what}`);
      say(
        `  npm run power-cuts -- --seed ${found.seed} --cuts 1${plant === null ? "" : ` --plant ${plant}`}`,
      );
      next += stride;
      tell();
      return true;
    }
    if (performance.now() - toldMs < PROGRESS_MS) continue;
    toldMs = performance.now();
    tell();
  }
  coverage.keep(coverage.read());
  tell();
  return false;
}

function told(tally: Tally, seconds: number): string {
  const rate = Math.round(tally.cuts / Math.max(0.001, seconds));
  return (
    `${tally.cuts} cuts, ${rate}/s, ${tally.cutsInRecovery} of them in a recovery, ${tally.cutsAtRest} at rest, ` +
    `${tally.plans} plans, ${tally.openings} openings, ${tally.appends} appends, ${tally.tornTails} torn tails; ` +
    `${tally.flushErrors} flush errors, ${tally.writeErrors} write errors, ${tally.fullDisks} full disks`
  );
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Each job is this program again: every J-th seed from one of its own on, and its share of the cuts. */
async function inJobs({ cuts, seed, jobs, plant }: Call): Promise<boolean> {
  const [, program] = process.argv;
  if (program === undefined) return true;
  const codes = Array.from({ length: jobs }, (_, job) => {
    const share = Math.ceil(cuts / jobs);
    const numbers = ["--cuts", `${share}`, "--seed", `${seed + job}`, "--stride", `${jobs}`];
    const child = fork(program, [...numbers, ...(plant === null ? [] : ["--plant", plant])]);
    return new Promise<number>((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
  });
  return (await Promise.all(codes)).some((code) => code !== 0);
}

const call = callOf(process.argv.slice(2));
if (typeof call === "string") {
  process.stderr.write(`power-cuts: ${call}\n`);
  process.exitCode = 64;
} else {
  process.exitCode = (await (call.jobs > 1 ? inJobs(call) : explore(call))) ? 1 : 0;
}
