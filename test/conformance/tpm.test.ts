/** The TPM conformance suite over every driver of the registry; absent hardware shows as skipped by name. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tpmDrivers } from "../../hardware/tpm/registry.ts";
import { simulatedTpm } from "../../hardware/tpm/simulator/simulated-tpm.ts";
import { startSwtpm, swtpmMissing } from "../support/swtpm.ts";
import { type TpmBench, tpmConformance } from "./tpm.ts";

const DEVICE = "/dev/tpmrm0";

const benches: Readonly<Record<string, (() => Promise<TpmBench>) | string>> = {
  device: existsSync(DEVICE) ? deviceBench : `${DEVICE} is absent on this host`,
  swtpm: swtpmMissing() ?? (() => swtpmBench(true)),
  simulated: simulatedBench,
};

for (const entry of tpmDrivers) {
  tpmConformance(entry, benches[entry.id] ?? `no bench is written for driver ${entry.id}`);
}

for (const entry of tpmDrivers.filter(({ id }) => id === "swtpm")) {
  const bare = { ...entry, id: "swtpm that nobody provisioned" };
  tpmConformance(bare, swtpmMissing() ?? (() => swtpmBench(false)));
}

test("every driver of the registry has a bench", () => {
  expect(tpmDrivers.map((entry) => entry.id)).toEqual(Object.keys(benches));
});

async function deviceBench(): Promise<TpmBench> {
  const folder = mkdtempSync(join(tmpdir(), "spectrum-tpm-"));
  return {
    level: "tpm",
    options: { keys: join(folder, "keys") },
    open: null,
    powerCut: null,
    powerOn: async () => {},
    stop: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function swtpmBench(asBought: boolean): Promise<TpmBench> {
  const swtpm = await startSwtpm(asBought);
  return {
    level: "software",
    options: { port: swtpm.port, keys: join(swtpm.folder, "keys") },
    open: null,
    powerCut: swtpm.powerCut,
    powerOn: swtpm.restart,
    stop: swtpm.stop,
  };
}

async function simulatedBench(): Promise<TpmBench> {
  const folder = mkdtempSync(join(tmpdir(), "spectrum-tpm-"));
  const { control, open } = simulatedTpm();
  return {
    level: "simulated",
    options: { state: folder },
    open,
    async powerCut() {
      control.setLost(true);
      control.powerCut();
    },
    powerOn: async () => control.setLost(false),
    stop: async () => rmSync(folder, { recursive: true, force: true }),
  };
}
