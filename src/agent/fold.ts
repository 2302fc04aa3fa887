/** Rebuilds the durable state from the log: `apply` over every entry, as it was when it was written (DESIGN §2). */
import { apply } from "../core/agent/apply.ts";
import { emptyState, type State } from "../core/agent/state.ts";
import type { Primitives } from "../core/base/primitives.ts";
import type { Rejection } from "../core/base/rejection.ts";
import type { KindName } from "../core/record/kinds.ts";
import type { AnyRecord, RecordOf } from "../core/record/record.ts";
import { recordOfBytes } from "../core/record/record-of-bytes.ts";
import { isBySession, sessionOfRecord } from "../core/record/session.ts";
import { checkSigned, type RecordSigner } from "../core/record/signing-key.ts";
import { PortError } from "../ports/port-error.ts";
import type { Frame } from "../ports/store.ts";

export type Folded = {
  readonly state: State;
  readonly documents: Map<string, AnyRecord>;
  /** Inceptions and other foreign records that the log holds, for the caches of a new run. */
  readonly foreign: readonly AnyRecord[];
};

/**
 * Each record names the one before it, so the last one's signature stands for all own records; foreign ones are named by
 * their ids. Where that is by a session key, it stands for those after the last one by the device's own, which are of the
 * kinds that such a key may sign. `before`: the fold of all frames before these; it goes on in its state and documents,
 * which are then no longer what they were. PortError {port: "store", code: "log-corrupt"} on what cannot be read.
 */
export async function fold(
  frames: AsyncIterable<Frame>,
  primitives: Primitives,
  ownDriftPpm: number = 0,
  before: Pick<Folded, "state" | "documents"> = nothing(),
): Promise<Folded> {
  const { state, documents } = before;
  const kept: AnyRecord[] = [];
  let foreign: AnyRecord[] = [];
  let last: AnyRecord | null = null;
  let lastByDevice: AnyRecord | null = null;
  for await (const frame of frames) {
    const record = parse(frame, primitives);
    if (frame.kind === "foreign") {
      foreign.push(record);
      continue;
    }
    apply(state, { own: record, foreign }, { primitives, documents, ownDriftPpm });
    kept.push(...foreign);
    foreign = [];
    last = record;
    if (sessionIn(state, record) === null) lastByDevice = record;
  }
  if (last !== lastByDevice) checkOwn(state, last, primitives);
  checkOwn(state, lastByDevice, primitives);
  return { state, documents, foreign: kept };
}

function nothing(): Pick<Folded, "state" | "documents"> {
  return { state: emptyState(), documents: new Map() };
}

/** Who signs for the session key that the header of an own record names; null where it names the device's own. */
function sessionIn(state: State, own: AnyRecord): RecordSigner | null {
  if (!isBySession(own, state)) return null;
  const session = sessionOfRecord(own, state);
  if (!session.ok) throw corrupt(session.rejections);
  return session.value.signer;
}

function checkOwn(state: State, own: AnyRecord | null, primitives: Primitives): void {
  const signer = own === null ? null : (sessionIn(state, own) ?? state.key);
  if (own === null || signer === null) return;
  const signed = checkSigned(own as RecordOf<KindName>, signer, primitives);
  if (!signed.ok) throw corrupt(signed.rejections);
}

function parse(frame: Frame, primitives: Primitives): AnyRecord {
  const record = recordOfBytes(frame.bytes, primitives);
  if (!record.ok) throw corrupt(record.rejections);
  return record.value;
}

function corrupt(rejections: readonly Rejection[]): PortError {
  const codes = rejections.map(({ code, field }) => `${code} at ${field || "the record"}`).join(", ");
  return new PortError(
    "store",
    "log-corrupt",
    `the log holds a record that does not read back: ${codes}`,
    false,
  );
}
