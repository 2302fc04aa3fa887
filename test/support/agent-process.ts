/** One agent as an operating system process of its own: `run --profile`, its control socket, its log when it has ended. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { askAgent } from "../../src/adapters/control/unix-client.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import type { ControlAnswer } from "../../src/ports/control.ts";
import { PortError } from "../../src/ports/port-error.ts";
import { type AgentLog, readAgentLog } from "./agent-process-log.ts";
import { repository } from "./built.ts";

export type LeaseRow = {
  readonly artifact: string;
  readonly role: "holder" | "consumer";
  readonly awaits: string | null;
  readonly phase: string;
  readonly termination: string | null;
  readonly relinquishment: string | null;
};

export type AgentStatus = {
  readonly ready: boolean;
  readonly notReady: Readonly<Record<string, string>>;
  readonly records?: number;
  readonly radio?: { readonly on: boolean; readonly lease?: string };
  readonly leases?: readonly LeaseRow[];
  readonly offers?: readonly { readonly id: string }[];
  readonly time?: object | null;
  readonly quarantine?: string | null;
  /** How often each code refused something here. */
  readonly refused?: Readonly<Record<string, number>>;
};

export type CommandResult = {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
};

export type AgentProcess = {
  readonly folder: string;
  readonly profile: string;
  /** Of the process that runs now, or ran last. */
  pid(): number;
  start(failpoint?: string): void;
  /** Sends the signal only. */
  signal(signal: NodeJS.Signals): void;
  /** Resolves with the exit code or the signal's name. */
  ended(): Promise<number | string | null>;
  /** SIGTERM, SIGKILL after 15 s, and waits for the end. */
  stop(): Promise<number | string | null>;
  /** Over the control socket; null where nobody answers. */
  status(): Promise<AgentStatus | null>;
  ask(verb: string, given: Readonly<Record<string, unknown>>): Promise<ControlAnswer>;
  /** What the failpoint wrote before it killed. */
  failpointsReached(): string;
  said(): string;
  /** Before the first start: the log lies at `path` from now on, perhaps on another disk. */
  moveLog(path: string): Promise<void>;
  /** Opens the store: only while no process runs. */
  log(): Promise<AgentLog>;
  /** The same of a copy, while a process may run: at least what was flushed when it was asked. */
  logSoFar(): Promise<AgentLog>;
};

const MAIN = join(repository, "dist/src/main.js");
const STOP_MS_MAX = 15_000;
const STATUS_US_MAX = 5_000_000;
const SAID_MAX = 8_000;
/** The last batch may end in zeros of its own. */
const RESERVE_KEPT_BYTES = 64;

/** `folder` holds `profile.yaml`, and becomes the agent's state. */
export function agentProcess(folder: string): AgentProcess {
  const profile = join(folder, "profile.yaml");
  const failpointLog = join(folder, "failpoints.log");
  const clock = systemClock();
  let child: ChildProcess | null = null;
  let ended: Promise<number | string | null> = Promise.resolve(null);
  let said = "";

  async function ask(verb: string, given: Readonly<Record<string, unknown>>): Promise<ControlAnswer> {
    const path = join(folder, "control.sock");
    return askAgent({ path, clock, answerTimeoutUs: STATUS_US_MAX }, { verb, arguments: given });
  }

  return {
    folder,
    profile,
    pid: () => child?.pid ?? 0,
    start(failpoint) {
      const env = {
        ...process.env,
        ...(failpoint === undefined
          ? {}
          : {
              SPECTRUM_FAILPOINT: failpoint,
              SPECTRUM_FAILPOINTS_ALLOWED: "yes",
              SPECTRUM_FAILPOINT_LOG: failpointLog,
            }),
      };
      const started = spawn(process.execPath, [MAIN, "run", "--profile", profile], {
        stdio: ["ignore", "pipe", "pipe"],
        env,
      });
      const hear = (chunk: Buffer): void => {
        said = (said + chunk.toString()).slice(-SAID_MAX);
      };
      started.stdout.on("data", hear);
      started.stderr.on("data", hear);
      ended = new Promise((resolve) => {
        started.once("exit", (code, signal) => resolve(code ?? signal));
      });
      child = started;
    },
    signal: (signal) => {
      child?.kill(signal);
    },
    ended: () => ended,
    async stop() {
      if (child === null || child.exitCode !== null || child.signalCode !== null) return ended;
      // One that was stopped by SIGSTOP hears SIGTERM only when it goes on.
      child.kill("SIGCONT");
      child.kill("SIGTERM");
      const late = setTimeout(() => child?.kill("SIGKILL"), STOP_MS_MAX);
      const how = await ended;
      clearTimeout(late);
      return how;
    },
    async status() {
      try {
        const answer = await ask("status", {});
        return answer.ok ? (answer.result as AgentStatus) : null;
      } catch (error) {
        if (error instanceof PortError) return null;
        throw error;
      }
    },
    ask,
    failpointsReached: () => (existsSync(failpointLog) ? readFileSync(failpointLog, "utf8") : ""),
    said: () => said,
    async moveLog(path) {
      await mkdir(path, { mode: 0o700 });
      for (const name of await readdir(join(folder, "log"))) {
        const bytes = await readFile(join(folder, "log", name));
        await writeFile(join(path, name), withoutReserve(bytes), { mode: 0o600 });
      }
      await rm(join(folder, "log"), { recursive: true });
      await symlink(path, join(folder, "log"));
    },
    log: () => readAgentLog(join(folder, "log")),
    async logSoFar() {
      const copy = await mkdtemp(join(folder, "copy-"));
      try {
        // Without the lock, which names the process that holds the original.
        const filter = (from: string): boolean => !basename(from).startsWith("lock-");
        await cp(await realpath(join(folder, "log")), copy, { recursive: true, filter });
        return await readAgentLog(copy);
      } finally {
        await rm(copy, { recursive: true, force: true });
      }
    },
  };
}

/** The zeros that the store sets aside behind its last batch may not find room on another disk. */
function withoutReserve(bytes: Uint8Array): Uint8Array {
  const last = bytes.findLastIndex((byte) => byte !== 0);
  return bytes.subarray(0, last + 1 + RESERVE_KEPT_BYTES);
}

/** A command of the program, as a person types it. */
export function runCommand(args: readonly string[]): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
}
