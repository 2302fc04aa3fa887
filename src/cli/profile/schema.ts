/** `profile schema`: JSON Schemas (draft-07) for editors, of the definitions that check the files. */
import type { Command } from "commander";
import { drivers } from "../../compose/open-ports.ts";
import { type FileKind, fileKinds } from "../../profile/file-kinds.ts";
import { didYouMean } from "../../profile/profile-error.ts";
import { exitCodes } from "../command.ts";
import { fail, printLine } from "../output.ts";

export function schema(group: Command): void {
  group
    .command("schema")
    .description("print the JSON Schema (draft-07) of a kind of file; without one, list them")
    .argument(
      "[kind]",
      fileKinds(drivers)
        .map(({ name }) => name)
        .join(" | "),
    )
    .action((name: string | undefined) => printSchema(name, fileKinds(drivers)));
}

function printSchema(name: string | undefined, kinds: readonly FileKind[]): void {
  if (name === undefined) {
    for (const kind of kinds) printLine(`${kind.name.padEnd(NAME_WIDTH)}  ${kind.about}`);
    return;
  }
  const found = kinds.find((kind) => kind.name === name);
  if (found !== undefined) {
    printLine(JSON.stringify(found.jsonSchema(), null, 2));
    return;
  }
  const names = kinds.map((kind) => kind.name);
  const hint = didYouMean(name, names) || `one of ${names.join(", ")}`;
  fail({
    code: "usage",
    message: `no kind of file is called ${JSON.stringify(name)}`,
    hint,
    exit: exitCodes.usage,
  });
}

const NAME_WIDTH = 10;
