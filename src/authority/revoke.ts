/** Status snapshots: which of its credentials an authority no longer stands by, numbered (PROTOCOL §3 Revocation). */
import { latestSnapshot } from "../core/authority/snapshots.ts";
import { sortedUnique } from "../core/base/bytes.ts";
import { accept, type Result, refuse, rejection } from "../core/base/rejection.ts";
import { ZERO_ID } from "../core/record/identity.ts";
import type { RecordOf } from "../core/record/record.ts";
import type { Authority } from "./authority.ts";
import { ofKind } from "./standing.ts";

/** As many as a record lists. */
const REVOKED_MAX = 256;

/**
 * The next snapshot, with `revoked` beside those that were listed before: nothing revoked ever comes back. Refuses
 * `snapshot-full`, and `clock-behind` where the clock shows a time before the snapshot's that stands.
 */
export async function writeSnapshot(
  authority: Authority,
  revoked: readonly Uint8Array[],
  nowUs: number,
): Promise<Result<RecordOf<"status-snapshot">>> {
  const { lineage, self } = authority.view();
  const last = latestSnapshot(ofKind(lineage.records, "status-snapshot"), self);
  const listed = sortedUnique([...(last?.body.revoked ?? []), ...revoked]);
  if (listed.length > REVOKED_MAX) {
    return refuse(
      rejection("snapshot-full", "revoked", { revoked: listed.length }, { revokedMax: REVOKED_MAX }),
    );
  }
  if (last !== null && nowUs < last.body.issuedUs) {
    return refuse(rejection("clock-behind", "issuedUs", { nowUs }, { nowUsMin: last.body.issuedUs }));
  }
  const body = {
    number: (last?.body.number ?? 0) + 1,
    previousSnapshot: last?.id ?? ZERO_ID,
    issuedUs: nowUs,
    revoked: listed,
  };
  return accept(await authority.write({ kind: "status-snapshot", body }));
}
