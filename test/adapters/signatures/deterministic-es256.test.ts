import { expect, test } from "vitest";
import { deterministicEs256 } from "../../../src/adapters/signatures/deterministic-es256.ts";
import {
  nobleSignatures,
  signEs256Deterministic,
} from "../../../src/adapters/signatures/noble-signatures.ts";
import { seededEntropy } from "../../../src/adapters/system/seeded-entropy.ts";
import { ascii, toHex, u32be } from "../../../src/core/base/bytes.ts";

const CASES = 100;

test("signs whatever it is given as noble does, byte for byte", () => {
  const { sha256 } = nobleSignatures();
  const entropy = seededEntropy(ascii("keys"));
  for (let i = 0; i < CASES; i++) {
    const [scalar, message] = [entropy.bytes(32), u32be(i)];
    const signature = deterministicEs256(scalar, sha256(message));
    expect(toHex(signature)).toBe(toHex(signEs256Deterministic(scalar, message)));
  }
});

test("a digest beyond the order is reduced by it first, as RFC 6979 §2.3.2 says", () => {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const digestOf = (value: bigint) => Buffer.from(value.toString(16).padStart(64, "0"), "hex");
  const scalar = ascii("a key of thirty-two ASCII bytes!");
  expect(deterministicEs256(scalar, digestOf(order + 5n))).toEqual(deterministicEs256(scalar, digestOf(5n)));
});
