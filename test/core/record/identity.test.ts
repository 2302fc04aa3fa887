import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { artifactId, keyId, lineageId } from "../../../src/core/record/identity.ts";
import { party, primitives } from "../../support/pair-builder.ts";

/** SHA-256 of the parts one after another, by node:crypto. */
function hashed(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

const { sha256 } = primitives;
const { inception } = party("someone");

test("a lineage id is SHA-256(0x02 ‖ signing key ‖ AK name ‖ hash of the next key ‖ nonce)", () => {
  const { signingKey, akName, nextKeyHash, nonce } = inception;
  const expected = hashed(Uint8Array.of(2), signingKey, akName, nextKeyHash, nonce);
  expect(lineageId(inception, sha256)).toEqual(expected);
});

test.each(["signingKey", "akName", "nextKeyHash", "nonce"] as const)(
  "another %s is another lineage",
  (name) => {
    const changed = inception[name].slice();
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    expect(lineageId({ ...inception, [name]: changed }, sha256)).not.toEqual(lineageId(inception, sha256));
  },
);

test("owner and tier are claims, not part of the id", () => {
  const renamed = { ...inception, owner: "another", tier: "tpm" as const };
  expect(lineageId(renamed, sha256)).toEqual(lineageId(inception, sha256));
});

describe("a key id", () => {
  test("is SHA-256(0x03 ‖ suite ‖ public key)", () => {
    const { signingKey } = inception;
    expect(keyId(1, signingKey, sha256)).toEqual(hashed(Uint8Array.of(3, 1), signingKey));
    expect(keyId(255, signingKey, sha256)).toEqual(hashed(Uint8Array.of(3, 255), signingKey));
    expect(keyId(2, signingKey, sha256)).not.toEqual(keyId(1, signingKey, sha256));
  });

  test.each([0, 256, -1])("has no suite %i", (suite) => {
    expect(() => keyId(suite, inception.signingKey, sha256)).toThrow("one byte");
  });
});

test("an artifact id is SHA-256(0x04 ‖ artifact bytes)", () => {
  const bytes = Uint8Array.of(9, 8, 7);
  expect(artifactId(bytes, sha256)).toEqual(hashed(Uint8Array.of(4), bytes));
});
