/** `profile resolve`: a device profile with all that it extends, as one file; signed by an operator where one is named. */
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import type { Command } from "commander";
import { signText } from "../../authority/profile-signature.ts";
import { drivers } from "../../compose/open-ports.ts";
import { signatureFile } from "../../compose/trusted-profile.ts";
import { accept } from "../../core/base/rejection.ts";
import { profileHash } from "../../profile/profile-hash.ts";
import { type ResolvedProfile, resolvedYaml, resolveProfile } from "../../profile/resolve-profile.ts";
import { formatSignature } from "../../profile/signature-schema.ts";
import { asWriter } from "../authority/shared-options.ts";
import { exitCodes } from "../command.ts";
import { fail, printJson, printLine } from "../output.ts";
import { failProfile } from "../read-profile.ts";

type ResolveOptions = {
  readonly json?: boolean;
  readonly origins?: boolean;
  readonly out?: string;
  readonly sign?: string;
  readonly passphraseFile?: readonly string[];
};

export function resolveCommand(group: Command): void {
  group
    .command("resolve")
    .description("write a device profile and all that it extends as one file, with absolute paths")
    .argument("<file>", "a device profile")
    .option("--origins", "a comment beside each value: the file and line that it comes from")
    .option("--out <file>", "a fresh file; standard output unless told")
    .option("--sign <folder>", "with --out: also OUT.signature, by the keys of the authority in this folder")
    .option(
      "--passphrase-file <file...>",
      "first line: passphrase of those keys; asked for at the terminal without it",
    )
    .option("--json", "one JSON document: the profile, its hash, its files, the origin of each value")
    .action(resolveFile);
}

function resolveFile(file: string, options: ResolveOptions): Promise<void> | undefined {
  const { origins = false, out, sign } = options;
  if (sign !== undefined && out === undefined) {
    fail({ code: "usage", message: "--sign asks for --out", hint: "", exit: exitCodes.usage });
    return undefined;
  }
  const loaded = resolveProfile(file, drivers);
  if (!loaded.ok) {
    failProfile(loaded.errors);
    return undefined;
  }
  const text = resolvedYaml(loaded.resolved, origins);
  if (sign !== undefined) return resolveSigned({ file, text, resolved: loaded.resolved }, sign, options);
  written({ file, text, resolved: loaded.resolved }, null, options);
  return undefined;
}

type Resolution = { readonly file: string; readonly text: string; readonly resolved: ResolvedProfile };

async function resolveSigned(resolution: Resolution, sign: string, options: ResolveOptions): Promise<void> {
  const signature = await signatureOf(resolution.text, sign, options);
  if (signature !== null) written(resolution, signature, options);
}

function written(
  { file, text, resolved }: Resolution,
  signature: string | null,
  { json = false, out }: ResolveOptions,
): void {
  // Never over a file that stands: it may be one that this one extends.
  if (out !== undefined) writeFileSync(out, text, { flag: "wx" });
  if (out !== undefined && signature !== null) writeFileSync(signatureFile(out), signature, { flag: "wx" });
  if (json) printJson(documentOf(file, resolved, out ?? null));
  else if (out === undefined) process.stdout.write(text);
  else {
    printLine(`${out}: ${resolved.files.length} files, hash ${hashOf(resolved)}`);
    if (signature !== null) printLine(`${signatureFile(out)}: signed`);
  }
}

/** Null after a refusal was told. */
async function signatureOf(
  text: string,
  authority: string,
  { passphraseFile = [] }: ResolveOptions,
): Promise<string | null> {
  const bytes = new TextEncoder().encode(text);
  const signed = await asWriter({ authority, passphraseFile }, async (opened) =>
    accept(await signText(opened, { domain: "profile", bytes })),
  );
  return signed === null ? null : formatSignature(signed);
}

function documentOf(file: string, resolved: ResolvedProfile, out: string | null): unknown {
  const { value, files, origins } = resolved;
  const hash = hashOf(resolved);
  return { schema: "spectrum-agent.profile-resolve/1", file, out, hash, files, profile: value, origins };
}

function hashOf({ profile }: ResolvedProfile): string {
  return profileHash(profile, (bytes) => createHash("sha256").update(bytes).digest());
}
