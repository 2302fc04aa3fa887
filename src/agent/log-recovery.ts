/** Drops the queue and folds the log anew, with records that peers kept stored before it (PROTOCOL §2 Order, Quarantine). */
import type { Entry } from "../core/agent/state.ts";
import { equalBytes } from "../core/base/bytes.ts";
import type { PackEnvelope } from "../core/wire/envelope.ts";
import { PortError } from "../ports/port-error.ts";
import type { Frame } from "../ports/store.ts";
import type { AppendQueue } from "./append-queue.ts";
import { type Failpoints, failpoint } from "./failpoints.ts";
import { pause } from "./pause.ts";
import type { QuarantineMark } from "./quarantine-mark.ts";
import { type Refolded, type RefoldParts, refold } from "./refold.ts";

export type LogRecovery = {
  /** Silence at once; then, one after another: the store quiet, `entries` stored, the log folded, the core told. */
  begin(reason: string, entries?: readonly Entry[]): void;
  /** What is queued until then is lost with the rest. */
  underWay(): boolean;
};

export type LogRecoveryParts = RefoldParts & {
  readonly pack: PackEnvelope;
  readonly failpoints: Failpoints;
  readonly queue: AppendQueue;
  readonly mark: QuarantineMark;
  readonly mute: (reason: string) => void;
  readonly onFolded: (reason: string, folded: Refolded) => void;
};

export function logRecovery(parts: LogRecoveryParts): LogRecovery {
  const { queue, mute, onFolded, stopped } = parts;
  let last: Promise<void> = Promise.resolve();
  let begun = 0;

  async function recover(reason: string, entries: readonly Entry[]): Promise<void> {
    await queue.stored();
    if (entries.length > 0) await restore(parts, entries);
    const folded = stopped() ? null : await refold(parts);
    begun -= 1;
    if (folded !== null) onFolded(reason, folded);
  }

  return {
    begin(reason, entries = []) {
      begun += 1;
      mute(reason);
      queue.drop();
      last = last.then(() => recover(reason, entries));
    },
    underWay: () => begun > 0,
  };
}

const AGAIN_US = 1_000_000;

/**
 * One flush an entry, so that a kill in between leaves a log that the rest chains on to; the mark that makes the next start
 * go on with it is flushed first. After a flush error the fold tells how far it came.
 */
async function restore(parts: LogRecoveryParts, entries: readonly Entry[]): Promise<void> {
  const { agent, mark, failpoints, pack } = parts;
  const [first] = entries;
  // Asked for before an earlier recovery moved the head: the fold that follows decides anew.
  if (first === undefined || !equalBytes(first.own.header.previous, agent.durable.head)) return;
  await mark.settled();
  for (const { own, foreign } of entries) {
    await failpoint(failpoints, "before-restore");
    const brought = foreign.map((each): Frame => ({ kind: "foreign", bytes: pack(each.envelope) }));
    if (!(await stored(parts, [...brought, { kind: "own", bytes: pack(own.envelope) }]))) return;
  }
}

/** False where only a fold can tell what came through. */
async function stored(
  { store, clock, health, stopped }: LogRecoveryParts,
  frames: readonly Frame[],
): Promise<boolean> {
  while (!stopped()) {
    try {
      await store.append(frames);
      return true;
    } catch (error) {
      if (!(error instanceof PortError)) throw error;
      health.set("store", `${error.code}: ${error.message}`);
      await pause(clock, AGAIN_US);
      if (!error.retryable) return false;
    }
  }
  return false;
}
