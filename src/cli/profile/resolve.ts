/** `profile resolve`: a device profile with all that it extends, as one file. Signing it is left to whoever deploys a fleet. */
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import type { Command } from "commander";
import { drivers } from "../../compose/open-ports.ts";
import { profileHash } from "../../profile/profile-hash.ts";
import { type ResolvedProfile, resolvedYaml, resolveProfile } from "../../profile/resolve-profile.ts";
import { printJson, printLine } from "../output.ts";
import { failProfile } from "../read-profile.ts";

type ResolveOptions = { readonly json?: boolean; readonly origins?: boolean; readonly out?: string };

export function resolveCommand(group: Command): void {
  group
    .command("resolve")
    .description("write a device profile and all that it extends as one file, with absolute paths")
    .argument("<file>", "a device profile")
    .option("--origins", "a comment beside each value: the file and line that it comes from")
    .option("--out <file>", "a fresh file; standard output unless told")
    .option("--json", "one JSON document: the profile, its hash, its files, the origin of each value")
    .action(resolveFile);
}

function resolveFile(file: string, { json = false, origins = false, out }: ResolveOptions): void {
  const loaded = resolveProfile(file, drivers);
  if (!loaded.ok) {
    failProfile(loaded.errors);
    return;
  }
  const text = resolvedYaml(loaded.resolved, origins);
  // Never over a file that stands: it may be one that this one extends.
  if (out !== undefined) writeFileSync(out, text, { flag: "wx" });
  if (json) printJson(documentOf(file, loaded.resolved, out ?? null));
  else if (out === undefined) process.stdout.write(text);
  else printLine(`${out}: ${loaded.resolved.files.length} files, hash ${hashOf(loaded.resolved)}`);
}

function documentOf(file: string, resolved: ResolvedProfile, out: string | null): unknown {
  const { value, files, origins } = resolved;
  const hash = hashOf(resolved);
  return { schema: "spectrum-agent.profile-resolve/1", file, out, hash, files, profile: value, origins };
}

function hashOf({ profile }: ResolvedProfile): string {
  return profileHash(profile, (bytes) => createHash("sha256").update(bytes).digest());
}
