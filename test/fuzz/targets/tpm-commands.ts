/** The table of TPM commands, for targets that read both ways. */
import type { Command } from "../../../hardware/tpm/codec/command.ts";
import * as table from "../../../hardware/tpm/codec/commands.ts";
import * as policy from "../../../hardware/tpm/codec/policy-commands.ts";

export type AnyCommand = Command<object, object>;

/** Later ones last: kept inputs name a command by its place. */
const { activateCredential, policySecret, startAuthSession, ...later } = policy;
const entries: readonly unknown[] = [
  ...Object.values(table),
  activateCredential,
  policySecret,
  startAuthSession,
  ...Object.values(later),
];

export const commands: readonly AnyCommand[] = entries.filter(
  (entry): entry is AnyCommand =>
    typeof entry === "object" && entry !== null && "response" in entry && "code" in entry,
);
