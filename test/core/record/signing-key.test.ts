/** Which keys sign a lineage: one, several together, and those that follow them (PROTOCOL §1 Signatures, §2 Identity). */
import { createPrivateKey, type KeyObject, sign } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  nobleSignatures,
  signEs256Deterministic,
} from "../../../src/adapters/signatures/noble-signatures.ts";
import { compareBytes } from "../../../src/core/base/bytes.ts";
import { SUITE_ED25519, SUITE_ES256 } from "../../../src/core/base/primitives.ts";
import { fieldBytes } from "../../../src/core/record/field.ts";
import type { Header } from "../../../src/core/record/header.ts";
import {
  keyId,
  keySetId,
  lineageId,
  NO_AK_NAME,
  thresholdLineageId,
  ZERO_ID,
} from "../../../src/core/record/identity.ts";
import {
  type KeySet,
  keySet,
  keySetFaults,
  type PublicKey,
  signerIdOf,
  suiteOf,
} from "../../../src/core/record/key-set.ts";
import type { Bodies, KindName } from "../../../src/core/record/kinds.ts";
import { type RecordOf, readRecord, writePayload } from "../../../src/core/record/record.ts";
import {
  checkSigned,
  keyOfInception,
  keyOfRotation,
  type SigningKey,
  signerOfRecord,
} from "../../../src/core/record/signing-key.ts";
import { signedBytes } from "../../../src/core/wire/envelope.ts";
import { named, party, primitives } from "../../support/pair-builder.ts";

const { sha256 } = primitives;

type Pen = PublicKey & { readonly id: Uint8Array; readonly sign: (message: Uint8Array) => Uint8Array };

/** RFC 8410 §7: the seed in its PKCS#8 wrapping. */
function ed25519Key(name: string): KeyObject {
  const wrapping = Buffer.from("302e020100300506032b657004220420", "hex");
  return createPrivateKey({ key: Buffer.concat([wrapping, named(name)]), format: "der", type: "pkcs8" });
}

function ed25519(name: string): Pen {
  const key = ed25519Key(name);
  const publicKey = new Uint8Array(Buffer.from(key.export({ format: "jwk" }).x ?? "", "base64url"));
  const id = keyId(SUITE_ED25519, publicKey, sha256);
  return { suite: SUITE_ED25519, publicKey, id, sign: (message) => new Uint8Array(sign(null, message, key)) };
}

function es256(name: string): Pen {
  const { publicKey, keyId: id } = party(name);
  return {
    suite: SUITE_ES256,
    publicKey,
    id,
    sign: (message) => signEs256Deterministic(named(`${name} key`), message),
  };
}

function setOf(threshold: number, pens: readonly Pen[]): KeySet {
  const sorted = [...pens].sort((a, b) => compareBytes(a.id, b.id));
  return { threshold, keys: sorted.map(({ suite, publicKey }) => ({ suite, publicKey })) };
}

function headerOf(lineage: Uint8Array, keys: KeySet, seq: number): Header {
  return {
    lineage,
    epoch: 0,
    seq,
    previous: seq === 0 ? ZERO_ID : named(`before ${seq}`),
    signerKey: signerIdOf(keys, sha256),
    suite: suiteOf(keys),
    credential: null,
    attestation: null,
    policy: null,
    rulesVersion: 1,
    time: null,
    place: null,
  };
}

function signedBy<K extends KindName>(
  pens: readonly Pen[],
  kind: K,
  header: Header,
  body: Bodies[K],
): RecordOf<K> {
  const payload = writePayload(kind, header, body);
  const message = signedBytes(kind, payload);
  const signatures = pens
    .map((pen) => ({ keyId: pen.id, signature: pen.sign(message) }))
    .sort((a, b) => compareBytes(a.keyId, b.keyId));
  const read = readRecord({ kind, payload, signatures, openings: [] }, sha256);
  if (!read.ok) throw new Error(JSON.stringify(read.rejections));
  return read.value as RecordOf<K>;
}

const pens = [ed25519("one"), es256("two"), ed25519("three"), es256("four"), ed25519("five")] as const;
const next = [ed25519("six"), es256("seven"), ed25519("eight")] as const;

function root(threshold: number, next: Uint8Array = named("next")) {
  const keys = setOf(threshold, pens);
  const made = {
    keys,
    nextKeyHash: next,
    nonce: named("nonce"),
    owner: "Regulator",
    tier: "software" as const,
  };
  const lineage = thresholdLineageId(keySetId(fieldBytes(keySet, keys), sha256), made, sha256);
  const inception = (by: readonly Pen[]) =>
    signedBy(by, "threshold-inception", headerOf(lineage, keys, 0), made);
  return { keys, lineage, inception };
}

function keyOf(record: Parameters<typeof keyOfInception>[0]): SigningKey {
  const key = keyOfInception(record, sha256);
  if (!key.ok) throw new Error(JSON.stringify(key.rejections));
  return key.value;
}

const codes = (result: {
  readonly ok: boolean;
  readonly rejections?: readonly { readonly code: string }[];
}) => (result.ok ? [] : (result.rejections ?? []).map(({ code }) => code));

describe("a threshold root", () => {
  test("is signed by any three of its five keys of both suites, by both back-ends", () => {
    const { inception } = root(3);
    fc.assert(
      fc.property(fc.shuffledSubarray([...pens], { minLength: 3, maxLength: 3 }), (by) => {
        const record = inception(by);
        const key = keyOf(record);
        expect(checkSigned(record, key, primitives).ok).toBe(true);
        expect(checkSigned(record, key, nobleSignatures()).ok).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  test.each([2, 4, 5])("is not signed by %i where three have to sign: exactly so many", (count) => {
    const record = root(3).inception(pens.slice(0, count));
    expect(codes(checkSigned(record, keyOf(record), primitives))).toEqual(["signature-count"]);
  });

  test("is not signed where one of the three is a stranger's, or signed something else", () => {
    const { inception } = root(3);
    const record = inception([pens[0], pens[1], next[0]]);
    expect(codes(checkSigned(record, keyOf(record), primitives))).toEqual(["signer-mismatch"]);
    const good = inception(pens.slice(0, 3));
    const [first, ...rest] = good.envelope.signatures;
    const other = { keyId: first?.keyId ?? ZERO_ID, signature: new Uint8Array(64) };
    const spoiled = { ...good, envelope: { ...good.envelope, signatures: [other, ...rest] } };
    expect(codes(checkSigned(spoiled, keyOf(good), primitives))).toEqual(["signature-invalid"]);
  });

  test("names its set, and each change of the set names another lineage", () => {
    const { keys, lineage } = root(3);
    const others = [root(2).lineage, { ...keys, keys: keys.keys.slice(1) }].map((each) =>
      each instanceof Uint8Array ? each : signerIdOf(each, sha256),
    );
    for (const other of others) expect(compareBytes(other, lineage)).not.toBe(0);
  });

  test.each<[string, KeySet, string]>([
    ["more signatures than keys", { ...setOf(3, pens), threshold: 6 }, "key-set-threshold"],
    ["a key twice", setOf(2, [pens[0], pens[0], pens[1]]), "key-set-order"],
    ["keys out of order", { threshold: 2, keys: [...setOf(2, pens).keys].reverse() }, "key-set-order"],
    [
      "a key of the other suite's length",
      { threshold: 1, keys: [{ suite: SUITE_ES256, publicKey: named("x") }] },
      "key-length",
    ],
  ])("with %s is refused", (_, keys, code) => {
    const made = {
      keys,
      nextKeyHash: named("next"),
      nonce: named("nonce"),
      owner: "Regulator",
      tier: "software" as const,
    };
    const lineage = thresholdLineageId(keySetId(fieldBytes(keySet, keys), sha256), made, sha256);
    const record = signedBy(pens.slice(0, 2), "threshold-inception", headerOf(lineage, keys, 0), made);
    expect(codes(keyOfInception(record, sha256))).toEqual([code]);
  });

  test("says how many signatures it asks for, and how many there can be", () => {
    const keys = { ...setOf(3, pens), threshold: 6 };
    expect(keySetFaults(keys, sha256, "keys")).toMatchObject([
      { field: "keys.threshold", measured: { threshold: 6 }, required: { thresholdMax: 5 } },
    ]);
  });
});

describe("a rotation", () => {
  const after = setOf(2, next);
  const { lineage, inception, keys } = root(3, signerIdOf(after, sha256));
  const first = keyOf(inception(pens.slice(0, 3)));
  const rotation = (by: readonly Pen[], to: KeySet, seq = 9) =>
    signedBy(by, "key-rotation", headerOf(lineage, to, seq), {
      keys: to,
      nextKeyHash: named("after that"),
      acceptedUntilUs: 0,
      tier: "software",
    });

  test("is signed by the keys that were committed to, and from then on they sign", () => {
    const record = rotation(next.slice(0, 2), after);
    const key = keyOfRotation(record, first, sha256);
    if (!key.ok) throw new Error(JSON.stringify(key.rejections));
    expect(checkSigned(record, key.value, primitives).ok).toBe(true);
    const signers = [8, 10].map((seq) => {
      const header = headerOf(lineage, after, seq);
      const withdrawal = signedBy(next.slice(0, 2), "withdrawal", header, {
        offer: named("offer"),
        reason: "sold",
      });
      return signerOfRecord(withdrawal, [first, key.value], sha256);
    });
    expect(signers).toEqual([first, key.value].map((value) => ({ ok: true, value })));
    expect(signerOfRecord(record, [first, key.value], sha256)).toEqual(key);
    expect(signerOfRecord(record, [first], sha256)).toEqual(key);
  });

  test("by the stolen present keys is none, whatever they name", () => {
    expect(codes(keyOfRotation(rotation(pens.slice(0, 3), keys), first, sha256))).toContain(
      "rotation-not-committed",
    );
    const claimed = rotation(pens.slice(0, 2), after);
    const key = keyOfRotation(claimed, first, sha256);
    expect(key.ok && codes(checkSigned(claimed, key.value, primitives))).toEqual([
      "signer-mismatch",
      "signer-mismatch",
    ]);
  });

  test("does not stand before the one that it follows", () => {
    const record = rotation(next.slice(0, 2), after, 3);
    const late = { ...first, from: { epoch: 0, seq: 3 } };
    expect(codes(keyOfRotation(record, late, sha256))).toEqual(["rotation-order"]);
  });
});

test("an authority of one Ed25519 key certifies itself and signs", () => {
  const [pen] = pens;
  const made = {
    event: "inception" as const,
    signingKey: pen.publicKey,
    akName: NO_AK_NAME,
    nextKeyHash: named("next"),
    nonce: named("nonce"),
    owner: "Licensee",
    tier: "software" as const,
  };
  const keys = setOf(1, [pen]);
  const record = signedBy([pen], "key-event", headerOf(lineageId(made, sha256), keys, 0), made);
  expect(checkSigned(record, keyOf(record), primitives).ok).toBe(true);
});
