/** What authorities and devices say of themselves: snapshots in order, attestations with their evidence. */
import { equalBytes, toHex } from "../base/bytes.ts";
import { checkEvidence } from "../pairing/checks/attested.ts";
import { NO_AK_NAME, ZERO_ID } from "../record/identity.ts";
import type { RecordOf } from "../record/record.ts";
import { type AuditCheck, failed, notCheckable, orPassed } from "./audit-check.ts";
import { type Evidence, find, inceptionOf, ofKind } from "./evidence.ts";
import { precedes } from "./inventory.ts";

export function authorityChecks(evidence: Evidence): readonly AuditCheck[] {
  return [...snapshotOrder(evidence), ...attestations(evidence), ...genuine(evidence)];
}

/** Numbers rise by one along the chain of snapshots, and nothing revoked comes back. */
function snapshotOrder(evidence: Evidence): readonly AuditCheck[] {
  const snapshots = ofKind(evidence, "status-snapshot");
  const found = snapshots.flatMap((snapshot) => {
    const { number, previousSnapshot, issuedUs, revoked } = snapshot.body;
    const before = find(evidence, "status-snapshot", previousSnapshot);
    if (before === undefined) return [];
    const listed = new Set(revoked.map(toHex));
    const kept = before.body.revoked.every((id) => listed.has(toHex(id)));
    const sound =
      equalBytes(before.header.lineage, snapshot.header.lineage) &&
      number === before.body.number + 1 &&
      issuedUs >= before.body.issuedUs &&
      kept;
    if (sound) return [];
    const measured = { number, issuedUs, issuer: toHex(snapshot.header.lineage), keepsRevoked: kept };
    const required = {
      number: before.body.number + 1,
      issuedUsMin: before.body.issuedUs,
      issuer: toHex(before.header.lineage),
      keepsRevoked: true,
    };
    return [failed("snapshot-order", toHex(snapshot.id), measured, required)];
  });
  const chained = snapshots.filter((each) => !equalBytes(each.body.previousSnapshot, ZERO_ID));
  return orPassed("snapshot-order", "bundle", chained.length, found);
}

function attestations(evidence: Evidence): readonly AuditCheck[] {
  const made = ofKind(evidence, "attestation");
  return orPassed(
    "attestation-evidence",
    "bundle",
    made.length,
    made.flatMap((each) => attestation(evidence, each)),
  );
}

function attestation(evidence: Evidence, record: RecordOf<"attestation">): readonly AuditCheck[] {
  const inception = inceptionOf(evidence, toHex(record.header.lineage));
  // Several keys that sign together live in no one TPM.
  const akName = inception.kind === "key-event" ? inception.body.akName : NO_AK_NAME;
  const about = toHex(record.id);
  const wrong = checkEvidence(record.body, akName, record.header, evidence.primitives).map((each) =>
    failed("attestation-evidence", about, { code: each.code, ...each.measured }, each.required),
  );
  const head = evidence.byId.get(toHex(record.body.head));
  if (head === undefined) {
    const reason = "The record that the quote covers is not here.";
    return [...wrong, notCheckable("attestation-evidence", about, reason, { head: toHex(record.body.head) })];
  }
  const ancestor = equalBytes(head.header.lineage, record.header.lineage) && precedes(head, record);
  if (ancestor) return wrong;
  return [...wrong, failed("attestation-evidence", about, { head: toHex(head.id) }, { head: "an ancestor" })];
}

/** A TPM is as genuine as its endorsement key's certificate, which stands in no record. */
function genuine(evidence: Evidence): readonly AuditCheck[] {
  const reason =
    "That the attestation key lives in a genuine TPM is the maker's word, which stands in no record here.";
  return ofKind(evidence, "key-event")
    .filter(({ body }) => !equalBytes(body.akName, NO_AK_NAME))
    .map(({ header, body }) =>
      notCheckable("tpm-genuine", toHex(header.lineage), reason, { tier: body.tier }),
    );
}
