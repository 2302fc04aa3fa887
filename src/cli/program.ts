/** The registry of commands: one file and one line here add one. */
import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { explainCode } from "../core/base/codes.ts";
import { PortError } from "../ports/port-error.ts";
import { shippedFile } from "../profile/shipped-file.ts";
import { authority } from "./authority.ts";
import { benchEnrol } from "./bench-enrol.ts";
import { type CommandModule, exitCodes, exitWords } from "./command.ts";
import { demo } from "./demo.ts";
import { explain } from "./explain.ts";
import { exportCommand } from "./export.ts";
import { fleet } from "./fleet.ts";
import { hear } from "./hear.ts";
import { init } from "./init.ts";
import { fail } from "./output.ts";
import { profile } from "./profile.ts";
import { rotateKey } from "./rotate-key.ts";
import { run } from "./run.ts";
import { scenario } from "./scenario.ts";
import { sim } from "./sim.ts";
import { status } from "./status.ts";
import { verify } from "./verify.ts";

const commands: readonly CommandModule[] = [
  demo,
  run,
  status,
  exportCommand,
  hear,
  verify,
  authority,
  fleet,
  init,
  benchEnrol,
  rotateKey,
  profile,
  sim,
  scenario,
  explain,
];

export async function runProgram(argv: readonly string[]): Promise<void> {
  endQuietlyOnClosedPipe();
  const program = new Command("spectrum-agent")
    .description("Agents on radio hosts that settle blocks of spectrum with one another, from signed records")
    .version(packageVersion())
    .addHelpText("after", `\nExit codes:\n${exitLines()}`)
    .exitOverride();
  for (const command of commands) command.register(program);
  for (const each of program.commands) overrideExits(each);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError)
      process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    else if (error instanceof PortError) failAtPort(error);
    else if (isSystemError(error)) failAtFile(error);
    else throw error;
  }
}

/** Commands of commands too: none of them ends the process by itself. */
function overrideExits(command: Command): void {
  command.exitOverride();
  for (const each of command.commands) overrideExits(each);
}

function exitLines(): string {
  return Object.entries(exitWords)
    .map(([code, words]) => `  ${code.padEnd(2)}  ${words}`)
    .concat("  130, 143  ended by Ctrl-C, SIGTERM (sim, scenario)")
    .join("\n");
}

/** What the operating system refused: a file or folder that the operator named. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error && "code" in error;
}

function failAtFile({ code, path, syscall }: NodeJS.ErrnoException): void {
  const words = code === undefined ? undefined : SYSTEM_WORDS[code];
  const reason = words === undefined ? (code ?? "an error") : `${words} (${code})`;
  const message = `${path ?? "a file"}: ${syscall ?? "using it"}: ${reason}`;
  const hint = "check the path, and that this user may use it";
  fail({ code: "file-unusable", message, hint, exit: exitCodes.badConfiguration });
}

const SYSTEM_WORDS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EEXIST: "something else stands there",
  EISDIR: "it is a folder",
  ENOENT: "no such file or folder",
  ENOSPC: "no room left",
  ENOTDIR: "a part of the path is no folder",
  EPERM: "not permitted",
  EROFS: "read-only",
};

/** `explain | head` closes the pipe early: that is no fault. */
function endQuietlyOnClosedPipe(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(exitCodes.ok);
  });
}

function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(shippedFile("package.json"), "utf8")) as {
    readonly version: string;
  };
  return version;
}

/** The registry of ids says how a command ends on one; what it does not know is device trouble. */
function failAtPort({ code, message, retryable }: PortError): void {
  const exit = explainCode(code)?.exit ?? (retryable ? exitCodes.temporary : exitCodes.hardware);
  fail({ code, message, hint: retryable ? "may go through later without a change" : "", exit });
}
