/** TPMs that tests reach both ways: through the driver's port, and command by command. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Conversation, conversation } from "../../hardware/tpm/client/conversation.ts";
import { folderKeyStore } from "../../hardware/tpm/client/key-store.ts";
import { flushAll } from "../../hardware/tpm/client/session.ts";
import { openTpm } from "../../hardware/tpm/client/tpm-client.ts";
import * as commands from "../../hardware/tpm/codec/commands.ts";
import { dispatch } from "../../hardware/tpm/simulator/dispatch.ts";
import { machine } from "../../hardware/tpm/simulator/machine.ts";
import { memoryPermanentStore } from "../../hardware/tpm/simulator/permanent.ts";
import { connectTcp } from "../../hardware/tpm/transport/tcp-socket.ts";
import type { Connect } from "../../hardware/tpm/transport/transport.ts";
import type { Tpm } from "../../src/ports/tpm.ts";
import { realClock, tpmContext } from "../conformance/tpm-context.ts";
import { startSwtpm } from "../support/swtpm.ts";

export type TpmPlace = {
  /** Where the agent's wrapped keys lie; tests may copy it. */
  readonly keys: string;
  /** Files of the TPM's own certificate authority; null where it has none. */
  readonly authority: string | null;
  /** What tpm2-tools connect by; null where they cannot. */
  readonly tcti: string | null;
  open(keys?: string): Promise<Tpm>;
  /** `work` alone with the TPM, which is left without objects. Not while a `Tpm` is open. */
  raw<T>(work: (talk: Conversation) => Promise<T>): Promise<T>;
  stop(): Promise<void>;
};

const COUNTER = 0x01807301;
const TIMEOUT_US = 20_000_000;

/** With an RSA key and certificates where `asBought`, else with the P-256 key that every TPM makes. */
export async function swtpmPlace(asBought: boolean): Promise<TpmPlace> {
  const { host, port, folder, stop } = await startSwtpm(asBought);
  const connect: Connect = () => connectTcp(realClock, { host, port, timeoutUs: TIMEOUT_US });
  const keys = join(folder, "keys");
  const authority = asBought ? join(folder, "ca") : null;
  return { keys, authority, tcti: `swtpm:host=${host},port=${port}`, ...reached(connect, keys), stop };
}

export async function simulatedPlace(seed: string): Promise<TpmPlace> {
  const folder = mkdtempSync(join(tmpdir(), "spectrum-place-"));
  const device = machine(realClock, tpmContext(seed).entropy, memoryPermanentStore());
  const connect: Connect = async () => ({
    exchange: async (command) => dispatch(device, command),
    close: async () => {},
  });
  const stop = async (): Promise<void> => rmSync(folder, { recursive: true, force: true });
  return { keys: folder, authority: null, tcti: null, ...reached(connect, folder), stop };
}

function reached(connect: Connect, own: string): Pick<TpmPlace, "open" | "raw"> {
  const { clock, log } = tpmContext("place");
  return {
    open: (keys = own) =>
      openTpm({
        connect,
        clock,
        log,
        keys: folderKeyStore(keys),
        ownsPower: true,
        level: "software",
        counterIndex: COUNTER,
        pcrPolicy: null,
      }),
    async raw(work) {
      const talk = conversation(clock, await connect());
      try {
        await talk.ask(commands.startup, [], { type: 0 });
        await flushAll(talk);
        return await work(talk);
      } finally {
        await flushAll(talk);
        await talk.close();
      }
    },
  };
}
