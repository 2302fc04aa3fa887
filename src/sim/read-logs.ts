/** Logs as their disks give them, each time to the last byte; what was worked out of bytes that still stand is kept by their hash. */
import { type Folded, fold } from "../agent/fold.ts";
import type { State } from "../core/agent/state.ts";
import type { Agent } from "../core/agent/turn.ts";
import { assert } from "../core/base/assert.ts";
import { concat, equalBytes } from "../core/base/bytes.ts";
import type { Primitives } from "../core/base/primitives.ts";
import type { AnyRecord } from "../core/record/record.ts";
import { recordOfBytes } from "../core/record/record-of-bytes.ts";
import { PortError } from "../ports/port-error.ts";
import type { Frame } from "../ports/store.ts";
import type { Host } from "./host.ts";

export type LogRecord = { readonly record: AnyRecord; readonly bytes: Uint8Array; readonly isOwn: boolean };

/** One log up to the last record that its agent knows to be durable. */
export type ReadLog = {
  readonly host: Host;
  readonly agent: Agent;
  /** What all of it folds to, from nothing. */
  readonly state: State;
  /** What was not there at the last reading: all of it where something of then has changed. */
  readonly fresh: readonly LogRecord[];
};

export type LogReader = {
  /** Null for a host that does not run, or whose disk cannot be read: it is left for the next time. */
  read(host: Host): Promise<ReadLog | null>;
};

/** Bytes that were folded: how many frames, and the chain of their hashes. */
type Kept = { readonly frames: number; readonly hash: Uint8Array; readonly folded: Worked };
type Worked = Pick<Folded, "state" | "documents">;

const NOTHING: Uint8Array = new Uint8Array(32);

export function newLogReader(primitives: Primitives): LogReader {
  const kept = new Map<Host, Kept>();
  return {
    async read(host) {
      const [agent, frames] = [host.agent(), host.frames()];
      if (agent === null || frames === null) return null;
      const found = await upTo(frames, agent.durable.nextSeq);
      if (found === null) return null;
      const hashes = hashesOf(found, primitives);
      const known = kept.get(host);
      const before = known !== undefined && stands(known, hashes) ? known : null;
      // What is folded further is no longer what it was.
      kept.delete(host);
      const rest = found.slice(before?.frames ?? 0);
      const folded = await foldOn(before, rest, agent, primitives);
      if (folded === null) return null;
      const { state, documents } = folded;
      kept.set(host, { frames: found.length, hash: hashes.at(-1) ?? NOTHING, folded: { state, documents } });
      return { host, agent, state, fresh: rest.map((each) => recordIn(each, primitives)) };
    },
  };
}

/** The frames up to the own record before `nextSeq`. */
async function upTo(frames: AsyncIterable<Frame>, nextSeq: number): Promise<readonly Frame[] | null> {
  const found: Frame[] = [];
  let own = 0;
  try {
    for await (const frame of frames) {
      if (own >= nextSeq) break;
      if (frame.kind === "own") own += 1;
      found.push(frame);
    }
    return found;
  } catch (error) {
    return unlessPortError(error);
  }
}

function stands({ frames, hash }: Kept, hashes: readonly Uint8Array[]): boolean {
  return equalBytes(hashes[frames - 1] ?? NOTHING, hash);
}

/** By position: over everything up to there. */
function hashesOf(frames: readonly Frame[], { sha256 }: Primitives): readonly Uint8Array[] {
  let last = NOTHING;
  return frames.map(({ kind, bytes }) => {
    last = sha256(concat(last, Uint8Array.of(kind === "own" ? 1 : 0), bytes));
    return last;
  });
}

function foldOn(
  before: Kept | null,
  rest: readonly Frame[],
  { config }: Agent,
  primitives: Primitives,
): Promise<Worked | null> {
  const frames = (async function* () {
    yield* rest;
  })();
  return fold(frames, primitives, config.clockDriftPpm, before?.folded).catch(unlessPortError);
}

function recordIn({ kind, bytes }: Frame, primitives: Primitives): LogRecord {
  const record = recordOfBytes(bytes, primitives);
  assert(record.ok, "the fold has read the same frames");
  return { record: record.value, bytes, isOwn: kind === "own" };
}

function unlessPortError(error: unknown): null {
  if (error instanceof PortError) return null;
  throw error;
}
