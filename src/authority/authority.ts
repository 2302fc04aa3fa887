/** An offline authority: one folder, one lineage, one writer. It awaits its folder and its keys, and no mesh. */
import { assert } from "../core/base/assert.ts";
import { equalBytes } from "../core/base/bytes.ts";
import type { Primitives } from "../core/base/primitives.ts";
import { accept, type Result, refuse, rejection } from "../core/base/rejection.ts";
import type { KeySet } from "../core/record/key-set.ts";
import type { KindName } from "../core/record/kinds.ts";
import type { AnyRecord, RecordOf } from "../core/record/record.ts";
import { type PackEnvelope, type RecordSignature, signedBytes } from "../core/wire/envelope.ts";
import type { AuthorityFolder } from "../ports/authority-folder.ts";
import type { Entropy } from "../ports/entropy.ts";
import type { KeySource } from "../ports/key-source.ts";
import type { Signer } from "../ports/signatures.ts";
import { type Draft, draftInception, draftRecord } from "./draft.ts";
import { createKeySet, encodedKeySet, type KeyPlan, openKeySet, signaturesOf } from "./key-sets.ts";
import { currentKey, type Lineage, readLineage, withRecord } from "./lineage.ts";
import { verifiedDocuments } from "./verified-documents.ts";

export type AuthorityParts = {
  readonly folder: AuthorityFolder;
  readonly keys: KeySource;
  readonly primitives: Primitives;
  readonly entropy: Entropy;
  readonly pack: PackEnvelope;
};

/** What is known, all of it verified. */
export type AuthorityView = {
  readonly lineage: Lineage;
  /** Lineage id. */
  readonly self: Uint8Array;
  /** Own records and those of others that lie in the folder. */
  readonly records: readonly AnyRecord[];
  /** Lineages whose credentials need no parent. */
  readonly roots: readonly Uint8Array[];
};

export type Authority = {
  readonly parts: AuthorityParts;
  view(): AuthorityView;
  /** The record as it would be written now. */
  draft<K extends KindName>(what: Draft<K>): RecordOf<K>;
  /** Signed by exactly as many keys as have to, and durable. One at a time. `signers`: those of a rotation. */
  write<K extends KindName>(what: Draft<K>, signers?: readonly Signer[]): Promise<RecordOf<K>>;
  /** Of what is no record, by the same keys: `kind` is the name of no record, so that neither is ever taken for the other. */
  sign(kind: string, payload: Uint8Array): Promise<readonly RecordSignature[]>;
  /** Reads the folder anew: documents of others came. */
  reload(): Promise<Result<Authority>>;
};

/** A lineage's first set signs its inception; which set signs now is how often it was rotated. */
export function generationOf({ keys }: Lineage): number {
  return keys.length - 1;
}

/** Refuses a folder in which anything is out of place; `authority-empty` for one without an inception. */
export async function openAuthority(parts: AuthorityParts): Promise<Result<Authority>> {
  const { folder, primitives } = parts;
  const read = readLineage(await folder.records(), primitives);
  if (!read.ok) return read;
  if (read.value === null) {
    return refuse(rejection("authority-empty", "records", { records: 0 }, { recordsMin: 1 }));
  }
  const lineage = read.value;
  const others = verifiedDocuments(await folder.documents(), await folder.roots(), lineage, primitives);
  return others.ok ? accept(authorityOf(parts, lineage, others.value)) : others;
}

/**
 * Makes the keys, the commitment to the next ones, and the inception that names both. The folder is empty before;
 * `authority-exists` where it is not.
 */
export async function beginAuthority(
  parts: AuthorityParts,
  { owner, plan }: { readonly owner: string; readonly plan: KeyPlan },
): Promise<Result<Authority>> {
  const { folder, keys: source, primitives, entropy, pack } = parts;
  const standing = (await folder.records()).length;
  if (standing > 0) {
    return refuse(rejection("authority-exists", "records", { records: standing }, { recordsMax: 0 }));
  }
  const keys = await createKeySet(source, 0, plan, primitives.sha256);
  const next = await createKeySet(source, 1, plan, primitives.sha256);
  await folder.keepKeySet(1, encodedKeySet(next));
  const nonce = entropy.bytes(32);
  const unsigned = draftInception({ keys, next, nonce, owner, tier: "software" }, primitives.sha256);
  const message = signedBytes(unsigned.kind, unsigned.envelope.payload);
  const signatures = await signaturesOf(await openKeySet(source, 0, keys), message, primitives);
  const bytes = pack({ ...unsigned.envelope, signatures });
  const begun = withRecord(null, bytes, primitives);
  if (!begun.ok) return begun;
  await folder.append(0, bytes);
  return accept(authorityOf(parts, begun.value, { records: [], roots: [] }));
}

/** A root's own inception lies in its folder twice: to begin the lineage, and to hand out. */
function isIn({ records }: Lineage, { id }: AnyRecord): boolean {
  return records.some((each) => equalBytes(each.id, id));
}

type Others = { readonly records: readonly AnyRecord[]; readonly roots: readonly Uint8Array[] };

function authorityOf(parts: AuthorityParts, begun: Lineage, others: Others): Authority {
  const { folder, keys: source, primitives, pack } = parts;
  let lineage = begun;
  let opened: { readonly set: KeySet; readonly signers: readonly Signer[] } | null = null;

  async function current(): Promise<readonly Signer[]> {
    const set = currentKey(lineage).keys;
    if (opened?.set !== set) opened = { set, signers: await openKeySet(source, generationOf(lineage), set) };
    return opened.signers;
  }

  return {
    parts,
    view: () => ({
      lineage,
      self: (lineage.records[0] as AnyRecord).header.lineage,
      records: [...lineage.records, ...others.records.filter((each) => !isIn(lineage, each))],
      roots: others.roots,
    }),
    draft: (what) => draftRecord(lineage, what, primitives.sha256),
    async write<K extends KindName>(what: Draft<K>, signers?: readonly Signer[]): Promise<RecordOf<K>> {
      const unsigned = draftRecord(lineage, what, primitives.sha256);
      const message = signedBytes(unsigned.kind, unsigned.envelope.payload);
      const signatures = await signaturesOf(signers ?? (await current()), message, primitives);
      const bytes = pack({ ...unsigned.envelope, signatures });
      // Read back before it is stored: what nobody else would take in must not get into the lineage.
      const longer = withRecord(lineage, bytes, primitives);
      const why = longer.ok ? "" : longer.rejections.map(({ code, field }) => `${code} ${field}`).join(", ");
      assert(longer.ok, `an authority writes records that can be read: ${why}`);
      const written = longer.value.records.at(-1) as AnyRecord;
      assert(equalBytes(written.id, unsigned.id), "what was judged is what is written");
      await folder.append(unsigned.header.seq, bytes);
      lineage = longer.value;
      return written as RecordOf<K>;
    },
    sign: async (kind, payload) => signaturesOf(await current(), signedBytes(kind, payload), primitives),
    reload: () => openAuthority(parts),
  };
}
