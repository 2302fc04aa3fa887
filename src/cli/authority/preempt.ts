/** `authority preempt`: a directive that silences radios in a band, over the authority's own area, as a file. */
import { preempt as issueDirective } from "../../authority/preempt.ts";
import { writeRecordFile } from "../../compose/offline-authority.ts";
import { toHex } from "../../core/base/bytes.ts";
import { PREEMPTION_CAUSES } from "../../core/record/kinds/preemption.ts";
import type { RecordOf } from "../../core/record/record.ts";
import { readDuration, readFrequency } from "../../profile/flag-quantity.ts";
import { printJson, printLine } from "../output.ts";
import { instant } from "../quantities.ts";
import { wholeNumber } from "../whole-number.ts";
import { flagValue, usage } from "./flags.ts";
import { asWriter, type Subcommand, type WritingOptions, writing } from "./shared-options.ts";

type PreemptOptions = WritingOptions & {
  readonly lower: string;
  readonly upper: string;
  readonly for?: string;
  readonly cause: string;
  readonly leases?: string;
  readonly out: string;
};

export const preempt: Subcommand = (group) => {
  writing(group.command("preempt"))
    .description("silence the radios of a band in the authority's own area, within its budgets")
    .requiredOption("--lower <frequency>", "lower edge, as 3550MHz")
    .requiredOption("--upper <frequency>", "upper edge")
    .option("--for <duration>", "as 10min; without it for as long as the authority's credential lasts")
    .option("--cause <word>", PREEMPTION_CAUSES.join(" | "), "unstated")
    .option(
      "--leases <n>",
      "hits so many leases of one receiver at most; budgets of leases or silence ask for it",
    )
    .requiredOption("--out <file>", "the directive's record, for everybody in scope")
    .action((options: PreemptOptions) => run(options));
};

async function run(options: PreemptOptions): Promise<void> {
  const lowerHz = flagValue("lower", options.lower, readFrequency);
  const upperHz = flagValue("upper", options.upper, readFrequency);
  const lastsUs = options.for === undefined ? undefined : flagValue("for", options.for, readDuration);
  const leasesMax =
    options.leases === undefined ? undefined : wholeNumber("leases", options.leases, 0, 1_000_000);
  const cause = PREEMPTION_CAUSES.find((each) => each === options.cause);
  if (cause === undefined) usage(`--cause ${options.cause} is none of ${PREEMPTION_CAUSES.join(", ")}`);
  if (lowerHz === null || upperHz === null || lastsUs === null || leasesMax === null || cause === undefined)
    return;
  const written = await asWriter(options, (authority, nowUs) => {
    const untilUs = lastsUs === undefined ? null : nowUs + lastsUs;
    return issueDirective(
      authority,
      { lowerHz, upperHz, cause, untilUs, leasesMax: leasesMax ?? null },
      nowUs,
    );
  });
  if (written === null) return;
  await writeRecordFile(options.out, written);
  if (options.json === true) printJson(viewOf(written, options.out));
  else printDirective(written, options.out);
}

function viewOf({ id, body }: RecordOf<"preemption">, file: string): Readonly<Record<string, unknown>> {
  const { issuedUs, untilUs, cause, leasesMax, zones, budgets } = body;
  const schema = "spectrum-agent.authority-preempt/1";
  const bands = zones.map(({ lowerHz, upperHz, commodityClass }) => ({ lowerHz, upperHz, commodityClass }));
  return { schema, file, directive: toHex(id), issuedUs, untilUs, cause, leasesMax, bands, budgets };
}

function printDirective({ body }: RecordOf<"preemption">, file: string): void {
  const until =
    body.untilUs === null ? "as long as this authority's credential" : `until ${instant(body.untilUs)}`;
  printLine(`silence in ${body.zones.length} zones, ${until}, cause ${body.cause}: ${file}`);
  for (const { term, used, allowed } of body.budgets)
    printLine(`budget ${term}: ${used} of ${allowed} used, ${allowed - used} remain`);
}
