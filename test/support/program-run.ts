/** The built program as a process of its own, which can be sent a signal once it has said something. */
import { spawn } from "node:child_process";

const MAIN = new URL("../../dist/src/main.js", import.meta.url).pathname;
/** A program that hangs is ended by then, and has no exit code. */
const END_MS = 110_000;

export type ProgramEnd = { readonly exit: number | null; readonly stdout: string; readonly stderr: string };

export type ProgramRun = {
  readonly ended: Promise<ProgramEnd>;
  /** Resolves once stderr holds it. Rejects where the program ends before. */
  said(words: RegExp): Promise<void>;
  signal(signal: "SIGINT" | "SIGTERM"): void;
};

export function programRun(argv: readonly string[]): ProgramRun {
  const child = spawn(process.execPath, [MAIN, ...argv], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: END_MS,
    killSignal: "SIGKILL",
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ended = new Promise<ProgramEnd>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exit) => resolve({ exit, stdout, stderr }));
  });
  return {
    ended,
    said: (words) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (words.test(stderr)) resolve();
        };
        child.stderr.on("data", look);
        child.on("close", () => reject(new Error(`ended without ${words}: ${stderr}`)));
        look();
      }),
    signal: (signal) => void child.kill(signal),
  };
}
