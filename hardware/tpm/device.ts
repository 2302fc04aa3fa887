/** Driver `device`: a TPM behind the kernel's resource manager. */
import type { OpenDriver } from "../../src/ports/driver.ts";
import type { Tpm } from "../../src/ports/tpm.ts";
import { folderKeyStore } from "./client/key-store.ts";
import { openTpm } from "./client/tpm-client.ts";
import { counterIndex, devicePath, textOption, timeoutUs } from "./options.ts";
import { pcrPolicyOption } from "./pcr-options.ts";
import { characterDevice } from "./transport/character-device.ts";

export const openDevice: OpenDriver<Tpm> = (context, options) =>
  openTpm({
    connect: characterDevice(context.clock, {
      path: devicePath(options),
      timeoutUs: timeoutUs(options),
    }),
    clock: context.clock,
    log: context.log,
    keys: folderKeyStore(textOption(options, "keys"), context.keyGeneration),
    ownsPower: false,
    level: "tpm",
    counterIndex: counterIndex(options),
    pcrPolicy: pcrPolicyOption(options),
  });
