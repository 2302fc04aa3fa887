/** Waits for a lost signing key: the same one, shown by a signature over words that are no record (PROTOCOL §2 Order). */
import type { AgentConfig } from "../core/agent/config.ts";
import type { Clock } from "../ports/clock.ts";
import { PortError } from "../ports/port-error.ts";
import type { Signer } from "../ports/signatures.ts";
import type { Health } from "./health.ts";
import { pause } from "./pause.ts";

export type KeyCheckParts = {
  readonly signer: Signer;
  readonly clock: Clock;
  readonly config: Pick<AgentConfig, "key" | "primitives">;
  readonly health: Health;
  readonly stopped: () => boolean;
};

const AGAIN_US = 1_000_000;

/** Signed records begin with other words: nobody can take this for one. */
const WORDS: Uint8Array = new TextEncoder().encode("spectrum-agent key check");

/** Resolves when the key that the log was begun with signs again, or everything was stopped. */
export async function keyCheck({ signer, clock, config, health, stopped }: KeyCheckParts): Promise<void> {
  const { suite, publicKey } = config.key;
  while (!stopped()) {
    await pause(clock, AGAIN_US);
    try {
      const signature = await signer.sign(WORDS);
      if (config.primitives.verifySignature(suite, publicKey, WORDS, signature)) {
        health.set("signer", null);
        return;
      }
      health.set("signer", "signer-not-of-log: another key signs than the one that the log was begun with");
    } catch (error) {
      if (!(error instanceof PortError)) throw error;
      health.set("signer", `${error.code}: ${error.message}`);
    }
  }
}
