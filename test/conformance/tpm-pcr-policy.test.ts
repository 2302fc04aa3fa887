/** Keys under a PCR policy, over every TPM driver of the registry; absent hardware shows as skipped by name. */
import { tpmDrivers } from "../../hardware/tpm/registry.ts";
import { tpmBenches } from "./tpm-benches.ts";
import { pcrPolicyConformance } from "./tpm-pcr-policy.ts";

for (const entry of tpmDrivers) {
  // The host's own PCRs are not a test's to extend.
  const bench = entry.id === "device" ? "PCRs of this host are left alone" : tpmBenches[entry.id];
  pcrPolicyConformance(entry, bench ?? `no bench is written for driver ${entry.id}`);
}
