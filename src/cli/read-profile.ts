/** Loads a profile for a command, or prints every fault with file, line and column and sets exit 78. */
import { drivers } from "../compose/open-ports.ts";
import type { AgentProfile } from "../profile/agent-profile.ts";
import { loadProfile } from "../profile/load.ts";
import { formatProfileError, type ProfileError } from "../profile/profile-error.ts";
import { exitCodes } from "./command.ts";
import { printMessage } from "./output.ts";

export function readProfile(file: string): AgentProfile | null {
  const loaded = loadProfile(file, drivers);
  if (loaded.ok) return loaded.profile;
  failProfile(loaded.errors);
  return null;
}

export function failProfile(errors: readonly ProfileError[]): void {
  for (const error of errors) printMessage(formatProfileError(error));
  const codes = new Set(errors.map(({ code }) => code));
  for (const code of codes) printMessage(`  more: spectrum-agent explain ${code}`);
  process.exitCode = exitCodes.badConfiguration;
}
