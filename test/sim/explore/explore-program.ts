/** Explores the scope named first, as a process of its own: one JSON line at the end, progress before it. */
import { createHash } from "node:crypto";
import { explore } from "../../../src/sim/explore/explore.ts";
import { SCOPE_DEFAULT, type Scope } from "../../../src/sim/explore/scope.ts";

const [change = "{}", statesMax = "10000000"] = process.argv.slice(2);
const scope: Scope = { ...SCOPE_DEFAULT, ...(JSON.parse(change) as Partial<Scope>) };
const begunMs = performance.now();
let [explored, total] = [run(0), 0];
// With few adverse events first: what is found then has the shortest cause.
for (let adverse = 1; adverse <= scope.adverse && explored.breach === null; adverse++) {
  total += explored.states;
  explored = run(adverse);
}
const seconds = Math.round((performance.now() - begunMs) / 100) / 10;
process.stdout.write(`${JSON.stringify({ ...explored, statesBefore: total, seconds })}\n`);

function run(adverse: number): ReturnType<typeof explore> {
  return explore(
    { ...scope, adverse },
    {
      sha256: (bytes) => createHash("sha256").update(bytes).digest(),
      statesMax: Number(statesMax),
      onProgress: (states, depth) => process.stderr.write(`${states} states, ${depth} events deep\n`),
    },
  );
}
