/** Driver `swtpm`: the bare command socket of a software TPM, which the agent starts up and shuts down itself. */
import type { OpenDriver } from "../../src/ports/driver.ts";
import type { Tpm } from "../../src/ports/tpm.ts";
import { folderKeyStore } from "./client/key-store.ts";
import { openTpm } from "./client/tpm-client.ts";
import { counterIndex, hostOption, integerOption, textOption, timeoutUs } from "./options.ts";
import { pcrPolicyOption } from "./pcr-options.ts";
import { connectTcp } from "./transport/tcp-socket.ts";

export const openSwtpm: OpenDriver<Tpm> = (context, options) =>
  openTpm({
    connect: () =>
      connectTcp(context.clock, {
        host: hostOption(options),
        port: integerOption(options, "port"),
        timeoutUs: timeoutUs(options),
      }),
    clock: context.clock,
    log: context.log,
    keys: folderKeyStore(textOption(options, "keys"), context.keyGeneration),
    ownsPower: true,
    level: "software",
    counterIndex: counterIndex(options),
    pcrPolicy: pcrPolicyOption(options),
  });
