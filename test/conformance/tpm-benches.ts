/** Benches for TPM drivers: swtpm of its own, a simulated TPM with a hand on its power, the host's own where there is one. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { simulatedTpm } from "../../hardware/tpm/simulator/simulated-tpm.ts";
import { startSwtpm, swtpmMissing } from "../support/swtpm.ts";
import type { TpmBench } from "./tpm.ts";

const DEVICE = "/dev/tpmrm0";

/** How to set one up for each driver, or why it cannot be. */
export const tpmBenches: Readonly<Record<string, (() => Promise<TpmBench>) | string>> = {
  device: existsSync(DEVICE) ? deviceBench : `${DEVICE} is absent on this host`,
  swtpm: swtpmMissing() ?? (() => swtpmBench(true)),
  simulated: simulatedBench,
};

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

/** With what `swtpm_setup` leaves in it where `asBought`. */
export async function swtpmBench(asBought: boolean): Promise<TpmBench> {
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
