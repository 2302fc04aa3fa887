/** Rotating: the keys that were committed to take over, and commit to others (PROTOCOL §2, §3 Pre-committed next keys). */
import { equalBytes } from "../core/base/bytes.ts";
import { accept, type Result, refuse, rejection } from "../core/base/rejection.ts";
import { signerIdOf } from "../core/record/key-set.ts";
import type { RecordOf } from "../core/record/record.ts";
import { type Authority, type AuthorityView, generationOf } from "./authority.ts";
import { credentialBody } from "./entitlement.ts";
import { createKeySet, decodedKeySet, encodedKeySet, type KeyPlan, openKeySet } from "./key-sets.ts";
import { currentKey } from "./lineage.ts";
import { ownCredential, standingOf } from "./standing.ts";

export type Rotation = {
  /** Until when records of the replaced keys are still taken in; 0: at once no longer. */
  readonly acceptedUntilUs: number;
  /** The keys after next; null: as many and of the suite as those that take over. */
  readonly plan: KeyPlan | null;
};

export type Rotated = {
  readonly rotation: RecordOf<"key-rotation">;
  /** A root's own credential for its new keys; null for an authority that has to ask the one above for one. */
  readonly credential: RecordOf<"credential"> | null;
};

/**
 * Who holds the present keys alone cannot do this: the rotation is signed by the keys of the commitment. Refuses
 * `next-keys-missing` where their public keys are not at hand, and `rotation-not-committed` where they are others.
 */
export async function rotate(
  authority: Authority,
  { acceptedUntilUs, plan }: Rotation,
  nowUs: number,
): Promise<Result<Rotated>> {
  const { folder, keys: source, primitives } = authority.parts;
  const { sha256 } = primitives;
  const view = authority.view();
  const generation = generationOf(view.lineage) + 1;
  const kept = await folder.keySet(generation);
  const keys = kept === null ? null : decodedKeySet(kept, sha256);
  if (keys === null) {
    return refuse(rejection("next-keys-missing", `keys/${generation}`, {}, { keys: "those committed to" }));
  }
  if (!equalBytes(signerIdOf(keys, sha256), currentKey(view.lineage).nextKeyHash)) {
    const required = { signer: "what the signer before committed to" };
    return refuse(rejection("rotation-not-committed", `keys/${generation}`, {}, required));
  }
  const own = ownCredential(view, nowUs);
  const signers = await openKeySet(source, generation, keys);
  const [first] = keys.keys;
  const same = { keys: keys.keys.length, threshold: keys.threshold, suite: first?.suite ?? 0 };
  const after = await createKeySet(source, generation + 1, plan ?? same, sha256);
  await folder.keepKeySet(generation + 1, encodedKeySet(after));
  const nextKeyHash = signerIdOf(after, sha256);
  const body = { keys, nextKeyHash, acceptedUntilUs, tier: "software" as const };
  const rotation = await authority.write({ kind: "key-rotation", body, by: keys }, signers);
  return accept({ rotation, credential: own.ok ? await reissued(authority, view, own.value, nowUs) : null });
}

/** A root says anew, for its new keys, what it said for the old ones. */
async function reissued(
  authority: Authority,
  view: AuthorityView,
  old: RecordOf<"credential">,
  nowUs: number,
): Promise<RecordOf<"credential"> | null> {
  if (old.body.parent !== null || standingOf(old, view, nowUs) !== "valid") return null;
  const { body } = old;
  const subject = {
    lineage: body.subjectLineage,
    keyId: currentKey(authority.view().lineage).keyId,
    akName: body.akName,
    tier: body.tier,
    owner: body.owner,
  };
  const entitlement = { ...body, identifiers: body.identifiers.value ?? [], keepOut: [] };
  const nonce = authority.parts.entropy.bytes(16);
  const renewed = credentialBody({ subject, entitlement, parent: null, nonce });
  return authority.write({ kind: "credential", body: renewed });
}
