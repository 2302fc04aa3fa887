/**
 * One process a folder, by files whose *names* say who holds it: `lock-<boot id>-<pid>-<start time>`. Each first
 * raises its own, then looks for others: of two that try at once, at least one sees the other and steps back.
 * The start time and the boot id keep a dead holder's number, reused by another process, from looking alive.
 */
import { closeSync, openSync, readdirSync, readFileSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { PortError } from "../../ports/port-error.ts";

const LOCK = /^lock-([0-9a-f]{32})-(\d+)-(\d+)$/;
/** In /proc/PID/stat, counted behind the command's closing bracket: field 22 of proc_pid_stat(5). */
const START_TIME_FIELD = 19;

/** Resolves to what lets go of it. Rejects with `store-locked` (retryable) while a living process holds it. */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").replaceAll("-", "").trim();
  const own = `lock-${bootId}-${process.pid}-${startTime(process.pid) ?? 0}`;
  const path = join(folder, own);
  raise(path);
  for (const name of readdirSync(folder)) {
    const holder = LOCK.exec(name);
    if (holder === null || name === own) continue;
    const [, boot, pid, started] = holder;
    if (boot === bootId && startTime(Number(pid)) === Number(started)) {
      unlinkSync(path);
      throw locked(Number(pid));
    }
    removeStale(join(folder, name));
  }
  let held = true;
  return async () => {
    if (held) unlinkSync(path);
    held = false;
  };
}

function raise(path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    // Ours by pid, start time and boot: this very process has the folder open already.
    if (error instanceof Error && "code" in error && error.code === "EEXIST") throw locked(process.pid);
    throw error;
  }
}

function removeStale(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    // Another process that starts at the same moment removed it first.
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
}

/** Clock ticks from boot to the process's start, or null when no such process runs. */
function startTime(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // A zombie waits for its parent only; its files are closed.
    return fields[0] === "Z" ? null : Number(fields[START_TIME_FIELD]);
  } catch {
    return null;
  }
}

function locked(pid: number): PortError {
  return new PortError("store", "store-locked", `process ${pid} has the store open`, true);
}
