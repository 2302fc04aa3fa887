import { describe, expect, it } from "vitest";
import { nobleSignatures } from "../../src/adapters/signatures/noble-signatures.ts";
import { nodeSignatures } from "../../src/adapters/signatures/node-signatures.ts";
import { SUITE_ES256 } from "../../src/core/base/primitives.ts";
import { describeVectors, hex } from "../support/vectors.ts";
import { signatureOfDer } from "./der.ts";

type Case = { tcId: number; comment: string; msg: string; sig: string; result: "valid" | "invalid" };
type File = { testGroups: readonly { publicKey: { uncompressed: string }; tests: readonly Case[] }[] };

const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const HIGH_S_VALID = 71;

describeVectors<File>("wycheproof/ecdsa_secp256r1_sha256_test.json", 484, (file) => {
  const cases = file.testGroups.flatMap((group) =>
    group.tests.map((one) => ({
      ...one,
      key: hex(group.publicKey.uncompressed),
      message: hex(one.msg),
      signature: signatureOfDer(hex(one.sig)),
      // What no r‖s can be made of is handed over as it is: to be refused by both as well.
      given: signatureOfDer(hex(one.sig)) ?? hex(one.sig),
    })),
  );
  const isHigh = (signature: Uint8Array | null): boolean =>
    signature !== null && BigInt(`0x${Buffer.from(signature.subarray(32)).toString("hex")}`) > N / 2n;

  it("holds 484 cases, 174 of them valid, 71 of those with a high S", () => {
    const valid = cases.filter((one) => one.result === "valid");
    const high = valid.filter((one) => isHigh(one.signature));
    expect([cases.length, valid.length, high.length]).toEqual([484, 174, HIGH_S_VALID]);
    expect(valid.filter((one) => one.signature === null)).toEqual([]);
  });

  for (const [name, open] of [
    ["node:crypto", nodeSignatures],
    ["@noble", nobleSignatures],
  ] as const) {
    describe(name, () => {
      const lax = open({ lowS: false });
      const strict = open();

      it.each(cases)("$tcId $comment: $result", ({ key, message, given, result }) => {
        expect(lax.verifySignature(SUITE_ES256, key, message, given)).toBe(result === "valid");
      });

      it(`refuses the ${HIGH_S_VALID} valid high-S cases under the low-S rule, and no other valid one`, () => {
        let refused = 0;
        for (const { key, message, given, signature, result } of cases) {
          const verdict = strict.verifySignature(SUITE_ES256, key, message, given);
          expect(verdict).toBe(result === "valid" && !isHigh(signature));
          if (result === "valid" && !verdict) refused += 1;
        }
        expect(refused).toBe(HIGH_S_VALID);
      });
    });
  }
});
