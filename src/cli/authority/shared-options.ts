/** What the commands of an authority share: whose folder, whose passphrase, and how a refusal is told. */
import type { Command } from "commander";
import {
  type AuthorityPlace,
  passphrasesFrom,
  typedPassphrase,
  type Work,
  writeAuthority,
} from "../../compose/offline-authority.ts";
import { explainCode } from "../../core/base/codes.ts";
import type { Rejection } from "../../core/base/rejection.ts";
import { exitCodes } from "../command.ts";
import { fail } from "../output.ts";
import { comparison } from "../quantities.ts";
import { askPassphrase } from "./ask-passphrase.ts";

export type Subcommand = (group: Command) => void;

export type AuthorityOptions = { readonly authority: string; readonly json?: boolean };
export type WritingOptions = AuthorityOptions & { readonly passphraseFile?: readonly string[] };

export function reading(command: Command): Command {
  return command
    .requiredOption("--authority <folder>", "the authority's folder")
    .option("--json", "one JSON document");
}

export function writing(command: Command): Command {
  return reading(command).option(
    "--passphrase-file <file...>",
    "first line: passphrase of the keys; one for all, or one for each; without it, asked for at the terminal",
  );
}

/** Does `work` as the folder's only writer, tells a refusal, and gives what came of it or null. */
export async function asWriter<T>(
  { authority, passphraseFile = [] }: WritingOptions,
  work: Work<T>,
  about = "",
): Promise<T | null> {
  const place: AuthorityPlace = {
    folder: authority,
    passphrases: await passphrases(passphraseFile, false),
  };
  const done = await writeAuthority(place, work);
  if (done.ok) return done.value;
  refuse(done.rejections, about);
  return null;
}

/** `twice`: for keys that are made, so that a slip is noticed. */
export async function passphrases(files: readonly string[], twice: boolean): Promise<readonly Uint8Array[]> {
  if (files.length > 0) return passphrasesFrom(files);
  return [typedPassphrase(await askPassphrase(twice))];
}

/** `about`: the file that the fields are of. */
export function refuse(rejections: readonly Rejection[], about = ""): void {
  for (const { code, field, measured, required } of rejections) {
    const where = [about, field].filter((each) => each !== "").join(" ");
    const compared = comparison(measured, required);
    const message = [where, compared].filter((each) => each !== "").join(": ");
    fail({ code, message, hint: "", exit: exitCodes.credential });
  }
  const [first] = rejections;
  process.exitCode = (first === undefined ? null : explainCode(first.code)?.exit) ?? exitCodes.credential;
}
