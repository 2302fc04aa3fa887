/** The guard program as a child of the agent: it mutes and ends by itself when the agent's end of its stdin closes. */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Clock } from "../../src/ports/clock.ts";
import type { Log } from "../../src/ports/log.ts";
import { PortError } from "../../src/ports/port-error.ts";

export type GuardChild = {
  readonly pid: number;
  /** True until the process has ended. */
  alive(): boolean;
  /** SIGTERM, which mutes; SIGKILL when that takes too long. Resolves when the process has ended. */
  stop(): Promise<void>;
};

/** How long the program may take until its socket is there, µs. */
const START_US_MAX = 15_000_000;
const STOP_US_MAX = 5_000_000;
/** Longest piece of the program's own words that goes into the log, characters. */
const SAID_MAX = 500;

/** Rejects with PortError `radio-guard-failed` when the program ends or is silent before it is ready. */
export async function guardChild(args: readonly string[], clock: Clock, log: Log): Promise<GuardChild> {
  const child = spawn(process.execPath, [guardProgram(), ...args, "--exit-with-stdin"], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  let said = "";
  child.stdin.on("error", () => {});
  child.stderr.on("data", (chunk: Buffer) => {
    said = chunk.toString("latin1").trim().slice(0, SAID_MAX);
    log.warn("radio.guard", { said });
  });
  const ended = new Promise<void>((end) => {
    child.once("exit", () => end());
    child.once("error", () => end());
  });
  const alive = (): boolean =>
    child.exitCode === null && child.signalCode === null && child.pid !== undefined;
  const stop = async (): Promise<void> => {
    if (!alive()) return;
    child.kill("SIGTERM");
    const cancel = clock.at(clock.read().bootUs + STOP_US_MAX, () => child.kill("SIGKILL"));
    await ended;
    cancel();
  };
  if (!(await ready(child, ended, clock))) {
    await stop();
    throw new PortError("radio", "radio-guard-failed", `the guard did not start: ${said}`, true);
  }
  return { pid: child.pid ?? 0, alive, stop };
}

/** The compiled program: beside this file, or in dist when this file runs as a source under test. */
function guardProgram(): string {
  const place = import.meta.url.endsWith(".ts")
    ? "../../dist/hardware/radio/guard/main.js"
    : "./guard/main.js";
  return fileURLToPath(new URL(place, import.meta.url));
}

function ready(child: ChildProcess, ended: Promise<void>, clock: Clock): Promise<boolean> {
  return new Promise((known) => {
    const cancel = clock.at(clock.read().bootUs + START_US_MAX, () => known(false));
    const decide = (is: boolean): void => {
      cancel();
      known(is);
    };
    // The one line that it prints.
    child.stdout?.once("data", () => decide(true));
    void ended.then(() => decide(false));
  });
}
