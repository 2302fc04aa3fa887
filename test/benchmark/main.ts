/** `npm run bench [-- --json]`: how dear settling and storing are beside a script that does only what is needed. */
import { availableParallelism, loadavg } from "node:os";
import { benchAppend } from "./append.ts";
import { benchDurable } from "./durable.ts";
import { openMarket } from "./market.ts";
import { asText, type Report, rowOfAppend } from "./report.ts";
import { benchSettle } from "./settle.ts";
import { benchWorst } from "./worst.ts";

/** As `append.ts` runs. */
const APPEND_ROUNDS = 5;

const before = loadavg()[0] ?? 0;
const market = await openMarket();
const rows = [...(await benchSettle(market)), ...(await benchDurable(market))];
for (const row of await benchAppend()) rows.push(rowOfAppend(row, APPEND_ROUNDS));
const report: Report = {
  schema: "spectrum-agent.bench/1",
  node: process.version,
  load: [before, loadavg()[0] ?? 0],
  cores: availableParallelism(),
  rows,
  worstInput: await benchWorst(market),
};
process.stdout.write(process.argv.includes("--json") ? `${JSON.stringify(report)}\n` : asText(report));
