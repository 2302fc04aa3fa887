/** An authority away from any mesh: its own lineage of policies, schemas, credentials and snapshots. */
import { assert } from "../core/base/assert.ts";
import type { Primitives } from "../core/base/primitives.ts";
import { RULES_VERSION } from "../core/pairing/rules-versions.ts";
import type { Header } from "../core/record/header.ts";
import type { Bodies, KindName } from "../core/record/kinds.ts";
import { type AnyRecord, type RecordOf, writePayload } from "../core/record/record.ts";
import type { Tier } from "../core/record/shared-fields.ts";
import { recordId, signedBytes } from "../core/wire/envelope.ts";
import type { Entropy } from "../ports/entropy.ts";
import type { Signer } from "../ports/signatures.ts";
import { signedInception } from "./identity.ts";

export type OfflineAuthor = {
  readonly inception: RecordOf<"key-event">;
  /** All records so far, in order, the inception first. */
  records(): readonly AnyRecord[];
  /** Signs the next record of the lineage. One at a time. */
  write<K extends KindName>(kind: K, body: Bodies[K], credential?: Uint8Array): Promise<RecordOf<K>>;
};

export type OfflineAuthorParts = {
  readonly signer: Signer;
  readonly primitives: Primitives;
  readonly entropy: Entropy;
  readonly owner: string;
  readonly tier: Tier;
};

export async function offlineAuthor(parts: OfflineAuthorParts): Promise<OfflineAuthor> {
  const { signer, primitives } = parts;
  const key = { suite: signer.suite, publicKey: signer.publicKey, akName: null, tier: parts.tier };
  const inception = await signedInception({ ...parts, key });
  const records: AnyRecord[] = [inception];

  async function write<K extends KindName>(
    kind: K,
    body: Bodies[K],
    credential?: Uint8Array,
  ): Promise<RecordOf<K>> {
    const last = records[records.length - 1] ?? inception;
    const header: Header = {
      ...inception.header,
      seq: records.length,
      previous: last.id,
      rulesVersion: RULES_VERSION,
      credential: credential ?? null,
    };
    const payload = writePayload(kind, header, body);
    const signature = await signer.sign(signedBytes(kind, payload));
    const signatures = [{ keyId: header.signerKey, signature }];
    const envelope = { kind, payload, signatures, openings: [] };
    const record: RecordOf<K> = {
      kind,
      id: recordId(kind, payload, primitives.sha256),
      header,
      body,
      envelope,
    };
    // Two records at one position would be a fork of the authority's own making.
    assert(records.at(-1) === last, "an authority's records are written one at a time");
    records.push(record as AnyRecord);
    return record;
  }

  return { inception, records: () => records, write };
}
