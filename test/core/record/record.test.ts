import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { nobleSignatures } from "../../../src/adapters/signatures/noble-signatures.ts";
import { equalBytes } from "../../../src/core/base/bytes.ts";
import type { Header } from "../../../src/core/record/header.ts";
import { ZERO_ID } from "../../../src/core/record/identity.ts";
import type { KeyEvent } from "../../../src/core/record/kinds/key-event.ts";
import { type RecordOf, readRecord } from "../../../src/core/record/record.ts";
import {
  checkSigned,
  keyOfInception,
  type SigningKey,
  singleKey,
} from "../../../src/core/record/signing-key.ts";
import { encode } from "../../../src/core/wire/encode.ts";
import { type Envelope, signedBytes } from "../../../src/core/wire/envelope.ts";
import { named, party, primitives, record, signingKeyOf } from "../../support/pair-builder.ts";

const author = party("author");
const key: SigningKey = signingKeyOf(author);
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

function withdrawal(header: Partial<Header> = {}): RecordOf<"withdrawal"> {
  return record("withdrawal", author, { offer: named("offer"), reason: "sold" }, { header });
}

/** `envelope` as a peer reads it. */
function readAgain(envelope: Envelope): RecordOf<"withdrawal"> {
  const result = readRecord(envelope, primitives.sha256);
  if (!result.ok || result.value.kind !== "withdrawal") throw new Error("a withdrawal is read");
  return result.value;
}

function refusal(made: RecordOf<"withdrawal">, by: SigningKey = key): unknown {
  const checked = checkSigned(made, by, primitives);
  return checked.ok ? null : checked.rejections[0];
}

describe("a record", () => {
  test("has the id of its kind and payload alone, by node:crypto", () => {
    const made = withdrawal();
    const { kind, payload } = made.envelope;
    const length = (value: number): Buffer => Buffer.from([0, 0, value >> 8, value & 0xff]);
    const bytes = ["\0spectrum-agent/1\0", length(kind.length), kind, length(payload.length), payload];
    const hash = createHash("sha256");
    for (const part of bytes) hash.update(part);
    expect(made.id).toEqual(new Uint8Array(hash.digest()));
    expect(readAgain({ ...made.envelope, signatures: [] }).id).toEqual(made.id);
  });

  test.each<[string, Uint8Array, string]>([
    ["one part", encode([1]), "payload-malformed"],
    ["three parts", encode([[], [], []]), "payload-malformed"],
    ["no array", encode("payload"), "payload-malformed"],
    ["no bytes", new Uint8Array(0), "wire-truncated"],
    ["bytes after its end", Uint8Array.of(0x92, 0, 0, 0), "wire-trailing-bytes"],
    ["more than 16 KiB", new Uint8Array(16_385), "wire-too-long"],
  ])("is refused with a payload of %s", (_, payload, code) => {
    const envelope = { kind: "withdrawal", payload, signatures: [], openings: [] };
    const read = readRecord(envelope, primitives.sha256);
    expect(read).toMatchObject({ ok: false, rejections: [{ code }] });
    if (!read.ok) expect(Object.keys(read.rejections[0]?.required ?? {})).toHaveLength(1);
  });
});

describe("its signature", () => {
  const made = withdrawal();
  const only = made.envelope.signatures[0] ?? { keyId: ZERO_ID, signature: ZERO_ID };

  test("is taken from the key that its lineage has, by either back-end", () => {
    expect(checkSigned(made, key, primitives)).toEqual({ ok: true, value: made });
    expect(checkSigned(made, key, nobleSignatures()).ok).toBe(true);
  });

  test.each([0, 2])("is one: %i are refused", (count) => {
    const second = { keyId: new Uint8Array(32).fill(0xff), signature: only.signature };
    const signatures = count === 0 ? [] : [only, second];
    expect(refusal(readAgain({ ...made.envelope, signatures }))).toEqual({
      code: "signature-count",
      field: "signatures",
      measured: { signatures: count },
      required: { signatures: 1 },
    });
  });

  test("is refused with s above half the order, though it is as valid", () => {
    const s = ORDER - BigInt(`0x${Buffer.from(only.signature.subarray(32)).toString("hex")}`);
    const high = only.signature.slice();
    high.set(Buffer.from(s.toString(16).padStart(64, "0"), "hex"), 32);
    const message = signedBytes("withdrawal", made.envelope.payload);
    expect(nobleSignatures({ lowS: false }).verifySignature(1, author.publicKey, message, high)).toBe(true);
    expect(refusal(readAgain({ ...made.envelope, signatures: [{ ...only, signature: high }] }))).toEqual({
      code: "signature-invalid",
      field: "signatures[0]",
      measured: {},
      required: { signature: "valid, low-S" },
    });
  });

  test("is refused for every changed byte of the payload that still reads, and every byte of its own", () => {
    const { payload } = made.envelope;
    let read = 0;
    for (let at = 0; at < payload.length; at++) {
      const changed = payload.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      const result = readRecord({ ...made.envelope, payload: changed }, primitives.sha256);
      if (!result.ok || result.value.kind !== "withdrawal") continue;
      read += 1;
      expect(equalBytes(result.value.id, made.id)).toBe(false);
      expect(checkSigned(result.value, key, primitives).ok).toBe(false);
    }
    expect(read).toBeGreaterThan(100);
    for (let at = 0; at < 64; at++) {
      const signature = only.signature.slice();
      signature[at] = (signature[at] ?? 0) ^ 1;
      const envelope = { ...made.envelope, signatures: [{ ...only, signature }] };
      expect(refusal(readAgain(envelope))).toMatchObject({ code: "signature-invalid" });
    }
  });

  test("binds the kind: the same payload under another name has another id and no signature", () => {
    const quarantine = record("time-fault", author, {
      what: "backward",
      fixUs: 1,
      expectedUs: 2,
      receivedBootUs: 3,
    });
    const message = signedBytes("outage", quarantine.envelope.payload);
    const signature = quarantine.envelope.signatures[0]?.signature ?? ZERO_ID;
    expect(primitives.verifySignature(1, author.publicKey, message, signature)).toBe(false);
  });

  test.each<[string, Partial<SigningKey>]>([
    ["lineage", { lineage: named("another") }],
    ["key", { keyId: named("another") }],
    ["suite", { suite: 2 }],
  ])("is not asked for where the header names another %s than that of its lineage", (_, change) => {
    expect(refusal(made, { ...key, ...change })).toEqual({
      code: "signer-unknown",
      field: "header.signerKey",
      measured: {},
      required: { signer: "the lineage's current key" },
    });
  });

  test("stands under the key id that the header names", () => {
    const signatures = [{ ...only, keyId: named("another") }];
    expect(refusal(readAgain({ ...made.envelope, signatures }))).toEqual({
      code: "signer-mismatch",
      field: "signatures[0]",
      measured: {},
      required: { signer: "header.signerKey" },
    });
  });

  test("of a suite that nobody can check is invalid", () => {
    const other = withOtherSuite(77);
    expect(
      refusal(other, { ...key, suite: 77, keys: singleKey({ suite: 77, publicKey: author.publicKey }) }),
    ).toMatchObject({ code: "signature-invalid" });
  });
});

/** Says another suite in its header, signed as ever. */
function withOtherSuite(suite: number): RecordOf<"withdrawal"> {
  const plain = withdrawal();
  return { ...plain, header: { ...plain.header, suite } };
}

describe("an inception certifies itself", () => {
  const start: Partial<Header> = { epoch: 0, seq: 0, previous: ZERO_ID };
  const inception = (body: Partial<KeyEvent> = {}, header: Partial<Header> = {}): RecordOf<"key-event"> =>
    record("key-event", author, { ...author.inception, ...body }, { header: { ...start, ...header } });

  test("and gives the key that signs its lineage", () => {
    expect(keyOfInception(inception(), primitives.sha256)).toEqual({
      ok: true,
      value: key,
    });
  });

  test.each<[string, RecordOf<"key-event">]>([
    ["another nonce than its id was made of", inception({ nonce: named("another") })],
    ["another next key", inception({ nextKeyHash: named("another") })],
    ["another attestation key", inception({ akName: new Uint8Array(34).fill(1) })],
    ["another signing key", inception({ signingKey: party("another").publicKey })],
    ["epoch 1", inception({}, { epoch: 1 })],
    ["seq 1", inception({}, { seq: 1 })],
    ["a record before it", inception({}, { previous: named("before") })],
  ])("is refused with %s", (_, made) => {
    expect(keyOfInception(made, primitives.sha256)).toEqual({
      ok: false,
      rejections: [
        {
          code: "inception-mismatch",
          field: "header.lineage",
          measured: {},
          required: { lineage: "hash of the inception's keys" },
        },
      ],
    });
  });

  test("is refused with a header that names another key than its body brings", () => {
    const made = inception();
    const other = { ...made, header: { ...made.header, signerKey: named("another") } };
    expect(keyOfInception(other, primitives.sha256)).toMatchObject({
      ok: false,
      rejections: [{ code: "signer-mismatch", field: "header.signerKey" }],
    });
  });

  test("is refused with a suite whose keys are of another length", () => {
    const made = inception();
    const other = { ...made, header: { ...made.header, suite: 2 } };
    expect(keyOfInception(other, primitives.sha256)).toMatchObject({
      ok: false,
      rejections: [{ code: "key-length", measured: { bytes: 65, suite: 2 }, required: { bytes: 32 } }],
    });
  });
});
