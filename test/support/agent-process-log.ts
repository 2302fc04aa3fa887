/** What an agent that has ended left behind: every record of its log, in order, and the state that they fold to. */
import { nodeSignatures } from "../../src/adapters/signatures/node-signatures.ts";
import { openNodeDisk } from "../../src/adapters/store/node-disk.ts";
import { openSegmentStore } from "../../src/adapters/store/segment-store.ts";
import { systemEntropy } from "../../src/adapters/system/entropy.ts";
import { fold } from "../../src/agent/fold.ts";
import type { State } from "../../src/core/agent/state.ts";
import { toHex } from "../../src/core/base/bytes.ts";
import type { KindName } from "../../src/core/record/kinds.ts";
import { type AnyRecord, type RecordOf, readRecord } from "../../src/core/record/record.ts";
import { TIME_RULES_DEFAULT } from "../../src/core/window/assured-time.ts";
import { readEnvelope } from "../../src/core/wire/envelope.ts";
import type { Frame, Tail } from "../../src/ports/store.ts";

export type AgentLog = {
  readonly lineage: string;
  readonly tail: Tail;
  readonly own: readonly AnyRecord[];
  /** Records of others, each with the seq of the own record that it was stored under. */
  readonly foreign: readonly { readonly record: AnyRecord; readonly underSeq: number }[];
  readonly state: State;
  ownOf<K extends KindName>(kind: K): readonly RecordOf<K>[];
  /** The own record with this id. */
  find(id: Uint8Array): AnyRecord | undefined;
  /** The seq of the first own record that the foreign one with this id was stored under. */
  storedUnder(id: Uint8Array): number | undefined;
  /** The state as it was before the own record of that seq. */
  stateBefore(seq: number): Promise<State>;
};

const primitives = nodeSignatures();
/** The fleets' profiles say nothing else. */
const DRIFT_PPM: number = TIME_RULES_DEFAULT.driftPpm;

export async function readAgentLog(folder: string): Promise<AgentLog> {
  const disk = await openNodeDisk(folder);
  const store = await openSegmentStore({ disk, entropy: systemEntropy() });
  const frames: Frame[] = [];
  try {
    for await (const frame of store.frames()) frames.push(frame);
  } finally {
    await store.close();
  }
  const own: AnyRecord[] = [];
  const foreign: { record: AnyRecord; underSeq: number }[] = [];
  for (const frame of frames) {
    const record = parse(frame);
    if (frame.kind === "own") own.push(record);
    else foreign.push({ record, underSeq: own.length });
  }
  const { state } = await fold(of(frames), primitives, DRIFT_PPM);
  const ids = new Map(own.map((record) => [toHex(record.id), record]));
  const stored = new Map<string, number>();
  for (const { record, underSeq } of foreign) {
    const key = toHex(record.id);
    if (!stored.has(key)) stored.set(key, underSeq);
  }
  return {
    lineage: state.key === null ? "" : toHex(state.key.lineage),
    tail: store.tail,
    own,
    foreign,
    state,
    ownOf: <K extends KindName>(kind: K) =>
      own.filter((each) => each.kind === kind) as unknown as RecordOf<K>[],
    find: (id) => ids.get(toHex(id)),
    storedUnder: (id) => stored.get(toHex(id)),
    stateBefore: async (seq) => (await fold(of(before(frames, seq)), primitives, DRIFT_PPM)).state,
  };
}

function parse(frame: Frame): AnyRecord {
  const envelope = readEnvelope(frame.bytes);
  if (!envelope.ok) throw new Error(`the log holds what is no envelope: ${envelope.rejections[0]?.code}`);
  const record = readRecord(envelope.value, primitives.sha256);
  if (!record.ok) throw new Error(`the log holds what is no record: ${record.rejections[0]?.code}`);
  return record.value;
}

/** The frames of the first `count` own records. */
function before(frames: readonly Frame[], count: number): readonly Frame[] {
  let owns = 0;
  let end = 0;
  for (const [at, frame] of frames.entries()) {
    if (owns === count) break;
    if (frame.kind !== "own") continue;
    owns += 1;
    end = at + 1;
  }
  return frames.slice(0, end);
}

async function* of(frames: readonly Frame[]): AsyncGenerator<Frame> {
  for (const frame of frames) yield frame;
}
