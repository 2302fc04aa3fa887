/** `spectrum-agent hear`: hands records to a running agent, as a broker would, where none brings them. */
import { askRunningAgent } from "../compose/compose.ts";
import { recordFilesAt } from "../compose/profile-documents.ts";
import { toHex } from "../core/base/bytes.ts";
import { type CommandModule, exitCodes } from "./command.ts";
import { fail, printJson, printLine } from "./output.ts";
import { readProfile } from "./read-profile.ts";

type HearOptions = { readonly profile: string; readonly json?: boolean };

export const hear: CommandModule = {
  name: "hear",
  summary: "hand record files to a running agent, which judges them as if a broker had brought them",
  register(program) {
    program
      .command("hear")
      .description(hear.summary)
      .argument("<file...>", "record files, or folders of them; each after those that it stands on")
      .requiredOption("--profile <file>", "the agent's profile, which names its control socket")
      .option("--json", "one JSON document")
      .action((files: readonly string[], options: HearOptions) => run(files, options));
  },
};

async function run(paths: readonly string[], { profile: file, json }: HearOptions): Promise<void> {
  const profile = readProfile(file);
  if (profile === null) return;
  const records: string[] = [];
  for (const { path, bytes } of await recordFilesAt(paths)) {
    const request = { verb: "hear", arguments: { envelope: toHex(bytes) } };
    const answer = await askRunningAgent(profile.controlPath, request);
    if (!answer.ok) {
      fail({ ...answer, message: `${path}: ${answer.message}`, hint: "" });
      return;
    }
    records.push((answer.result as { readonly record: string }).record);
  }
  if (records.length === 0) {
    fail({ code: "usage", message: "no record file there", hint: "", exit: exitCodes.usage });
    return;
  }
  if (json === true) printJson({ schema: "spectrum-agent.hear/1", records });
  else printLine(`${records.length} records heard`);
}
