/** `spectrum-agent scenario`: checks, runs and records scenario files on simulated devices and virtual time. */
import type { Command } from "commander";
import { readScenario } from "../compose/scenarios.ts";
import { type CommandModule, exitCodes } from "./command.ts";
import { printJson, printLine } from "./output.ts";
import { failProfile } from "./read-profile.ts";
import { type DeviceOptions, devicesOf } from "./scenario-devices.ts";
import { fileRow } from "./scenario-reading.ts";
import { type RecordOptions, recordFile } from "./scenario-record.ts";
import { runFiles } from "./scenario-run.ts";
import { type RunOptions, SEED_MAX } from "./scenario-settings.ts";

type CheckOptions = DeviceOptions & { readonly json?: boolean };

const DEVICES = "with --real: its AGENT.yaml in place of that agent's profile";

export const scenario: CommandModule = {
  name: "scenario",
  summary: "check, run or record scenario files: agents, faults on a timeline, expectations",
  register(program) {
    const noun = program.command("scenario").description(scenario.summary);
    noun
      .command("check")
      .description("read scenario files and say everything that is wrong with them, by line and column")
      .argument("<file...>", "scenario files")
      .option("--json", "one JSON document")
      .option("--real", "as `run --real` would read them")
      .option("--devices <folder>", DEVICES)
      .action(checkFiles);
    runOptions(noun.command("run"))
      .description("run scenario files with every invariant on; exit 1 where an expectation fails")
      .argument("<file...>", "scenario files")
      .option("--real", "on the drivers that the profiles name; what needs simulation is skipped by name")
      .option("--devices <folder>", DEVICES)
      .option("--repeat <number>", "so many runs of each file, the seed one higher each time", "1")
      .option("--junit <file>", "write a JUnit report for a continuous integration")
      .action((files: readonly string[], options: RunOptions) => runFiles(files, options));
    runOptions(noun.command("record"))
      .description("run one scenario file and write it again, with what happened as its expectations")
      .argument("<file>", "a scenario file")
      .option("--out <file>", "a fresh file; standard output unless told")
      .action((file: string, options: RecordOptions) => recordFile(file, options));
  },
};

function runOptions(command: Command): Command {
  return command
    .option("--seed <number>", `0 to ${SEED_MAX}; the file's own unless told`)
    .option("--speed <speed>", "max, or 1x for the pace of a clock on the wall; max unless told")
    .option(
      "--artifacts <folder>",
      "keep bundle, trust root, transmit log and records of each run there, in a folder of its own",
    )
    .option("--json", "one JSON document at the end instead of lines of text");
}

/** Says of every file what is wrong with it, and of a sound one what it holds. */
function checkFiles(files: readonly string[], options: CheckOptions): void {
  const devices = devicesOf(options);
  if (!devices.ok) return;
  const json = options.json === true;
  const checked = files.map((file) => ({ file, loaded: readScenario(file, devices.value) }));
  for (const { loaded } of checked) if (!loaded.ok) failProfile(loaded.errors);
  if (json) {
    const rows = checked.map(({ file, loaded }) => fileRow(file, loaded));
    printJson({ schema: "spectrum-agent.scenario-check/1", files: rows });
  }
  if (checked.some(({ loaded }) => !loaded.ok)) process.exitCode = exitCodes.badConfiguration;
  if (json) return;
  for (const { file, loaded } of checked) {
    if (!loaded.ok) continue;
    const { name, agents, steps, faults, expectations } = loaded.scenario;
    printLine(
      `${file}: ${name}: ${agents.length} agents, ${steps.length} steps, ${faults.length} faults, ${expectations.length} expectations`,
    );
  }
}
