/** `spectrum-agent export`: an agent's log, or what proves one of its leases, as a bundle for others to verify. */
import { type ExportedLog, exportLog } from "../compose/export-log.ts";
import { usage } from "./authority/flags.ts";
import { refuse } from "./authority/shared-options.ts";
import type { CommandModule } from "./command.ts";
import { printJson, printLine, printMessage } from "./output.ts";
import { ID_DIGITS } from "./quantities.ts";
import { readProfile } from "./read-profile.ts";

type ExportOptions = { readonly profile: string; readonly out: string; readonly json?: boolean };

const ARTIFACT = /^[0-9a-f]{8,64}$/;

export const exportCommand: CommandModule = {
  name: "export",
  summary: "write an agent's log, or the records of one lease, as a bundle; the agent may be running",
  register(program) {
    program
      .command("export")
      .description(exportCommand.summary)
      .argument("[artifact]", "first digits of a lease's artifact, eight or more; without it the whole log")
      .requiredOption("--profile <file>", "the agent's profile, which names its state")
      .requiredOption("--out <file>", "the bundle; takes the place of what stands there")
      .option("--json", "one JSON document")
      .action((artifact: string | undefined, options: ExportOptions) => run(artifact ?? null, options));
  },
};

async function run(artifact: string | null, { profile: file, out, json }: ExportOptions): Promise<void> {
  if (artifact !== null && !ARTIFACT.test(artifact)) {
    usage(`${artifact} is not the begin of an artifact's id: eight to sixty-four of 0-9 a-f`);
    return;
  }
  const profile = readProfile(file);
  if (profile === null) return;
  const done = await exportLog(profile, out, artifact);
  if (!done.ok) {
    refuse(done.rejections, file);
    return;
  }
  tell(done.value, out, json === true);
}

function tell({ written, artifact, damagedBytes }: ExportedLog, out: string, json: boolean): void {
  const { lineages, foreign, bytes } = written;
  const records = foreign + lineages.reduce((sum, each) => sum + each.records, 0);
  if (damagedBytes > 0) printMessage(`${damagedBytes} bytes at the log's end do not read back: not exported`);
  if (json) {
    printJson({ schema: "spectrum-agent.export/1", file: out, artifact, records, bytes });
    return;
  }
  const what = artifact === null ? "the whole log" : `lease ${artifact.slice(0, ID_DIGITS)}`;
  printLine(`${what}, ${records} records: ${out}`);
}
