/** Digests of policies; swtpm computes the same ones in test/conformance/tpm-pcr-policy.test.ts. */
import { describe, expect, test } from "vitest";
import {
  approvalMessage,
  approverName,
  approverPublic,
  pcrPolicy,
  pcrPolicyReference,
  renewablePolicy,
} from "../../../src/core/attestation/pcr-policy.ts";
import { parseTpmPublic, tpmName } from "../../../src/core/attestation/tpm-public.ts";
import { concat } from "../../../src/core/base/bytes.ts";
import { nodePrimitives } from "../../conformance/tpm-context.ts";
import { testKey } from "./evidence.ts";

const { sha256 } = nodePrimitives;
const digest = (value: number): Uint8Array => new Uint8Array(32).fill(value);
const VALUES = [
  { pcr: 0, digest: digest(1) },
  { pcr: 23, digest: digest(2) },
];
const APPROVER = new Uint8Array(34).fill(7);

describe("policies over PCRs", () => {
  test("the approver's key is one that a verifier reads: it signs, and is not restricted", () => {
    const { point } = testKey();
    const parsed = parseTpmPublic(approverPublic(point), "approver");
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.rejections));
    expect(parsed.value.key).toEqual(point);
    const { signs, restricted, decrypts } = parsed.value.attributes;
    expect([signs, restricted, decrypts]).toEqual([true, false, false]);
    expect(approverName(point, sha256)).toEqual(tpmName(approverPublic(point), sha256));
  });

  test("PolicyPCR's digest is of the selection and the values", () => {
    const selection = Uint8Array.of(0, 0, 0, 1, 0, 0x0b, 3, 0x01, 0x00, 0x80);
    const shown = sha256(concat(digest(1), digest(2)));
    const all = concat(new Uint8Array(32), Uint8Array.of(0, 0, 1, 0x7f), selection, shown);
    expect(pcrPolicy(VALUES, sha256)).toEqual(sha256(all));
  });

  test("what is signed names the values first, then the set of PCRs", () => {
    const message = approvalMessage(VALUES, sha256);
    expect(message).toEqual(concat(pcrPolicy(VALUES, sha256), pcrPolicyReference([0, 23], sha256)));
  });

  test("the key's policy stays the same when values change, and differs with approver and PCRs", () => {
    const policy = renewablePolicy(APPROVER, [0, 23], sha256);
    expect(policy).toHaveLength(32);
    expect(renewablePolicy(APPROVER, [0, 22], sha256)).not.toEqual(policy);
    expect(renewablePolicy(new Uint8Array(34).fill(8), [0, 23], sha256)).not.toEqual(policy);
  });

  test.each([[[7, 0]], [[0, 0]], [[24]], [[-1]], [[0.5]]])("no policy is of PCRs %j", (pcrs) => {
    expect(() => pcrPolicyReference(pcrs, sha256)).toThrow();
  });
});
