import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { concat } from "../../../src/core/base/bytes.ts";
import { encode } from "../../../src/core/wire/encode.ts";
import { readEnvelope, recordId, signedBytes } from "../../../src/core/wire/envelope.ts";
import { limits } from "../../../src/core/wire/limits.ts";
import type { Value } from "../../../src/core/wire/value.ts";

const id = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
const signature = new Uint8Array(64).fill(7);
const salt = new Uint8Array(16).fill(5);

type Parts = {
  readonly version: Value;
  readonly kind: Value;
  readonly payload: Value;
  readonly signatures: Value;
  readonly openings: Value;
};
const sound: Parts = {
  version: 1,
  kind: "offer",
  payload: Uint8Array.of(1, 2, 3),
  signatures: [[id(1), signature]],
  openings: [],
};

function read(change: Partial<Parts> = {}): ReturnType<typeof readEnvelope> {
  const { version, kind, payload, signatures, openings } = { ...sound, ...change };
  return readEnvelope(encode([version, kind, payload, signatures, openings]));
}

function malformed(field: string): object {
  return { ok: false, rejections: [{ code: "envelope-malformed", field }] };
}

test("gives each part as it came", () => {
  const openings = [[salt, Uint8Array.of(0x90)]];
  const signatures = [1, 2, 3].map((fill) => [id(fill), signature]);
  expect(read({ signatures, openings })).toEqual({
    ok: true,
    value: {
      kind: "offer",
      payload: Uint8Array.of(1, 2, 3),
      signatures: [1, 2, 3].map((fill) => ({ keyId: id(fill), signature })),
      openings: [{ salt, encoded: Uint8Array.of(0x90) }],
    },
  });
  expect(read({ payload: new Uint8Array(0), signatures: [] }).ok).toBe(true);
});

describe("signatures stand in one order", () => {
  const pairs = (...fills: readonly number[]): Value => fills.map((fill) => [id(fill), signature]);

  test.each([[[2, 1]], [[1, 3, 2]], [[1, 1]], [[0, 1, 1]]])("key ids %j are refused", (fills) => {
    expect(read({ signatures: pairs(...fills) })).toMatchObject(malformed("signatures"));
  });

  test("eight are taken, nine are not", () => {
    expect(read({ signatures: pairs(1, 2, 3, 4, 5, 6, 7, 8) }).ok).toBe(true);
    expect(read({ signatures: pairs(1, 2, 3, 4, 5, 6, 7, 8, 9) })).toMatchObject(malformed("signatures"));
  });

  test("ids are ordered by their first different byte, whatever follows", () => {
    const [low, high] = [id(0), id(0)];
    low.set([1, 0xff], 30);
    high.set([2, 0], 30);
    expect(
      read({
        signatures: [
          [low, signature],
          [high, signature],
        ],
      }).ok,
    ).toBe(true);
    expect(
      read({
        signatures: [
          [high, signature],
          [low, signature],
        ],
      }).ok,
    ).toBe(false);
  });
});

describe("each part has its form", () => {
  test.each<[string, Partial<Parts>, string]>([
    ["an empty kind", { kind: "" }, "kind"],
    ["a kind of 33 letters", { kind: "k".repeat(33) }, "kind"],
    ["a kind in capitals", { kind: "Offer" }, "kind"],
    ["a kind that begins with a dash", { kind: "-offer" }, "kind"],
    ["a kind with a line's end", { kind: "offer\n" }, "kind"],
    ["a kind in bytes", { kind: Uint8Array.of(0x6f) }, "kind"],
    ["a payload in text", { payload: "payload" }, "payload"],
    ["no payload", { payload: null }, "payload"],
    ["signatures that are no array", { signatures: null }, "signatures"],
    ["a signature that is no pair", { signatures: [[id(1)]] }, "signatures"],
    ["a signature of three parts", { signatures: [[id(1), signature, 0]] }, "signatures"],
    ["a signature that is no array", { signatures: [id(1)] }, "signatures"],
    ["a key id of 31 bytes", { signatures: [[id(1).slice(1), signature]] }, "signatures"],
    ["a key id of 33 bytes", { signatures: [[new Uint8Array(33), signature]] }, "signatures"],
    ["a key id in text", { signatures: [["key", signature]] }, "signatures"],
    ["a signature in text", { signatures: [[id(1), "signature"]] }, "signatures"],
    ["a salt of 15 bytes", { openings: [[salt.slice(1), salt]] }, "openings"],
    ["a salt of 17 bytes", { openings: [[new Uint8Array(17), salt]] }, "openings"],
    ["nine openings", { openings: new Array<Value>(9).fill([salt, salt]) }, "openings"],
    ["openings that are no array", { openings: 0 }, "openings"],
  ])("%s is refused, and named", (_, change, field) => {
    expect(read(change)).toMatchObject(malformed(field));
  });

  test("a kind of 32 letters and eight openings are taken", () => {
    expect(read({ kind: "k".repeat(32) }).ok).toBe(true);
    expect(read({ openings: new Array<Value>(8).fill([salt, salt]) }).ok).toBe(true);
  });

  test.each<[string, Value, number | string]>([
    ["the next one", 2, 2],
    ["none", 0, 0],
    ["one in text", "1", "not a number"],
    ["nil", null, "not a number"],
    ["one of 64 bits", 2n ** 63n, "not a number"],
  ])("version %s is refused with what is known", (_, version, measured) => {
    expect(read({ version })).toEqual({
      ok: false,
      rejections: [
        {
          code: "envelope-version-unknown",
          field: "version",
          measured: { version: measured },
          required: { version: 1 },
        },
      ],
    });
  });

  test.each<[string, Value]>([
    ["four parts", [1, "offer", salt, []]],
    ["six parts", [1, "offer", salt, [], [], null]],
    ["no array", "offer"],
    ["bytes", new Uint8Array(5)],
  ])("%s is no envelope", (_, value) => {
    expect(readEnvelope(encode(value))).toMatchObject(malformed(""));
  });
});

describe("sizes", () => {
  test("a payload of 16 KiB is taken, one byte more is refused with both lengths", () => {
    expect(read({ payload: new Uint8Array(limits.RECORD_BYTES_MAX) }).ok).toBe(true);
    expect(read({ payload: new Uint8Array(limits.RECORD_BYTES_MAX + 1) })).toEqual({
      ok: false,
      rejections: [
        {
          code: "record-too-long",
          field: "payload",
          measured: { bytes: 16_385 },
          required: { bytesMax: 16_384 },
        },
      ],
    });
  });

  test("the whole is judged before it is read", () => {
    expect(readEnvelope(new Uint8Array(limits.ENVELOPE_BYTES_MAX + 1))).toEqual({
      ok: false,
      rejections: [
        {
          code: "wire-too-long",
          field: "",
          measured: { bytes: 24_577 },
          required: { bytesMax: 24_576 },
        },
      ],
    });
    const openings = [[salt, new Uint8Array(limits.ENVELOPE_BYTES_MAX - 136)]];
    const most = encode([1, "offer", Uint8Array.of(1), [[id(1), signature]], openings]);
    expect(most.length).toBe(limits.ENVELOPE_BYTES_MAX);
    expect(readEnvelope(most).ok).toBe(true);
  });

  test("bytes that are no MessagePack are refused by the codec's own name", () => {
    expect(readEnvelope(new Uint8Array(0))).toMatchObject({ rejections: [{ code: "wire-truncated" }] });
    expect(readEnvelope(Uint8Array.of(0x85))).toMatchObject({
      rejections: [{ code: "wire-type-forbidden" }],
    });
  });
});

describe("what is signed and what is the id", () => {
  /** "spectrum-agent/1\0" ‖ u32 len(kind) ‖ kind ‖ u32 len(payload) ‖ payload, written with Node's own Buffer. */
  function expectedBytes(kind: string, payload: Uint8Array): Buffer {
    const length = (value: number): Buffer => {
      const out = Buffer.alloc(4);
      out.writeUInt32BE(value);
      return out;
    };
    return Buffer.concat([
      Buffer.from("spectrum-agent/1\0", "latin1"),
      length(kind.length),
      Buffer.from(kind, "latin1"),
      length(payload.length),
      payload,
    ]);
  }
  const sha256 = (bytes: Uint8Array): Uint8Array =>
    new Uint8Array(createHash("sha256").update(bytes).digest());

  test.each<[string, Uint8Array]>([
    ["offer", Uint8Array.of(1, 2, 3)],
    ["lease-termination", new Uint8Array(0)],
    ["policy", new Uint8Array(16_384).fill(0xee)],
  ])("%s", (kind, payload) => {
    const bytes = expectedBytes(kind, payload);
    expect(Buffer.from(signedBytes(kind, payload)).equals(bytes)).toBe(true);
    const hashed = createHash("sha256").update(Uint8Array.of(0)).update(bytes).digest();
    expect(recordId(kind, payload, sha256)).toEqual(new Uint8Array(hashed));
  });

  test("no two pairs of kind and payload have the same signed bytes", () => {
    const whole = concat(Uint8Array.of(0x61), Uint8Array.of(0, 0, 0, 0));
    expect(signedBytes("a", whole)).not.toEqual(signedBytes("aa", whole.slice(1)));
    expect(signedBytes("a", new Uint8Array(1))).not.toEqual(signedBytes("a", new Uint8Array(2)));
  });
});
