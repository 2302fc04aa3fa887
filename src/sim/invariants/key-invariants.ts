/** One lineage, one signer at a time: the key that stood before it committed to it, and no key comes back (PROTOCOL §2). */
import { toHex } from "../../core/base/bytes.ts";
import type { AnyRecord } from "../../core/record/record.ts";
import { type Invariant, InvariantBroken, type Watched } from "./invariant.ts";

/** Hex key ids: who signs now, and who may follow. */
type Signer = { readonly now: string; readonly next: string };

/** Told from the records alone, as they became durable; the folds and audits have their own way to the same. */
export function keyInvariants({ chronicle }: Watched): readonly Invariant[] {
  const name = "keys-follow";
  const signers = new Map<string, Signer>();

  const follow: Invariant = {
    name,
    reread(host, records, lossSeq) {
      if (lossSeq === null) return;
      signers.delete(host);
      for (const record of records.slice(0, lossSeq)) take(host, record);
    },
    appended: take,
  };

  function take(host: string, record: AnyRecord): void {
    const before = signers.get(host);
    const signer = toHex(record.header.signerKey);
    const due = record.kind === "key-rotation" ? before?.next : before?.now;
    if (before !== undefined && signer !== due) {
      const text = `${host}'s ${record.kind} is signed by ${signer.slice(0, 16)}, not by ${due?.slice(0, 16)}`;
      throw new InvariantBroken(name, text, [toHex(record.id), chronicle.chainOf(host).ids.at(-1) ?? ""]);
    }
    if (record.kind === "key-event" || record.kind === "key-rotation")
      signers.set(host, { now: signer, next: toHex(record.body.nextKeyHash) });
  }

  return [follow];
}
