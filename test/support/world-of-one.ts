/** A world process and what its transmit log says, for tests that start real programs in a folder of their own. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BootClock, bootClock } from "../../hardware/radio/guard/boot-clock.ts";
import { readTransmitLog, type TransmitReport } from "../../hardware/world/transmit-log.ts";
import { ensureBuilt, repository } from "./built.ts";

export type WorldOfOne = {
  readonly folder: string;
  /** For the drivers' `world` option. */
  readonly address: string;
  readonly clock: BootClock;
  transmitLog(): TransmitReport;
  /** Resolves with the report once `fits` is true of it; rejects after 10 s. */
  logged(fits: (report: TransmitReport) => boolean): Promise<TransmitReport>;
  /** A program of dist with these arguments; ended, if need be, when the world is left. */
  start(program: string, args: readonly string[]): Started;
  leave(): Promise<void>;
};

export type Started = {
  readonly child: ChildProcess;
  /** Exit code, or the signal's name. */
  readonly ended: Promise<number | string | null>;
  /** The first line of its stdout. */
  readonly said: Promise<string>;
};

export async function worldOfOne(): Promise<WorldOfOne> {
  ensureBuilt();
  const folder = mkdtempSync(join(tmpdir(), "spectrum-guard-"));
  const log = join(folder, "transmit.log");
  const address = `unix:${join(folder, "world.sock")}`;
  const clock = bootClock();
  const started: Started[] = [];
  const start = (program: string, args: readonly string[]): Started => {
    const one = startProgram(program, args);
    started.push(one);
    return one;
  };
  const transmitLog = (): TransmitReport => readTransmitLog(readFileSync(log, "utf8"));
  const world = start("dist/hardware/radio/world-main.js", ["--listen", address, "--log", log]);
  await world.said;
  return {
    folder,
    address,
    clock,
    transmitLog,
    start,
    async logged(fits) {
      for (let tries = 0; tries < 400; tries++) {
        const report = transmitLog();
        if (fits(report)) return report;
        await pause(25);
      }
      throw new Error(`the transmit log never fitted:\n${readFileSync(log, "utf8")}`);
    },
    async leave() {
      for (const { child } of started)
        if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await Promise.all(started.map(({ ended }) => ended));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function pause(ms: number): Promise<void> {
  return new Promise((over) => setTimeout(over, ms));
}

function startProgram(program: string, args: readonly string[]): Started {
  const child = spawn(process.execPath, [join(repository, program), ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.on("error", () => {});
  const ended = new Promise<number | string | null>((end) => {
    child.once("exit", (code, signal) => end(code ?? signal));
  });
  const said = new Promise<string>((heard, failed) => {
    child.stdout.once("data", (chunk: Buffer) => heard(chunk.toString("utf8").trim()));
    void ended.then((code) => failed(new Error(`${program} ended with ${code} before it said anything`)));
  });
  said.catch(() => {});
  return { child, ended, said };
}
