import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { expect, test } from "vitest";
import { approvePcrs } from "../../../src/adapters/attestation/pcr-approval.ts";
import { approvalFindings, readPcrApproval } from "../../../src/core/attestation/pcr-approval.ts";
import { approvalMessage, approverName } from "../../../src/core/attestation/pcr-policy.ts";
import { nodePrimitives } from "../../conformance/tpm-context.ts";
import { testKey } from "../../core/attestation/evidence.ts";

const { sha256 } = nodePrimitives;
const VALUES = [
  { pcr: 4, digest: new Uint8Array(32).fill(1) },
  { pcr: 9, digest: new Uint8Array(32).fill(2) },
];

test("an approval is of the key that signed, for the PCRs that were given, and its signature holds", () => {
  const { secret, point } = testKey();
  const read = readPcrApproval(approvePcrs(secret, VALUES));
  if (!read.ok) throw new Error(JSON.stringify(read.rejections));
  expect(read.value.values).toEqual(VALUES);
  expect(approvalFindings(read.value, { approver: approverName(point, sha256), pcrs: [4, 9] })).toEqual([]);
  const key = { key: createPublicKey(secret), dsaEncoding: "ieee-p1363" as const };
  expect(verify("sha256", approvalMessage(VALUES, sha256), key, read.value.signature)).toBe(true);
  const other = [...VALUES.slice(0, 1), { pcr: 9, digest: new Uint8Array(32).fill(3) }];
  expect(verify("sha256", approvalMessage(other, sha256), key, read.value.signature)).toBe(false);
});

test("nobody approves with a public key, or with a key of another curve", () => {
  const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey;
  expect(() => approvePcrs(createPublicKey(testKey().secret), VALUES)).toThrow("private");
  expect(() => approvePcrs(p384, VALUES)).toThrow("P-256");
});
