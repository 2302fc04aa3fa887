import { describe, expect, it } from "vitest";
import { nobleSignatures } from "../../src/adapters/signatures/noble-signatures.ts";
import { nodeSignatures } from "../../src/adapters/signatures/node-signatures.ts";
import { SUITE_ED25519 } from "../../src/core/base/primitives.ts";
import { describeVectors, hex } from "../support/vectors.ts";

type Case = { number: number; key: string; sig: string; msg: string; flags: readonly string[] | null };

/** What the rule of FACTS "Signatures and hashes" refuses, in the flags of the file: a key that is not admissible … */
const KEY_FLAGS = ["low_order_A", "low_order_component_A", "non_canonical_A"];
/** … an R that is not the encoding of sB − kA, be it another encoding or another point of the same coset. */
const SIGNATURE_FLAGS = ["low_order_residue", "non_canonical_R"];

describeVectors<readonly Case[]>("cctv/ed25519vectors.json", 914, (cases) => {
  const noble = nobleSignatures();
  const node = nodeSignatures();
  const refusing = [...KEY_FLAGS, ...SIGNATURE_FLAGS];

  it("holds 914 cases, with each flag that the rule speaks of, and some with none of them", () => {
    expect(cases.length).toBe(914);
    const flags = new Set(cases.flatMap((one) => one.flags ?? []));
    for (const flag of refusing) expect(flags).toContain(flag);
    expect(cases.some((one) => !(one.flags ?? []).some((flag) => refusing.includes(flag)))).toBe(true);
  });

  describe("both back-ends give the verdict that the flags foretell", () => {
    it.each(cases.map((one) => ({ ...one, flags: one.flags ?? [] })))(
      "$number $flags",
      ({ key, sig, msg, flags }) => {
        const message = new Uint8Array(Buffer.from(msg, "utf8"));
        const expected = !flags.some((flag) => refusing.includes(flag));
        expect(node.verifySignature(SUITE_ED25519, hex(key), message, hex(sig))).toBe(expected);
        expect(noble.verifySignature(SUITE_ED25519, hex(key), message, hex(sig))).toBe(expected);
      },
    );
  });
});
