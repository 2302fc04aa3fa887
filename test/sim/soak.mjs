/**
 * Runs seed after seed of the simulation, one child process a core, until told to stop, and adds up what they did.
 *
 *   npm run sim:soak -- [--from SEED] [--seeds N] [--seconds S] [--events M] [--agents K] [--jobs J]
 *
 * Ends with exit 1 as soon as the seeds under way are done after a breach; each breach is printed with its replay.
 */
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { weatherAndStrikes } from "../../dist/src/sim/faults/fault-names.js";

const PROGRESS_MS = 10_000;
/** MiB: most of what a world makes is gone within a few events; of the usual 16 too much of it outlives a collection. */
const YOUNG_SPACE = "--max-semi-space-size=192";
const program = fileURLToPath(new URL("../../dist/src/main.js", import.meta.url));

const { values } = parseArgs({
  options: {
    from: { type: "string", default: "1" },
    seeds: { type: "string", default: "1000000" },
    seconds: { type: "string", default: "60" },
    events: { type: "string", default: "1000000" },
    agents: { type: "string", default: "20" },
    jobs: { type: "string", default: String(availableParallelism()) },
  },
});
const [from, seeds, seconds, jobs] = [values.from, values.seeds, values.seconds, values.jobs].map(Number);

const begun = performance.now();
const total = {
  seeds: 0,
  events: 0,
  faults: 0,
  strikes: 0,
  settlements: 0,
  transmissions: 0,
  virtualUs: 0,
  perSecond: [],
};
const struck = new Map();
const breaches = [];
let next = from;

/** @param {number} seed @returns {Promise<any>} */
function simulate(seed) {
  const args = ["sim", "--json", "--seed", `${seed}`, "--events", values.events, "--agents", values.agents];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [YOUNG_SPACE, program, ...args], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    let text = "";
    child.stdout.on("data", (chunk) => {
      text += chunk;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      try {
        resolve(JSON.parse(text));
      } catch {
        reject(new Error(`seed ${seed} ended with ${code} and no report`));
      }
    });
  });
}

function add(report) {
  const faults = Object.entries(report.faults);
  for (const [name, count] of faults) struck.set(name, (struck.get(name) ?? 0) + count);
  total.seeds += 1;
  total.events += report.events;
  total.faults += faults.reduce((sum, [, count]) => sum + count, 0);
  const { strikes } = weatherAndStrikes(report.faults);
  total.strikes += Object.values(strikes).reduce((sum, count) => sum + count, 0);
  total.settlements += report.records.settlement ?? 0;
  total.transmissions += report.transmissions;
  total.virtualUs += report.virtualUs;
  total.perSecond.push(report.eventsPerSecond);
  if (report.breach === null) return;
  breaches.push(report);
  const { invariant, text, atEvent } = report.breach;
  console.log(`BROKEN seed ${report.seed}: ${invariant} at event ${atEvent}: ${text}`);
  const world = `--seed ${report.seed} --events ${values.events} --agents ${report.agents}`;
  console.log(`  spectrum-agent sim ${world}${report.breach.atEnd ? "" : ` --until ${atEvent}`}`);
}

function line() {
  const elapsed = ((performance.now() - begun) / 1000).toFixed(0);
  const middle = [...total.perSecond].sort((a, b) => a - b)[Math.floor(total.perSecond.length / 2)] ?? 0;
  return `${elapsed} s: ${total.seeds} seeds, ${total.events} events (median ${middle}/s a job), ${total.faults} faults (${total.strikes} of them not of single deliveries or wakes), ${total.settlements} settlements, ${breaches.length} breaches`;
}

async function job() {
  while (next < from + seeds && breaches.length === 0 && performance.now() - begun < seconds * 1000) {
    const seed = next;
    next += 1;
    add(await simulate(seed));
  }
}

const progress = setInterval(() => console.error(line()), PROGRESS_MS);
await Promise.all(Array.from({ length: jobs }, job));
clearInterval(progress);
console.log(line());
console.log(`seeds ${from} to ${next - 1}, ${values.agents} agents, ${values.events} stormy events each`);
console.log(
  [...struck]
    .sort()
    .map(([name, count]) => `${name} ${count}`)
    .join(", "),
);
if (breaches.length > 0) process.exitCode = 1;
