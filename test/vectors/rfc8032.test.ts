import { describe, expect, it } from "vitest";
import { nobleSignatures } from "../../src/adapters/signatures/noble-signatures.ts";
import { nodeSignatures } from "../../src/adapters/signatures/node-signatures.ts";
import { SUITE_ED25519 } from "../../src/core/base/primitives.ts";
import { hex } from "../support/vectors.ts";

/** RFC 8032 §7.1, tests 1 to 3. */
const cases = [
  {
    name: "TEST 1",
    key: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    message: "",
    signature:
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  },
  {
    name: "TEST 2",
    key: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    message: "72",
    signature:
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  },
  {
    name: "TEST 3",
    key: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    message: "af82",
    signature:
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
  },
] as const;

describe.each([
  ["node:crypto", nodeSignatures],
  ["@noble", nobleSignatures],
] as const)("RFC 8032 §7.1 by %s", (_name, open) => {
  const { verifySignature } = open();
  it.each(cases)("$name verifies, and not for another message", ({ key, message, signature }) => {
    expect(verifySignature(SUITE_ED25519, hex(key), hex(message), hex(signature))).toBe(true);
    expect(verifySignature(SUITE_ED25519, hex(key), hex(`${message}00`), hex(signature))).toBe(false);
  });
});
