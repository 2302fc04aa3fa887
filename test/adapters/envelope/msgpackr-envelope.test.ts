import fc from "fast-check";
import { expect, test } from "vitest";
import { msgpackrEnvelope } from "../../../src/adapters/envelope/msgpackr-envelope.ts";
import { compareBytes, equalBytes } from "../../../src/core/base/bytes.ts";
import { encode } from "../../../src/core/wire/encode.ts";
import { type Envelope, readEnvelope } from "../../../src/core/wire/envelope.ts";

/** What the strict codec writes for it. */
function strict({ kind, payload, signatures, openings }: Envelope): Uint8Array {
  return encode([
    1,
    kind,
    payload,
    signatures.map(({ keyId, signature }) => [keyId, signature]),
    openings.map(({ salt, encoded }) => [salt, encoded]),
  ]);
}

/** Lengths about which MessagePack changes its form. */
const length = fc.oneof(
  fc.constantFrom(0, 1, 255, 256, 257, 16_383, 16_384),
  fc.integer({ min: 0, max: 700 }),
);
const bytes = fc.tuple(length, fc.nat(255)).map(([size, fill]) => new Uint8Array(size).fill(fill));
const fixed = (size: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: size, maxLength: size });

const envelope: fc.Arbitrary<Envelope> = fc.record({
  kind: fc.stringMatching(/^[a-z][a-z-]{0,31}$/),
  payload: bytes,
  signatures: fc
    .uniqueArray(fc.record({ keyId: fixed(32), signature: fixed(64) }), {
      maxLength: 8,
      selector: ({ keyId }) => Buffer.from(keyId).toString("hex"),
    })
    .map((signatures) => signatures.sort((a, b) => compareBytes(a.keyId, b.keyId))),
  openings: fc.array(fc.record({ salt: fixed(16), encoded: fc.uint8Array({ maxLength: 300 }) }), {
    maxLength: 8,
  }),
});

test("msgpackr's bytes are the strict codec's, and its reader gives the envelope back", () => {
  const pack = msgpackrEnvelope();
  fc.assert(
    fc.property(envelope, (sent) => {
      const packed = pack(sent);
      expect(equalBytes(packed, strict(sent))).toBe(true);
      const read = readEnvelope(packed);
      expect(read.ok && equalBytes(strict(read.value), packed)).toBe(true);
    }),
    { numRuns: 80 },
  );
});

test.each([1, 31, 32])("a kind of %i letters takes its shortest form", (letters) => {
  const sent = { kind: "k".repeat(letters), payload: new Uint8Array(0), signatures: [], openings: [] };
  expect(msgpackrEnvelope()(sent)).toEqual(strict(sent));
});

test("parts of a larger buffer are written as themselves, and earlier results stay as they were", () => {
  const whole = Uint8Array.from({ length: 100 }, (_, i) => i);
  const pack = msgpackrEnvelope();
  const sent = {
    kind: "offer",
    payload: whole.subarray(10, 20),
    signatures: [{ keyId: whole.subarray(20, 52), signature: whole.subarray(30, 94) }],
    openings: [{ salt: whole.subarray(3, 19), encoded: whole.subarray(99) }],
  };
  const first = pack(sent);
  expect(first).toEqual(strict(sent));
  pack({ ...sent, kind: "withdrawal" });
  expect(first).toEqual(strict(sent));
});

test("an envelope that is packed again gives its own bytes, whatever was packed in between", () => {
  const pack = msgpackrEnvelope();
  const of = (fill: number): Envelope => ({
    kind: "offer",
    payload: new Uint8Array(9).fill(fill),
    signatures: [],
    openings: [],
  });
  const many = Array.from({ length: 100 }, (_, i) => of(i));
  const first = many.map(pack);
  for (const [i, each] of many.entries()) {
    expect(equalBytes(pack(each), strict(each))).toBe(true);
    expect(equalBytes(pack(of(i)), first[i] as Uint8Array)).toBe(true);
  }
  const [one, other] = [of(1), of(2)];
  expect(pack(one)).toBe(pack(one));
  expect(equalBytes(pack(other), pack(one))).toBe(false);
});
