/** Loads a profile for a command, or prints every fault with file, line and column and sets exit 78. */
import type { Command } from "commander";
import { type ProfileTrust, trustedProfile } from "../compose/trusted-profile.ts";
import type { AgentProfile } from "../profile/agent-profile.ts";
import { formatProfileError, type ProfileError } from "../profile/profile-error.ts";
import { refuse } from "./authority/shared-options.ts";
import { exitCodes } from "./command.ts";
import { printMessage } from "./output.ts";

/** Whom a host obeys, for commands that act by a profile. */
export function trusting(command: Command): Command {
  return command
    .option(
      "--operator <file>",
      "inception record of whoever signs it; operator.record beside the profile unless told",
    )
    .option("--unsigned", "take the profile as it stands, whoever wrote it");
}

export function readProfile(file: string, trust: ProfileTrust = {}): AgentProfile | null {
  const read = trustedProfile(file, trust);
  if (read.kind === "profile") return read.profile;
  if (read.kind === "errors") failProfile(read.errors);
  else refuse(read.rejections, read.file);
  return null;
}

export function failProfile(errors: readonly ProfileError[]): void {
  for (const error of errors) printMessage(formatProfileError(error));
  const codes = new Set(errors.map(({ code }) => code));
  for (const code of codes) printMessage(`  more: spectrum-agent explain ${code}`);
  process.exitCode = exitCodes.badConfiguration;
}
