/** The registry of commands: one file and one line here add one. */
import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { PortError } from "../ports/port-error.ts";
import { shippedFile } from "../profile/shipped-file.ts";
import { benchEnrol } from "./bench-enrol.ts";
import { type CommandModule, exitCodes } from "./command.ts";
import { demo } from "./demo.ts";
import { fail } from "./output.ts";
import { run } from "./run.ts";
import { status } from "./status.ts";
import { verify } from "./verify.ts";

const commands: readonly CommandModule[] = [demo, run, status, verify, benchEnrol];

export async function runProgram(argv: readonly string[]): Promise<void> {
  const program = new Command("spectrum-agent")
    .description("Agents on radio hosts that settle blocks of spectrum with one another, from signed records")
    .version(packageVersion())
    .exitOverride();
  for (const command of commands) command.register(program);
  for (const each of program.commands) each.exitOverride();
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError)
      process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    else if (error instanceof PortError) failAtPort(error);
    else throw error;
  }
}

function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(shippedFile("package.json"), "utf8")) as {
    readonly version: string;
  };
  return version;
}

const PORT_EXITS: Readonly<Record<string, number>> = {
  profile: exitCodes.badConfiguration,
  control: exitCodes.notReachable,
  bundle: exitCodes.usage,
};

function failAtPort({ port, code, message, retryable }: PortError): void {
  const exit = retryable ? exitCodes.temporary : (PORT_EXITS[port] ?? exitCodes.hardware);
  fail({ code, message, hint: retryable ? "may go through later without a change" : "", exit });
}
