/** Which key has to have signed a record that came in, and how rotations are followed (PROTOCOL §2, §3). */
import { equalBytes } from "../base/bytes.ts";
import { type Result, refuse, rejection } from "../base/rejection.ts";
import type { AnyRecord } from "../record/record.ts";
import { isInception, keyOfInception, type SigningKey, signerOfRecord } from "../record/signing-key.ts";
import { bounds } from "./bounds.ts";
import { ownTime } from "./own-evidence.ts";
import type { Turn } from "./turn.ts";
import { want } from "./want.ts";

/** Who handed the bytes in: anybody on the mesh, the operator's files, or the own log at a start. */
export type Origin = "peer" | "operator" | "log";

/** Who has to have signed `record`; `not-known` where the author's inception, or a rotation, is still to come. */
export function keyFor(turn: Turn, record: AnyRecord, origin: Origin): Result<SigningKey> | "not-known" {
  const { sha256 } = turn.agent.config.primitives;
  const { lineage, signerKey } = record.header;
  const keys = isOwn(turn, record) ? turn.agent.durable.keys : turn.agent.volatile.known.keysOf(lineage);
  const last = keys.at(-1);
  if (isInception(record)) return keyOfInception(record, sha256);
  if (last === undefined) return "not-known";
  if (record.kind !== "key-rotation" && keys.every(({ keyId }) => !equalBytes(keyId, signerKey))) {
    if (equalBytes(signerKey, last.nextKeyHash)) return "not-known";
    // Perhaps of a key two rotations on: who has them is asked, and the record will be sent again. Anybody can forge
    // such a record, so that these questions never use up those for what binds.
    if (!isOwn(turn, record)) want(turn, lineage, [lineage], bounds.OFFER_WANTS_PER_SECOND);
    return refuse(rejection("signer-unknown", "header.signerKey", {}, { signer: "a key of its lineage" }));
  }
  const signer = signerOfRecord(record, keys, sha256);
  const at = signer.ok ? keys.indexOf(signer.value) : -1;
  const next = at < 0 ? undefined : keys[at + 1];
  if (next === undefined || origin !== "peer") return signer;
  // Its own key may be a thief's by now: what is not yet known here, and claims to be old, is taken in for a while only.
  const latestUs = ownTime(turn)?.latestUs ?? null;
  if (latestUs !== null && latestUs < next.acceptedUntilUs) return signer;
  const measured = latestUs === null ? {} : { latestUs };
  return refuse(
    rejection("key-replaced", "header.signerKey", measured, { takenUntilUs: next.acceptedUntilUs }),
  );
}

/** Keeps the key that a checked rotation brings; false where its lineage had too many. */
export function followKey(turn: Turn, key: SigningKey, rotation: AnyRecord): boolean {
  const { known } = turn.agent.volatile;
  const isKept =
    isOwn(turn, rotation) || known.keysOf(key.lineage).some(({ keyId }) => equalBytes(keyId, key.keyId));
  return isKept || known.addRotation(key, rotation);
}

export function isOwn({ agent }: Turn, { header }: AnyRecord): boolean {
  const { key } = agent.durable;
  return key !== null && equalBytes(key.lineage, header.lineage);
}
