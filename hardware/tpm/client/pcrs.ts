/** PCRs of the SHA-256 bank, as commands select and answer them. */
import { PCR_COUNT } from "../../../src/core/attestation/pcr-policy.ts";
import { assert } from "../../../src/core/base/assert.ts";
import { PortError } from "../../../src/ports/port-error.ts";
import * as commands from "../codec/commands.ts";
import { ALG } from "../codec/constants.ts";
import type { PcrSelection } from "../codec/structures.ts";
import type { Conversation } from "./conversation.ts";

export function selection(pcrs: readonly number[]): PcrSelection {
  const select = new Uint8Array(PCR_COUNT / 8);
  for (const index of pcrs) {
    assertPcr(index);
    select[index >> 3] = (select[index >> 3] ?? 0) | (1 << (index & 7));
  }
  return { hash: ALG.SHA256, select };
}

export function assertPcr(index: number): void {
  assert(Number.isInteger(index) && index >= 0 && index < PCR_COUNT, "a PC client TPM has PCRs 0 to 23");
}

export async function readPcr(talk: Conversation, index: number): Promise<Uint8Array> {
  const { response } = await talk.run(commands.pcrRead, [], { pcrs: [selection([index])] });
  const digest = response.digests[0];
  if (digest === undefined) {
    throw new PortError("tpm", "tpm-failed", `TPM2_PCR_Read: PCR ${index} has no SHA-256 bank`, false);
  }
  return digest;
}
