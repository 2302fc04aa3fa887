/** `npm run sim:planted`: plants each bug, and says which seed found it, by which invariant, after how long. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { PlantedBug } from "./planted-bug.ts";
import { plantedBugs } from "./planted-bugs.ts";
import { type HuntResult, hunt } from "./planted-run.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    seeds: { type: "string" },
    events: { type: "string" },
    agents: { type: "string" },
    unpatched: { type: "boolean" },
    calm: { type: "boolean" },
  },
});

/** Both cores of the machine that this is written for. */
const AT_A_TIME = 2;
const AGENTS = 10;
const SEEDS = 6;
const EVENTS = 12_000;
/** From out/planted/test/sim/planted, where this is compiled to. */
const ROOT = join(import.meta.dirname, "../../../../..");

function line(text: string): void {
  process.stdout.write(`${text}\n`);
}

function told(name: string, { caught, others, seconds, failures }: HuntResult): string {
  const took = `${seconds.toFixed(0)} s`;
  const stray = others.map(
    ({ seed, invariant, text }) => `; seed ${seed} broke ${invariant}: ${text.split("\n")[0]}`,
  );
  const without = [...stray, ...failures.map((each) => `; ${each}`)].join("");
  if (caught === null) return `NOT FOUND ${name} (${took})${without}`;
  const { seed, invariant, text, events, eventsBefore } = caught;
  const after = eventsBefore === 0 ? `${events} events` : `${events} events and ${eventsBefore} before`;
  return `found     ${name}: seed ${seed}, ${after}, ${took}, ${invariant}: ${text.split("\n")[0]}${without}`;
}

async function huntAll(bugs: readonly (PlantedBug | null)[]): Promise<readonly string[]> {
  const waiting = [...bugs];
  const missed: string[] = [];
  const worker = async (): Promise<void> => {
    for (let bug = waiting.shift(); bug !== undefined; bug = waiting.shift()) {
      const plan = {
        seeds: Number(values.seeds ?? bug?.seeds ?? SEEDS),
        events: Number(values.events ?? EVENTS),
        agents: Number(values.agents ?? AGENTS),
        calm: values.calm ?? bug?.calm ?? false,
      };
      const result = await hunt(ROOT, bug, plan);
      line(told(bug?.name ?? "unpatched", result));
      const isRight = (bug === null) === (result.caught === null) && result.failures.length === 0;
      if (!isRight) missed.push(bug?.name ?? "unpatched");
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  return missed;
}

const names = values.only ?? [];
const unknown = names.filter((name) => !plantedBugs.some((bug) => bug.name === name));
const picked = plantedBugs.filter(({ name, unfound }) =>
  names.length === 0 ? unfound === undefined : names.includes(name),
);
if (unknown.length > 0) {
  line(`no planted bug is named ${unknown.join(", ")}`);
  process.exitCode = 78;
} else {
  const bugs = values.unpatched === true ? [null] : picked;
  const missed = await huntAll(bugs);
  line(`${bugs.length - missed.length} of ${bugs.length} as they should be`);
  for (const { name, unfound } of names.length === 0 ? plantedBugs : [])
    if (unfound !== undefined) line(`not hunted ${name}: ${unfound}`);
  if (missed.length > 0) line(`not so: ${missed.join(", ")}`);
  process.exitCode = missed.length === 0 ? 0 : 1;
}
