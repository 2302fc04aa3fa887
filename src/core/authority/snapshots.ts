/** Status snapshots: which issuer said when that which credentials no longer hold (PROTOCOL §3 Revocation). */
import { equalBytes, idText } from "../base/bytes.ts";
import { type Check, check } from "../base/check.ts";
import type { RecordOf } from "../record/record.ts";
import { type Chain, supportsOf } from "./chain.ts";

type Snapshot = RecordOf<"status-snapshot">;

/** The newest of `snapshots` by the issuer of that lineage. */
export function latestSnapshot(snapshots: readonly Snapshot[], issuer: Uint8Array): Snapshot | null {
  let latest: Snapshot | null = null;
  for (const each of snapshots) {
    if (!equalBytes(each.header.lineage, issuer)) continue;
    if (latest === null || each.body.number > latest.body.number) latest = each;
  }
  return latest;
}

/** Whether it says that this credential no longer holds. */
export function isRevokedIn({ body }: Pick<Snapshot, "body">, credential: Uint8Array): boolean {
  return body.revoked.some((id) => equalBytes(id, credential));
}

export type SnapshotDemand = {
  readonly snapshots: readonly Snapshot[];
  readonly atUs: number;
  readonly ageMaxUs: number;
  /** How far ahead of `atUs` an honest issuer's clock may be. */
  readonly clockBoundUs: number;
  /** `offer` or `acceptance`: the fields' first word. */
  readonly side: string;
};

/**
 * Each link's issuer has a snapshot that is young enough at `atUs`, and it does not list the link. A missing or stale
 * snapshot defers, since a fresh one may come; a revoked link refuses. `ageMaxUs` 0: the class asks for none.
 */
export function checkSnapshots(
  chain: Chain,
  { snapshots, atUs, ageMaxUs, clockBoundUs, side }: SnapshotDemand,
): readonly Check[] {
  return supportsOf(chain).flatMap((link, i) => {
    const field = `${side}.credential[${i}]`;
    const snapshot = latestSnapshot(snapshots, link.header.lineage);
    const revoked = snapshot !== null && isRevokedIn(snapshot, link.id);
    const measured = snapshot === null ? { number: "none" } : { number: snapshot.body.number };
    const checks = [check("credential-revoked", field, !revoked, measured, { revoked: "not listed" })];
    if (ageMaxUs === 0) return checks;
    const ageUs = snapshot === null ? null : Math.max(0, atUs - snapshot.body.issuedUs);
    const fresh = ageUs !== null && ageUs <= ageMaxUs;
    const age = ageUs === null ? { issuer: idText(link.header.lineage), found: "none" } : { ageUs };
    const aheadUs = Math.max(0, (snapshot?.body.issuedUs ?? 0) - atUs);
    const early = { aheadMaxUs: clockBoundUs };
    return [
      ...checks,
      check("snapshot-age", field, fresh, age, { ageMaxUs }, "defer"),
      // A snapshot dated ahead would stretch every transmit expiry that rests on it.
      check("snapshot-from-future", field, aheadUs <= clockBoundUs, { aheadUs }, early, "defer"),
    ];
  });
}

/** The first instant at which some link or snapshot no longer carries a transmission. The grant's end caps it. */
export function transmitExpiryUs(
  chains: readonly Chain[],
  snapshots: readonly Snapshot[],
  ageMaxUs: number,
  grantEndUs: number,
): number {
  let expiryUs = grantEndUs;
  for (const link of chains.flatMap(supportsOf)) {
    expiryUs = Math.min(expiryUs, link.body.untilUs);
    if (ageMaxUs === 0) continue;
    const snapshot = latestSnapshot(snapshots, link.header.lineage);
    expiryUs = Math.min(expiryUs, snapshot === null ? 0 : snapshot.body.issuedUs + ageMaxUs);
  }
  return expiryUs;
}

/** The first link that `snapshots` list as revoked, with the snapshot that does; or null. */
export function fallenLink(
  chains: readonly Chain[],
  snapshots: readonly Snapshot[],
): { readonly link: RecordOf<"credential" | "recognition">; readonly snapshot: Snapshot } | null {
  for (const link of chains.flatMap(supportsOf)) {
    const snapshot = latestSnapshot(snapshots, link.header.lineage);
    if (snapshot !== null && isRevokedIn(snapshot, link.id)) return { link, snapshot };
  }
  return null;
}
