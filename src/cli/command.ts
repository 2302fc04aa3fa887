/** What a command of the program is: one file, and one line in the registry. */
import type { Command } from "commander";
import type { ExitCode } from "../core/base/codes/entry.ts";

export type CommandModule = {
  readonly name: string;
  readonly summary: string;
  register(program: Command): void;
};

/** Exit codes of DESIGN §4, which scripts may rely on. */
export const exitCodes = {
  ok: 0,
  negativeVerdict: 1,
  usage: 2,
  notReachable: 3,
  refusedByPolicy: 4,
  hardware: 5,
  notAssured: 6,
  credential: 7,
  temporary: 75,
  badConfiguration: 78,
} as const;

/** The same codes in words. */
export const exitWords: Readonly<Record<ExitCode, string>> = {
  0: "ok",
  1: "negative verdict",
  2: "usage",
  3: "agent not reachable",
  4: "refused by policy",
  5: "hardware missing or failed",
  6: "time or place not assured",
  7: "credential expired or revoked",
  75: "temporary",
  78: "bad configuration",
};
