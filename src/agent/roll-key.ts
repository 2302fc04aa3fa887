/** The agent's own key rotation, written while the agent is stopped: by the key that its lineage committed to (PROTOCOL §2). */
import type { OwnKey } from "../core/agent/config.ts";
import { equalBytes } from "../core/base/bytes.ts";
import type { Primitives } from "../core/base/primitives.ts";
import { accept, type Result, refuse, rejection } from "../core/base/rejection.ts";
import { RULES_VERSION } from "../core/pairing/rules-versions.ts";
import { keyId } from "../core/record/identity.ts";
import { type RecordOf, writePayload } from "../core/record/record.ts";
import { keyOfRotation, type SigningKey, singleKey } from "../core/record/signing-key.ts";
import { type PackEnvelope, recordId, signedBytes } from "../core/wire/envelope.ts";
import type { Signer } from "../ports/signatures.ts";
import type { Store } from "../ports/store.ts";
import { fold } from "./fold.ts";
import { QUARANTINE_MARK } from "./quarantine-mark.ts";

export type RollParts = {
  readonly store: Store;
  /** Of the key that takes over. */
  readonly signer: Signer;
  readonly key: OwnKey;
  /** Id of the key after it. */
  readonly nextKeyHash: Uint8Array;
  /** Until when, by their own time, others still take in records of the replaced key; 0: at once no longer. */
  readonly acceptedUntilUs: number;
  readonly primitives: Primitives;
  readonly pack: PackEnvelope;
};

/**
 * Appends the rotation, durable when this resolves. Refuses `rotation-unclean` where the log has to be opened by the agent
 * first, `rotation-other-device` for a key that another AK stands for than the inception names, and
 * `rotation-not-committed` for any key but the one that the lineage committed to, whoever holds the present one.
 */
export async function rollKey(parts: RollParts): Promise<Result<RecordOf<"key-rotation">>> {
  const { store, signer, key, primitives, pack } = parts;
  const { state } = await fold(store.frames(), primitives);
  const { inception, key: before } = state;
  const isMarked = (await store.readMark(QUARANTINE_MARK)) !== null;
  if (store.tail.kind !== "clean" || isMarked || before === null || inception === null) {
    const measured = { tail: store.tail.kind, quarantine: isMarked, begun: before !== null };
    return refuse(
      rejection("rotation-unclean", "log", measured, { tail: "clean", quarantine: false, begun: true }),
    );
  }
  if (key.akName !== null && !equalBytes(key.akName, inception.body.akName)) {
    return refuse(rejection("rotation-other-device", "akName", {}, { akName: "that of the inception" }));
  }
  const at = { epoch: state.epoch, seq: state.nextSeq, previous: state.head };
  const unsigned = draftRotation(parts, before, at);
  const follows = keyOfRotation(unsigned, before, primitives.sha256);
  if (!follows.ok) return follows;
  const signature = await signer.sign(signedBytes(unsigned.kind, unsigned.envelope.payload));
  const signatures = [{ keyId: unsigned.header.signerKey, signature }];
  const rotation = { ...unsigned, envelope: { ...unsigned.envelope, signatures } };
  await store.append([{ kind: "own", bytes: pack(rotation.envelope) }]);
  return accept(rotation);
}

type At = Pick<RecordOf<"key-rotation">["header"], "epoch" | "seq" | "previous">;

/** Without time or place: whoever rolls a key has no receiver open. */
function draftRotation(
  { key, nextKeyHash, acceptedUntilUs, primitives: { sha256 } }: RollParts,
  { lineage }: SigningKey,
  at: At,
): RecordOf<"key-rotation"> {
  const { suite, publicKey, tier } = key;
  const body = { keys: singleKey({ suite, publicKey }), nextKeyHash, acceptedUntilUs, tier };
  const header = {
    lineage,
    ...at,
    signerKey: keyId(suite, publicKey, sha256),
    suite,
    credential: null,
    attestation: null,
    policy: null,
    rulesVersion: RULES_VERSION,
    time: null,
    place: null,
  };
  const payload = writePayload("key-rotation", header, body);
  const envelope = { kind: "key-rotation", payload, signatures: [], openings: [] };
  return { kind: "key-rotation", id: recordId("key-rotation", payload, sha256), header, body, envelope };
}
