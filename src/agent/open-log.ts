/** Opens one lineage's log: folds it, sets the quarantine mark before a tail is cut, writes the inception (PROTOCOL §2). */
import { equalBytes, toHex } from "../core/base/bytes.ts";
import { keyId } from "../core/record/identity.ts";
import { PortError } from "../ports/port-error.ts";
import type { Store, Tail } from "../ports/store.ts";
import { type Folded, fold } from "./fold.ts";
import { type IdentityParts, signedInception } from "./identity.ts";
import { QUARANTINE_MARK } from "./quarantine-mark.ts";

export type OpenedLog = {
  readonly folded: Folded;
  /** Why the start is unclean, or null. */
  readonly quarantine: string | null;
};

/** Safe at every instant: the mark is durable before the tail goes, and stands until a quarantine-end is. */
export async function openLog(parts: IdentityParts, ownDriftPpm: number = 0): Promise<OpenedLog> {
  const { store, primitives } = parts;
  const before = await fold(store.frames(), primitives, ownDriftPpm);
  refuseForeignLog(before, parts);
  await cutUnclean(store, before);
  const standing = await standingMark(store, before.state.quarantineEndSeq);
  if (before.state.key !== null) return { folded: before, quarantine: standing };
  const inception = await signedInception(parts);
  await store.append([{ kind: "own", bytes: parts.pack(inception.envelope) }]);
  return { folded: await fold(store.frames(), primitives, ownDriftPpm), quarantine: standing };
}

/**
 * The mark is durable before the tail goes; `folded` is what the good frames give. Nothing is done where the tail is
 * clean. PortError {port: "store", code: "log-corrupt"} where nothing good is left: then nothing is cut.
 */
export async function cutUnclean(store: Store, { state }: Folded): Promise<void> {
  if (state.key === null && store.tail.kind === "damaged") {
    const text = "flushed bytes do not read back and the inception is among them: nothing was cut";
    throw new PortError("store", "log-corrupt", text, false);
  }
  const cut = tailReason(store.tail);
  if (cut === null) return;
  await store.writeMark(QUARANTINE_MARK, markOf(state.nextSeq, cut));
  await store.cutTail();
}

/** A log is continued by its own key alone: another one would append what nobody can verify. */
function refuseForeignLog({ state }: Folded, { key, primitives }: IdentityParts): void {
  if (state.key === null) return;
  const own = keyId(key.suite, key.publicKey, primitives.sha256);
  if (equalBytes(own, state.key.keyId)) return;
  const text = `the log was begun by key ${toHex(state.key.keyId).slice(0, 16)}, the TPM now has ${toHex(own).slice(0, 16)}`;
  throw new PortError("signer", "signer-not-of-log", text, false);
}

/** Why a tail has to be cut; null where it need not. */
export function tailReason(tail: Tail): string | null {
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
