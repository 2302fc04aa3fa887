/** Credentials that fall in mid-run: revoked by a snapshot that goes round, or run out while leases stand on them. */
import type { Fault, FaultParts } from "./fault.ts";

const EXPIRES_WITHIN_US = 15_000_000;

export function credentialFaults({ licensing, chance }: FaultParts): readonly Fault[] {
  return [
    {
      name: "credential-revoked",
      weight: 3,
      strike(host) {
        licensing.revoke(host);
        return () => licensing.renew(host, null);
      },
    },
    {
      name: "credential-expires",
      weight: 3,
      strike(host) {
        licensing.renew(host, chance.between(1_000_000, EXPIRES_WITHIN_US));
        return () => licensing.renew(host, null);
      },
    },
    // Nothing changes but the number: every agent goes on under a newer one.
    {
      name: "snapshot-issued",
      weight: 3,
      strike() {
        licensing.proclaim();
        return null;
      },
    },
  ];
}
