/** Every TPM driver: a file and a line here add one. */
import type { DriverEntry } from "../../src/ports/driver.ts";
import type { Tpm } from "../../src/ports/tpm.ts";
import { deviceOptions, simulatedOptions, swtpmOptions } from "./options.ts";
import { pcrOptions } from "./pcr-options.ts";

export const tpmDrivers: readonly DriverEntry<Tpm>[] = [
  {
    id: "device",
    summary: "TPM 2.0 of this host through the kernel's resource manager",
    simulated: false,
    options: { ...deviceOptions, ...pcrOptions },
    load: async () => (await import("./device.ts")).openDevice,
  },
  {
    id: "swtpm",
    summary: "software TPM on the bare TCP socket of swtpm",
    simulated: false,
    options: { ...swtpmOptions, ...pcrOptions },
    load: async () => (await import("./swtpm.ts")).openSwtpm,
  },
  {
    id: "simulated",
    summary: "TPM inside this process, with real keys that protect nothing",
    simulated: true,
    options: { ...simulatedOptions, ...pcrOptions },
    load: async () => (await import("./simulator/simulated-tpm.ts")).simulatedTpm().open,
  },
];
