/** What somebody hands to an agent as approved PCR values (core/attestation/pcr-approval). */
import {
  APPROVAL_CHARACTERS_MAX,
  approvalFindings,
  type PcrApproval,
  readPcrApproval,
  writePcrApproval,
} from "../../../src/core/attestation/pcr-approval.ts";
import type { Result } from "../../../src/core/base/rejection.ts";
import { jsonLineMutator } from "../json-mutator.ts";
import { plainMutators } from "../mutator.ts";
import { breach, type Target } from "../target.ts";

const PCRS_MAX = 24;
const utf8 = new TextDecoder();

/** What is read is within bounds, in order, and writes back to the same; a refusal says why. */
export function pcrApprovalTarget(read: (text: string) => Result<PcrApproval> = readPcrApproval): Target {
  return {
    name: "pcr-approval",
    seeds: () => [[0], [0, 7, 16], Array.from({ length: PCRS_MAX }, (_, pcr) => pcr)].map(approvalOf),
    mutators: [...plainMutators, jsonLineMutator],
    bytesMax: APPROVAL_CHARACTERS_MAX + 1,
    run(input) {
      const answer = read(utf8.decode(input));
      if (!answer.ok) {
        if (answer.rejections.length === 0) breach("a refusal says why");
        return;
      }
      const { approver, values, signature } = answer.value;
      if (approver.length !== 34 || signature.length !== 64)
        breach("a Name and a signature have their lengths");
      if (values.length === 0 || values.some(({ digest }) => digest.length !== 32))
        breach("PCRs hold digests");
      if (values.some(({ pcr }, i) => pcr <= (values[i - 1]?.pcr ?? -1) || pcr >= PCRS_MAX)) {
        breach("PCRs come in the order of their numbers");
      }
      const demand = { approver, pcrs: values.map(({ pcr }) => pcr) };
      if (approvalFindings(answer.value, demand).length > 0) breach("an approval is for what it says");
      const again = read(writePcrApproval(answer.value));
      if (JSON.stringify(again) !== JSON.stringify(answer)) breach("an approval writes back to the same");
    },
  };
}

function approvalOf(pcrs: readonly number[]): Uint8Array {
  const values = pcrs.map((pcr) => ({ pcr, digest: new Uint8Array(32).fill(pcr) }));
  const approval = { approver: new Uint8Array(34).fill(1), values, signature: new Uint8Array(64).fill(2) };
  // On one line, so that the mutator of lines knows its values.
  return new TextEncoder().encode(JSON.stringify(JSON.parse(writePcrApproval(approval))));
}
