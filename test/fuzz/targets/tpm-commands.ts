/** The table of TPM commands, for targets that read both ways. */
import type { Command } from "../../../hardware/tpm/codec/command.ts";
import * as table from "../../../hardware/tpm/codec/commands.ts";

export type AnyCommand = Command<object, object>;

export const commands: readonly AnyCommand[] = (Object.values(table) as readonly unknown[]).filter(
  (entry): entry is AnyCommand =>
    typeof entry === "object" && entry !== null && "response" in entry && "code" in entry,
);
