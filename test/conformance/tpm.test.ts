/** The TPM conformance suite over every driver of the registry; absent hardware shows as skipped by name. */
import { expect, test } from "vitest";
import { tpmDrivers } from "../../hardware/tpm/registry.ts";
import { swtpmMissing } from "../support/swtpm.ts";
import { tpmConformance } from "./tpm.ts";
import { swtpmBench, tpmBenches } from "./tpm-benches.ts";

for (const entry of tpmDrivers) {
  tpmConformance(entry, tpmBenches[entry.id] ?? `no bench is written for driver ${entry.id}`);
}

for (const entry of tpmDrivers.filter(({ id }) => id === "swtpm")) {
  const bare = { ...entry, id: "swtpm that nobody provisioned" };
  tpmConformance(bare, swtpmMissing() ?? (() => swtpmBench(false)));
}

test("every driver of the registry has a bench", () => {
  expect(tpmDrivers.map((entry) => entry.id)).toEqual(Object.keys(tpmBenches));
});
