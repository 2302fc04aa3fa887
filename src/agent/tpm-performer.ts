/** Performs attest and count on the TPM port (PROTOCOL §2). */
import type { Effect } from "../core/agent/effect.ts";
import type { Input } from "../core/agent/input.ts";
import { concat } from "../core/base/bytes.ts";
import type { Sha256 } from "../core/base/primitives.ts";
import { PortError } from "../ports/port-error.ts";
import type { Tpm } from "../ports/tpm.ts";
import { type Failpoints, failpoint } from "./failpoints.ts";
import type { Health } from "./health.ts";

type TpmEffect = Extract<Effect, { readonly kind: "attest" | "count" }>;

export type TpmPerformerParts = {
  readonly tpm: Tpm | null;
  readonly bootId: Uint8Array;
  readonly sha256: Sha256;
  readonly health: Health;
  readonly failpoints: Failpoints;
  readonly take: (input: Input) => void;
};

/** PCRs that a quote covers: firmware, boot loader and kernel. */
const QUOTED_PCRS: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7];

export function tpmPerformer(parts: TpmPerformerParts): (effect: TpmEffect) => void {
  const { tpm, bootId, sha256, health, failpoints, take } = parts;
  if (tpm === null) return () => {};

  async function attest(port: Tpm, head: Uint8Array): Promise<void> {
    try {
      const quote = await port.quote(sha256(concat(head, bootId)), QUOTED_PCRS);
      const { akPublic, signingPublic, certification } = port.identity;
      health.set("tpm", null);
      take({
        kind: "attested",
        evidence: {
          akPublic,
          signingPublic,
          certification: certification.attestation,
          certificationSignature: certification.signature,
          quote: quote.attestation,
          quoteSignature: quote.signature,
          pcrs: QUOTED_PCRS,
          head,
          bootId,
        },
      });
    } catch (error) {
      troubled(error);
      take({ kind: "not-attested" });
    }
  }

  async function raiseCounter(port: Tpm): Promise<void> {
    try {
      await failpoint(failpoints, "before-count");
      take({ kind: "counted", counter: Number(await port.incrementCounter()) });
      health.set("tpm", null);
    } catch (error) {
      // One behind is completed at the next start.
      troubled(error);
    }
  }

  function troubled(error: unknown): void {
    if (!(error instanceof PortError)) throw error;
    health.set("tpm", `${error.code}: ${error.message}`);
  }

  return (effect) => {
    if (effect.kind === "attest") void attest(tpm, effect.head);
    else void raiseCounter(tpm);
  };
}
