/** Runs the simulation with a planted bug in it, seed after seed, until an invariant breaks that asks for its promise. */
import { execFile } from "node:child_process";
import type { PlantedBug } from "./planted-bug.ts";
import { plantedTree } from "./planted-tree.ts";

export type Hunt = {
  readonly seeds: number;
  readonly events: number;
  readonly agents: number;
  /** With the calm that follows the storm, or without. */
  readonly calm: boolean;
};

export type Catch = {
  readonly seed: number;
  readonly invariant: string;
  readonly text: string;
  /** Events until the breach, and of all seeds before it. */
  readonly events: number;
  readonly eventsBefore: number;
};

export type HuntResult = {
  /** Null: no invariant that was to find it broke in any seed. */
  readonly caught: Catch | null;
  /** What broke before, in other seeds, and was not to find it. */
  readonly others: readonly Catch[];
  readonly seconds: number;
  /** Seeds that ended without a report, and why. */
  readonly failures: readonly string[];
};

/** A seed that says nothing for so long is given up; of the shipped program the slowest takes a tenth of it. */
const SEED_MS_MAX = 300_000;
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

/** Seeds from 1 on. `bug` null: the package as it is. */
export async function hunt(root: string, bug: PlantedBug | null, plan: Hunt): Promise<HuntResult> {
  const tree = plantedTree(root, bug);
  const begun = performance.now();
  const failures: string[] = [];
  const others: Catch[] = [];
  let [caught, eventsBefore]: [Catch | null, number] = [null, 0];
  try {
    for (let seed = 1; seed <= plan.seeds && caught === null; seed++) {
      const found = await runSeed(tree.program, seed, plan);
      if (typeof found === "string") failures.push(`seed ${seed}: ${found}`);
      else if (found.breach === null) eventsBefore += found.events;
      else {
        const { invariant, text, atEvent: events } = found.breach;
        const breach = { seed, invariant, text, events, eventsBefore };
        if (bug === null || bug.by.includes(invariant)) caught = breach;
        else others.push(breach);
        eventsBefore += events;
      }
    }
  } finally {
    tree.remove();
  }
  return { caught, others, seconds: (performance.now() - begun) / 1000, failures };
}

type SeedReport = {
  readonly events: number;
  readonly breach: { readonly invariant: string; readonly text: string; readonly atEvent: number } | null;
};

/** The report of one seed, or why there is none. */
function runSeed(
  program: string,
  seed: number,
  { events, agents, calm }: Hunt,
): Promise<SeedReport | string> {
  const world = ["--seed", `${seed}`, "--events", `${events}`, "--agents", `${agents}`];
  const options = [...world, ...(calm ? [] : ["--until", `${events}`]), "--json"];
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [program, "sim", ...options],
      { timeout: SEED_MS_MAX, killSignal: "SIGKILL", maxBuffer: OUTPUT_BYTES_MAX },
      (error, stdout, stderr) => {
        const report = reportIn(stdout);
        if (report !== null) resolve(report);
        else if (error?.killed === true) resolve(`no report within ${SEED_MS_MAX / 1000} s`);
        else
          resolve(`no report: ${stderr.split("\n").find((each) => /Error/.test(each)) ?? "no error either"}`);
      },
    );
  });
}

function reportIn(stdout: string): SeedReport | null {
  try {
    return JSON.parse(stdout) as SeedReport;
  } catch {
    return null;
  }
}
