import { describe, expect, it } from "vitest";
import { nobleSignatures } from "../../src/adapters/signatures/noble-signatures.ts";
import { nodeSignatures } from "../../src/adapters/signatures/node-signatures.ts";
import { SUITE_ED25519 } from "../../src/core/base/primitives.ts";
import { describeVectors, hex } from "../support/vectors.ts";

type Case = { tcId: number; comment: string; msg: string; sig: string; result: "valid" | "invalid" };
type File = { testGroups: readonly { publicKey: { pk: string }; tests: readonly Case[] }[] };

describeVectors<File>("wycheproof/ed25519_test.json", 151, (file) => {
  const cases = file.testGroups.flatMap((group) =>
    group.tests.map((one) => ({ ...one, key: hex(group.publicKey.pk) })),
  );

  it("holds 151 cases, 88 of them valid", () => {
    expect([cases.length, cases.filter((one) => one.result === "valid").length]).toEqual([151, 88]);
  });

  for (const [name, open] of [
    ["node:crypto", nodeSignatures],
    ["@noble", nobleSignatures],
  ] as const) {
    describe(name, () => {
      const { verifySignature } = open();
      it.each(cases)("$tcId $comment: $result", ({ key, msg, sig, result }) => {
        expect(verifySignature(SUITE_ED25519, key, hex(msg), hex(sig))).toBe(result === "valid");
      });
    });
  }
});
