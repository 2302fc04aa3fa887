/** What session keys signed: chosen by the policy, of a certified boot, never a first renewal (PROTOCOL §10 Session keys). */
import { equalBytes, idText, toHex } from "../base/bytes.ts";
import type { AnyRecord, RecordOf } from "../record/record.ts";
import { certificateFaults, isBySession, sessionBefore, sessionPolicyFaults } from "../record/session.ts";
import { type AuditCheck, failed, notCheckable, orPassed } from "./audit-check.ts";
import type { Deal } from "./deals.ts";
import { type Evidence, find } from "./evidence.ts";
import { artifactOf, referencesOf } from "./references.ts";

type Certificate = RecordOf<"session-key">;
type Signed = { readonly record: AnyRecord; readonly certificate: Certificate };

/** Position, kind, time and boot stand with the signature: what fails there is no evidence at all. */
export function sessionChecks(evidence: Evidence, deals: readonly Deal[]): readonly AuditCheck[] {
  const policies = new Map(deals.map(({ artifact, offer }) => [artifact, offer?.header.policy ?? null]));
  const named = namedByOthers(evidence);
  return [...evidence.lineages].flatMap(([lineage, records]) => {
    const signed = records.flatMap((record) => signedIn(evidence, record));
    const found = signed.flatMap((each) => [
      ...chosen(evidence, each),
      ...ofLease(each, policies),
      ...first(evidence, each, deals),
    ]);
    return [
      ...orPassed("session-key", lineage, signed.length, found),
      ...certificates(evidence, records),
      ...(evidence.exported.has(lineage) ? [] : ages(lineage, signed, named)),
    ];
  });
}

function signedIn(evidence: Evidence, record: AnyRecord): readonly Signed[] {
  const keys = evidence.keys.get(idText(record.header.lineage));
  if (keys === undefined || !isBySession(record, keys)) return [];
  const session = sessionBefore(keys.sessions, record.header);
  return session === undefined ? [] : [{ record, certificate: session.certificate }];
}

function chosen(evidence: Evidence, { record, certificate }: Signed): readonly AuditCheck[] {
  const policy = find(evidence, "policy", certificate.header.policy);
  if (policy === undefined) {
    const reason = "The policy that lets the session key be is not here: what it may sign is not known.";
    return [notCheckable("session-key", idText(record.id), reason, { kind: record.kind })];
  }
  return sessionPolicyFaults(record, certificate, policy.body).map(({ code, measured, required }) =>
    failed("session-key", idText(record.id), { code, ...measured }, required),
  );
}

/** A lease keeps its policy to its end, whatever policy a later record of it names. */
function ofLease(
  { record }: Signed,
  policies: ReadonlyMap<string, Uint8Array | null>,
): readonly AuditCheck[] {
  const artifact = artifactOf(record);
  const leases = artifact === null ? null : (policies.get(toHex(artifact)) ?? null);
  const { policy } = record.header;
  if (leases === null || policy === null || equalBytes(policy, leases)) return [];
  const measured = { code: "session-policy", policy: toHex(policy) };
  return [failed("session-key", idText(record.id), measured, { policy: toHex(leases) })];
}

/** Who asks names the last record of the holder that it saw: before any renewal, its settlement. */
function first(evidence: Evidence, { record }: Signed, deals: readonly Deal[]): readonly AuditCheck[] {
  if (record.kind !== "renewal") return [];
  const request = find(evidence, "renewal-request", record.body.request);
  const artifact = toHex(record.body.artifact);
  const settlement = deals.find((deal) => deal.artifact === artifact)?.holderSettlement;
  if (request === undefined || settlement === undefined || settlement === null) return [];
  if (!equalBytes(request.body.lastHolderRecord, settlement.id)) return [];
  const required = { signer: "the device's own key" };
  return [failed("session-key", idText(record.id), { code: "session-first-renewal" }, required)];
}

/** The attestation that a certificate names quoted the boot that the certificate names. */
function certificates(evidence: Evidence, records: readonly AnyRecord[]): readonly AuditCheck[] {
  return records.flatMap((record) => {
    if (record.kind !== "session-key" || record.body.certified === null) return [];
    const [fault] = certificateFaults(record);
    if (fault !== undefined) {
      const { code, measured, required } = fault;
      return [failed("session-key", idText(record.id), { code, ...measured }, required)];
    }
    const { bootId } = record.body.certified;
    const attestation = find(evidence, "attestation", record.header.attestation);
    if (attestation === undefined || equalBytes(attestation.body.bootId, bootId)) return [];
    const measured = { code: "session-boot", bootId: toHex(bootId) };
    return [failed("session-key", idText(record.id), measured, { bootId: toHex(attestation.body.bootId) })];
  });
}

/**
 * Of somebody whose whole log is not here: the time in such a record is its author's claim, or that of whoever stole the key
 * later. It counts as older than the key's end only where somebody else named it before that (PROTOCOL §2).
 */
function ages(
  lineage: string,
  signed: readonly Signed[],
  named: ReadonlyMap<string, number>,
): readonly AuditCheck[] {
  const found = signed.flatMap(({ record, certificate }) => {
    const untilUs = certificate.body.certified?.untilUs ?? 0;
    const namedUs = named.get(idText(record.id)) ?? Number.POSITIVE_INFINITY;
    if (namedUs < untilUs) return [];
    const reason =
      "No record of somebody else's from before the session key's end names it: it may be younger.";
    return [notCheckable("session-age", idText(record.id), reason, { untilUs })];
  });
  return orPassed("session-age", lineage, signed.length, found);
}

/** By record id: the earliest time, at its latest edge, at which another lineage named it. */
function namedByOthers({ records, byId }: Evidence): ReadonlyMap<string, number> {
  const named = new Map<string, number>();
  for (const record of records) {
    const { header } = record;
    const latestUs = header.time?.latestUs ?? Number.POSITIVE_INFINITY;
    for (const { id } of referencesOf(record)) {
      const of = byId.get(idText(id));
      if (of === undefined || equalBytes(of.header.lineage, header.lineage)) continue;
      named.set(idText(id), Math.min(named.get(idText(id)) ?? Number.POSITIVE_INFINITY, latestUs));
    }
  }
  return named;
}
