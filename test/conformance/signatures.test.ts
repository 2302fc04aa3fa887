import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keyCache } from "../../src/adapters/signatures/key-cache.ts";
import { isLowS } from "../../src/adapters/signatures/low-s.ts";
import { nobleSignatures } from "../../src/adapters/signatures/noble-signatures.ts";
import { importEs256, nodeSignatures } from "../../src/adapters/signatures/node-signatures.ts";
import { createSoftwareSigner } from "../../src/adapters/signatures/software-signer.ts";
import { concat } from "../../src/core/base/bytes.ts";
import { SUITE_ED25519, SUITE_ES256 } from "../../src/core/base/primitives.ts";
import { type Backend, ed25519Pair, signatureConformance, smallPoint } from "./signatures.ts";

const backends: readonly Backend[] = [
  { name: "node:crypto", open: nodeSignatures },
  { name: "@noble", open: nobleSignatures },
];

for (const backend of backends) signatureConformance(backend);

/** What a hostile hand does to a key or a signature. */
const damage = fc.oneof(
  fc.record({ kind: fc.constant("none" as const) }),
  fc.record({ kind: fc.constant("flip" as const), bit: fc.nat() }),
  fc.record({
    kind: fc.constant("fill" as const),
    at: fc.nat(),
    byte: fc.constantFrom(0, 0xff),
    length: fc.integer({ min: 1, max: 32 }),
  }),
  fc.record({ kind: fc.constant("cut" as const), length: fc.nat() }),
  fc.record({
    kind: fc.constant("replace" as const),
    bytes: fc.uint8Array({ minLength: 32, maxLength: 65 }),
  }),
);
type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

function damaged(bytes: Uint8Array, by: Damage): Uint8Array {
  switch (by.kind) {
    case "none":
      return bytes;
    case "flip": {
      const bit = by.bit % (8 * bytes.length);
      return bytes.with(bit >> 3, (bytes[bit >> 3] as number) ^ (1 << (bit & 7)));
    }
    case "fill":
      return Uint8Array.from(bytes).fill(by.byte, by.at % bytes.length, (by.at % bytes.length) + by.length);
    case "cut":
      return bytes.subarray(0, by.length % bytes.length);
    case "replace":
      return by.bytes;
  }
}

describe("both signature back-ends", () => {
  const node = nodeSignatures();
  const noble = nobleSignatures();
  const laxNode = nodeSignatures({ lowS: false });
  const laxNoble = nobleSignatures({ lowS: false });

  it("agree on ES256 signatures as made and as damaged, with the low-S rule on and off", async () => {
    let accepted = 0;
    const scalar = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const message = fc.uint8Array({ maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(scalar, message, damage, damage, async (seed, bytes, onKey, onSignature) => {
        const signer = createSoftwareSigner(
          { bytes: () => concat(Uint8Array.of(1), seed.subarray(1)) },
          "rfc6979",
        );
        const key = damaged(signer.publicKey, onKey);
        const signature = damaged(await signer.sign(bytes), onSignature);
        for (const [a, b] of [
          [node, noble],
          [laxNode, laxNoble],
        ] as const) {
          const verdict = a.verifySignature(SUITE_ES256, key, bytes, signature);
          expect(b.verifySignature(SUITE_ES256, key, bytes, signature)).toBe(verdict);
          if (onKey.kind === "none" && onSignature.kind === "none") expect(verdict).toBe(true);
          if (verdict) accepted += 1;
        }
      }),
      { numRuns: 150 },
    );
    expect(accepted).toBeGreaterThan(0);
  });

  it("agree on Ed25519 signatures as made and as damaged", () => {
    let accepted = 0;
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 255 }),
        fc.uint8Array({ maxLength: 200 }),
        damage,
        damage,
        (seed, bytes, onKey, onSignature) => {
          const pair = ed25519Pair(seed, bytes);
          const key = damaged(pair.publicKey, onKey);
          const signature = damaged(pair.signature, onSignature);
          const verdict = node.verifySignature(SUITE_ED25519, key, bytes, signature);
          expect(noble.verifySignature(SUITE_ED25519, key, bytes, signature)).toBe(verdict);
          if (onKey.kind === "none" && onSignature.kind === "none") expect(verdict).toBe(true);
          if (verdict) accepted += 1;
        },
      ),
      { numRuns: 150 },
    );
    expect(accepted).toBeGreaterThan(0);
  });

  it("hash alike", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(node.sha256(bytes)).toEqual(noble.sha256(bytes));
      }),
    );
  });
});

describe("import of an ES256 key", () => {
  it("takes a point with a small x and refuses the same x written beyond p", () => {
    const { canonical, beyondP } = smallPoint();
    expect(importEs256(canonical)).not.toBeNull();
    expect(importEs256(beyondP)).toBeNull();
  });
});

describe("key cache", () => {
  it("makes each key once while it is kept, and lets the one used longest ago go", () => {
    const made: number[] = [];
    const cache = keyCache<number>(2);
    const get = (byte: number): number =>
      cache.get(Uint8Array.of(byte), (key) => {
        made.push(key[0] as number);
        return key[0] as number;
      });
    expect([get(1), get(2), get(1), get(3), get(1), get(2)]).toEqual([1, 2, 1, 3, 1, 2]);
    expect(made).toEqual([1, 2, 3, 2]);
    expect(cache.size).toBe(2);
  });

  it("keeps a refusal as it keeps a key", () => {
    let calls = 0;
    const cache = keyCache<null>(2);
    const refuse = (): null => {
      calls += 1;
      return null;
    };
    expect([cache.get(Uint8Array.of(1), refuse), cache.get(Uint8Array.of(1), refuse)]).toEqual([null, null]);
    expect(calls).toBe(1);
  });

  it("does not mistake keys that share bytes of one buffer", () => {
    const cache = keyCache<string>(8);
    const shared = Uint8Array.of(1, 2, 3, 4);
    expect(cache.get(shared.subarray(0, 2), () => "head")).toBe("head");
    expect(cache.get(shared.subarray(2), () => "tail")).toBe("tail");
  });
});

describe("low-S", () => {
  it("holds for all that the software signer signs, of which OpenSSL leaves half high", async () => {
    const signer = createSoftwareSigner({ bytes: (length) => new Uint8Array(length).fill(7) });
    const messages = Array.from({ length: 40 }, (_, i) => Uint8Array.of(i));
    for (const message of messages) expect(isLowS(await signer.sign(message))).toBe(true);
  });
});
