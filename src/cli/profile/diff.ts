/** `profile diff`: in what two files of a kind differ, once all bases are laid under them. Exit 0 the same, 1 different. */
import type { Command } from "commander";
import { drivers } from "../../compose/open-ports.ts";
import { compareFiles, type Difference, type Side } from "../../profile/profile-diff.ts";
import { exitCodes } from "../command.ts";
import { printJson, printLine } from "../output.ts";
import { failProfile } from "../read-profile.ts";

export function diff(group: Command): void {
  group
    .command("diff")
    .description("say in what two files of a kind differ, key by key; exit 1 where they do")
    .argument("<before>", "a file")
    .argument("<after>", "another")
    .option("--json", "one JSON document")
    .action(diffFiles);
}

function diffFiles(before: string, after: string, { json = false }: { readonly json?: boolean }): void {
  const compared = compareFiles(before, after, drivers);
  if (!compared.ok) {
    failProfile(compared.errors);
    return;
  }
  const { differences } = compared;
  if (json) printJson({ schema: "spectrum-agent.profile-diff/1", before, after, differences });
  else for (const each of differences) printLine(lineOf(each));
  if (differences.length > 0) process.exitCode = exitCodes.negativeVerdict;
}

function lineOf(difference: Difference): string {
  const { path, change } = difference;
  switch (change) {
    case "added":
      return `added ${path}: ${sideOf(difference.after)}`;
    case "removed":
      return `removed ${path}: ${sideOf(difference.before)}`;
    case "changed":
      return `changed ${path}: ${sideOf(difference.before)} -> ${sideOf(difference.after)}`;
  }
}

function sideOf({ value, file, line }: Side): string {
  return `${JSON.stringify(value)} (${file}:${line})`;
}
