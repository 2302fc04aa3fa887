/**
 * One lineage, one signer at a time: the key that stood before it committed to it, and no key comes back (PROTOCOL §2). Beside
 * it at most one session key, the last that it certified, for what such a key may sign (§10).
 */
import { toHex } from "../../core/base/bytes.ts";
import { SUITE_ES256 } from "../../core/base/primitives.ts";
import { keyId } from "../../core/record/identity.ts";
import type { AnyRecord } from "../../core/record/record.ts";
import { type Invariant, InvariantBroken, type Watched } from "./invariant.ts";

/** Hex key ids: who signs now, and who may follow. */
type Signer = { readonly now: string; readonly next: string; readonly session: Session | null };

type Session = { readonly key: string; readonly untilUs: number };

/** Written here anew: what the core's own list gains by mistake is noticed. */
const OF_SESSIONS: readonly string[] = [
  "renewal-request",
  "renewal",
  "actuation",
  "actuation-outcome",
  "rejection",
  "deferral",
  "time-fault",
];

/** Told from the records alone, as they became durable; the folds and audits have their own way to the same. */
export function keyInvariants({ chronicle, policy, sha256 }: Watched): readonly Invariant[] {
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
    if (before !== undefined && signer !== due && !isOfSession(before.session, record)) {
      const text = `${host}'s ${record.kind} is signed by ${signer.slice(0, 16)}, not by ${due?.slice(0, 16)}`;
      throw new InvariantBroken(name, text, [toHex(record.id), chronicle.chainOf(host).ids.at(-1) ?? ""]);
    }
    if (record.kind === "key-event" || record.kind === "key-rotation")
      signers.set(host, { now: signer, next: toHex(record.body.nextKeyHash), session: null });
    else if (record.kind === "session-key" && before !== undefined)
      signers.set(host, { ...before, session: certifiedBy(record) });
  }

  function certifiedBy({ body }: Extract<AnyRecord, { kind: "session-key" }>): Session | null {
    if (body.certified === null) return null;
    const { publicKey, untilUs } = body.certified;
    return { key: toHex(keyId(SUITE_ES256, publicKey, sha256)), untilUs };
  }

  function isOfSession(session: Session | null, { kind, header }: AnyRecord): boolean {
    if (session === null || policy.sessionKeys === null || !OF_SESSIONS.includes(kind)) return false;
    const latestUs = header.time?.latestUs ?? Number.POSITIVE_INFINITY;
    return session.key === toHex(header.signerKey) && latestUs < session.untilUs;
  }

  return [follow];
}
