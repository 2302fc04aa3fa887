/** What a command of the program is: one file, and one line in the registry. */
import type { Command } from "commander";

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
