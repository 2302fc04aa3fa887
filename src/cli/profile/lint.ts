/** `profile lint`: every finding in every file, with file, line and column; warnings leave the exit code alone. */
import type { Command } from "commander";
import { drivers } from "../../compose/open-ports.ts";
import { type Linted, lintFile } from "../../profile/lint.ts";
import { formatProfileError } from "../../profile/profile-error.ts";
import { printJson, printLine, printMessage } from "../output.ts";
import { failProfile } from "../read-profile.ts";

export function lint(group: Command): void {
  group
    .command("lint")
    .description("say everything that is wrong with profiles, policies and all other kinds of files")
    .argument("<file...>", "files, told apart by their `schema`")
    .option("--json", "one JSON document")
    .action(lintFiles);
}

function lintFiles(files: readonly string[], { json = false }: { readonly json?: boolean }): void {
  const linted = files.map((file) => ({ file, ...lintFile(file, drivers) }));
  for (const each of linted) tell(each);
  if (json) {
    const rows = linted.map(({ file, kind, errors, warnings }) => {
      return { file, kind, ok: errors.length === 0, errors, warnings };
    });
    printJson({ schema: "spectrum-agent.profile-lint/1", files: rows });
    return;
  }
  for (const { file, kind, errors, warnings } of linted) {
    if (errors.length === 0) printLine(`${file}: ${kind}: sound${counted(warnings.length)}`);
  }
}

function tell({ errors, warnings }: Linted): void {
  for (const each of warnings) printMessage(`warning: ${formatProfileError(each)}`);
  if (errors.length > 0) failProfile(errors);
}

function counted(warnings: number): string {
  if (warnings === 0) return "";
  return warnings === 1 ? ", 1 warning" : `, ${warnings} warnings`;
}
