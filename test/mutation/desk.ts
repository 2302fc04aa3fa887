/** A trial program and its time bound: one trial at a time, a new program after one that did not come back. */
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { Trial, TrialAnswer } from "./trial.ts";

export type Outcome =
  | Extract<TrialAnswer, { kind: "done" }>
  /** Nothing was heard of the file within its time, or the program died over it. */
  | { readonly kind: "silent"; readonly testFile: string; readonly died: boolean };

export type Desk = {
  /** `boundMs` of a test file: how long it may take under a mutant. */
  readonly run: (trial: Trial, boundMs: (testFile: string) => number) => Promise<Outcome>;
  readonly close: () => void;
};

const PROGRAM = join(import.meta.dirname, "trial-program.js");
/** A program keeps what every mutant left in its packages' caches: a fresh one after so many trials. */
const TRIALS_MAX = 200;

export function openDesk(root: string): Desk {
  let child: ChildProcess | null = null;
  let trials = 0;
  const end = (): void => {
    child?.removeAllListeners();
    child?.kill("SIGKILL");
    child = null;
    trials = 0;
  };
  return {
    async run(trial, boundMs) {
      if (trials >= TRIALS_MAX) end();
      trials += 1;
      child ??= fork(PROGRAM, { cwd: root, stdio: ["ignore", "ignore", "inherit", "ipc"] });
      const outcome = await heard(child, trial, boundMs);
      if (outcome.kind === "silent") end();
      return outcome;
    },
    close: end,
  };
}

function heard(child: ChildProcess, trial: Trial, boundMs: (testFile: string) => number): Promise<Outcome> {
  return new Promise((resolve) => {
    let testFile = trial.files[0]?.testFile ?? "";
    let timer = setTimeout(() => settle({ kind: "silent", testFile, died: false }), boundMs(testFile));
    const settle = (outcome: Outcome): void => {
      clearTimeout(timer);
      child.off("message", onMessage);
      child.off("exit", onExit);
      resolve(outcome);
    };
    const onExit = (): void => settle({ kind: "silent", testFile, died: true });
    const onMessage = (message: unknown): void => {
      const said = message as TrialAnswer;
      if (said.kind === "done") {
        settle(said);
        return;
      }
      testFile = said.testFile;
      clearTimeout(timer);
      timer = setTimeout(() => settle({ kind: "silent", testFile, died: false }), boundMs(testFile));
    };
    child.on("message", onMessage);
    child.on("exit", onExit);
    child.send(trial);
  });
}
