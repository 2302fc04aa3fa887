/** Opens one lineage's log: folds it, sets the quarantine mark before a tail is cut, writes the inception (PROTOCOL §2). */
import type { Store, Tail } from "../ports/store.ts";
import { type Folded, fold } from "./fold.ts";
import { type IdentityParts, signedInception } from "./identity.ts";

export const QUARANTINE_MARK = "quarantine";

export type OpenedLog = {
  readonly folded: Folded;
  /** Why the start is unclean, or null. */
  readonly quarantine: string | null;
};

/** Safe at every instant: the mark is durable before the tail goes, and stands until a quarantine-end is. */
export async function openLog(parts: IdentityParts, ownDriftPpm: number = 0): Promise<OpenedLog> {
  const { store, primitives } = parts;
  const before = await fold(store.frames(), primitives, ownDriftPpm);
  const cut = tailReason(store.tail);
  if (cut !== null) {
    await store.writeMark(QUARANTINE_MARK, markOf(before.state.nextSeq, cut));
    await store.cutTail();
  }
  const standing = await standingMark(store, before.state.quarantineEndSeq);
  if (before.state.key !== null) return { folded: before, quarantine: standing };
  const inception = await signedInception(parts);
  await store.append([{ kind: "own", bytes: parts.pack(inception.envelope) }]);
  return { folded: await fold(store.frames(), primitives, ownDriftPpm), quarantine: standing };
}

function tailReason(tail: Tail): string | null {
  if (tail.kind === "clean") return null;
  const what = tail.kind === "torn" ? "the last batch is incomplete" : "flushed bytes do not read back";
  return `${what}: ${tail.lostBytes} bytes cut`;
}

/** `seq reason`: the quarantine is over once a quarantine-end stands at or after that seq. */
export function markOf(nextSeq: number, reason: string): Uint8Array {
  return new TextEncoder().encode(`${nextSeq} ${reason}`);
}

async function standingMark(store: Store, quarantineEndSeq: number): Promise<string | null> {
  const mark = await store.readMark(QUARANTINE_MARK);
  if (mark === null) return null;
  const [seq = "0", ...words] = new TextDecoder().decode(mark).split(" ");
  if (quarantineEndSeq < Number(seq)) return words.join(" ");
  await store.writeMark(QUARANTINE_MARK, null);
  return null;
}
