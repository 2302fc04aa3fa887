/** The keys that the records themselves prove: from each inception, along its rotations (PROTOCOL §2 Identity). */
import { idText } from "../base/bytes.ts";
import type { Primitives } from "../base/primitives.ts";
import type { AnyRecord, RecordOf } from "../record/record.ts";
import { certificateFaults, type LineageKeys, sessionOf, withSession } from "../record/session.ts";
import {
  checkSigned,
  type Inception,
  isInception,
  keyOfInception,
  keyOfRotation,
  type SigningKey,
  signerOfRecord,
} from "../record/signing-key.ts";

/** By lineage in hex: its keys in the order in which they followed each other, at least one. */
export type KeysOfLineages = ReadonlyMap<string, readonly SigningKey[]>;

/** The same, with the session keys that they certified. */
export type SignersOfLineages = ReadonlyMap<string, LineageKeys>;

export function signersOfLineages(records: readonly AnyRecord[], primitives: Primitives): SignersOfLineages {
  const known = new Map<string, LineageKeys>();
  for (const [lineage, keys] of keysOfLineages(records, primitives))
    known.set(lineage, { keys, sessions: [] });
  for (const record of records) {
    if (record.kind !== "session-key") continue;
    const lineage = idText(record.header.lineage);
    const of = known.get(lineage);
    if (of === undefined || !isCertified(record, of.keys, primitives)) continue;
    const session = sessionOf(record, primitives.sha256);
    known.set(lineage, { ...of, sessions: withSession(of.sessions, session, Number.POSITIVE_INFINITY) });
  }
  return known;
}

/** A session key certifies none, itself neither: a certificate is by the device's own key. */
function isCertified(
  record: RecordOf<"session-key">,
  keys: readonly SigningKey[],
  primitives: Primitives,
): boolean {
  const key = signerOfRecord(record, keys, primitives.sha256);
  return key.ok && isSigned(record, key.value, primitives) && certificateFaults(record).length === 0;
}

export function keysOfLineages(records: readonly AnyRecord[], primitives: Primitives): KeysOfLineages {
  const keys = new Map<string, readonly SigningKey[]>();
  const rotations = new Map<string, RecordOf<"key-rotation">[]>();
  for (const record of records) {
    const lineage = idText(record.header.lineage);
    if (record.kind === "key-rotation") {
      const of = rotations.get(lineage);
      if (of === undefined) rotations.set(lineage, [record]);
      else of.push(record);
    }
    if (!isInception(record) || keys.has(lineage)) continue;
    const key = firstKey(record, primitives);
    if (key !== null) keys.set(lineage, [key]);
  }
  for (const [lineage, of] of rotations) {
    const first = keys.get(lineage);
    if (first !== undefined) keys.set(lineage, followed(first, of, primitives));
  }
  return keys;
}

/** An inception's own key, where it certifies itself and is signed by it. */
export function firstKey(record: Inception, primitives: Primitives): SigningKey | null {
  const key = keyOfInception(record, primitives.sha256);
  return key.ok && isSigned(record, key.value, primitives) ? key.value : null;
}

function followed(
  keys: readonly SigningKey[],
  rotations: readonly RecordOf<"key-rotation">[],
  primitives: Primitives,
): readonly SigningKey[] {
  const inOrder = [...rotations].sort(
    (a, b) => a.header.epoch - b.header.epoch || a.header.seq - b.header.seq,
  );
  const so = [...keys];
  for (const rotation of inOrder) {
    const last = so.at(-1);
    const next = last === undefined ? null : keyOfRotation(rotation, last, primitives.sha256);
    if (next?.ok === true && isSigned(rotation, next.value, primitives)) so.push(next.value);
  }
  return so;
}

function isSigned(record: AnyRecord, key: SigningKey, primitives: Primitives): boolean {
  return checkSigned(record, key, primitives).ok;
}
