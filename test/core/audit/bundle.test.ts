/** The bundle's lines: what is written reads back, what is not a bundle is refused, and a stranger can read one. */
import { createHash, createPublicKey, verify as verifySignature } from "node:crypto";
import fc from "fast-check";
import { unpack } from "msgpackr";
import { describe, expect, test } from "vitest";
import {
  BUNDLE_SCHEMA,
  type Bundle,
  bundleLimits,
  readBundle,
  readBundleHeader,
  readBundleRecord,
  writeBundle,
} from "../../../src/core/audit/bundle.ts";
import { kindNames } from "../../../src/core/record/kinds.ts";
import { limits } from "../../../src/core/wire/limits.ts";
import { assertTold } from "../../support/told.ts";
import { rootOf, story, verify, wholeBundle } from "./story.ts";

const good = story({ name: "lines" });
const bundle = wholeBundle(good);
const lines = writeBundle(bundle);

function codes(result: ReturnType<typeof readBundle>): readonly string[] {
  if (result.ok) return [];
  assertTold(result.rejections);
  return result.rejections.map(({ code }) => code);
}

describe("a bundle's lines", () => {
  test.each([["public"], ["party"], ["public", "party"]] as const)(
    "say whose view they hold: %s",
    (...views) => {
      const read = readBundle(writeBundle({ ...bundle, header: { ...bundle.header, views } }));
      expect(read.ok && read.value.header.views).toEqual(views);
    },
  );

  test("read back to the same bundle, and to the same verdict", () => {
    const read = readBundle(lines);
    expect(read).toEqual({ ok: true, value: bundle });
    if (read.ok) expect(verify(read.value, rootOf(good)).verdict).toBe("passed");
  });

  test("are each shorter than the bound, the largest possible record and header too", () => {
    const envelope = new Uint8Array(limits.ENVELOPE_BYTES_MAX).fill(255);
    const lineage = new Uint8Array(32);
    const many = Array.from({ length: bundleLimits.LINEAGES_MAX }, (_, i) => ({
      lineage: new Uint8Array(32).fill(i),
      records: bundleLimits.RECORDS_MAX,
    }));
    const header = {
      exportedBy: "x".repeat(200),
      views: ["party" as const],
      lineages: many,
      foreign: 1_000_000,
    };
    const largest: Bundle = { header, records: [{ lineage, envelope }] };
    for (const line of writeBundle(largest)) expect(line.length).toBeLessThan(bundleLimits.LINE_BYTES_MAX);
    expect(readBundle(writeBundle(largest)).ok).toBe(true);
  });

  test("cut after any line read as a bundle whose verdict fails; cut to nothing they are none", () => {
    expect(codes(readBundle([]))).toEqual(["bundle-empty"]);
    for (let kept = 1; kept < lines.length; kept++) {
      const read = readBundle(lines.slice(0, kept));
      expect(read.ok).toBe(true);
      if (read.ok) expect(verify(read.value, rootOf(good)).verdict, `${kept} lines`).toBe("failed");
    }
    console.log(`${lines.length - 1} truncations, ${lines.length - 1} failed`);
  });

  test("cut inside any line are refused at that line", () => {
    for (const [i, line] of lines.entries()) {
      const cut = line.slice(0, Math.floor(line.length / 2));
      const read = readBundle([...lines.slice(0, i), cut]);
      expect(codes(read)).toEqual(["bundle-malformed"]);
      if (!read.ok) expect(read.rejections[0]?.field).toBe(`line ${i + 1}`);
    }
  });
});

test("a bundle of one lease says so in its first line, and reads back so", () => {
  const lease = new Uint8Array(32).fill(9);
  const header = { exportedBy: "test", views: ["party" as const], lineages: [], foreign: 0, lease };
  expect(readBundle(writeBundle({ header, records: [] }))).toEqual({
    ok: true,
    value: { header, records: [] },
  });
});

describe("what is no bundle", () => {
  const header = (change: object): string => JSON.stringify({ ...JSON.parse(lines[0] ?? ""), ...change });

  test.each<[string, string]>([
    ["another schema", header({ schema: "spectrum-agent.bundle/2" })],
    ["no schema", header({ schema: 1 })],
    ["an author that is no text", header({ exportedBy: 1 })],
    ["an unknown view", header({ views: ["all"] })],
    ["a lineage twice", header({ lineages: [1, 1].map(() => ({ lineage: "00".repeat(32), records: 1 })) })],
    ["a lineage that is no id", header({ lineages: [{ lineage: "00", records: 1 }] })],
    ["a lineage that is null", header({ lineages: [null] })],
    ["a negative count", header({ lineages: [{ lineage: "00".repeat(32), records: -1 }] })],
    [
      "more lineages than the bound",
      header({ lineages: Array(257).fill({ lineage: "00".repeat(32), records: 1 }) }),
    ],
    ["a foreign count that is none", header({ foreign: 1.5 })],
    ["a lease that is no id", header({ lineages: [], lease: "00" })],
    ["a lease beside a lineage that is held whole", header({ lease: "00".repeat(32) })],
    ["a list", "[]"],
    ["a number", "1"],
    ["nothing", ""],
    ["a line beyond the bound", header({ padding: "x".repeat(bundleLimits.LINE_BYTES_MAX) })],
    ["brackets without end", "[".repeat(60_000)],
  ])("with a first line of %s is refused", (_, line) => {
    const read = readBundleHeader(line);
    expect(read.ok).toBe(false);
  });

  test.each<[string, string]>([
    ["a further field", '{"lineage":null,"envelope":"","x":1}'],
    ["fields in another order", '{"envelope":"","lineage":null}'],
    ["no envelope", '{"lineage":null}'],
    ["a lineage that is no id", '{"lineage":"ab","envelope":""}'],
    ["a lineage in capitals", `{"lineage":"${"AB".repeat(32)}","envelope":""}`],
    ["an envelope with padding", '{"lineage":null,"envelope":"Zg=="}'],
    ["an envelope that is no text", '{"lineage":null,"envelope":[1]}'],
    ["an envelope beyond the bound", `{"lineage":null,"envelope":"${"A".repeat(33_000)}"}`],
  ])("with a record of %s is refused", (_, line) => {
    expect(readBundleRecord(line, 2).ok).toBe(false);
  });

  test("of any garbage is refused or read, and never throws", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.json(), fc.constantFrom(...lines)), { maxLength: 8 }),
        (garbage) => {
          expect(typeof readBundle(garbage).ok).toBe("boolean");
          expect(typeof readBundle([lines[0] ?? "", ...garbage]).ok).toBe("boolean");
        },
      ),
      { numRuns: 300 },
    );
  });

  test("of more records than the bound is refused at the first one beyond", () => {
    function* endless(): Generator<string> {
      yield lines[0] ?? "";
      for (;;) yield '{"lineage":null,"envelope":""}';
    }
    expect(codes(readBundle(endless()))).toEqual(["bundle-too-long"]);
  }, 60_000);
});

describe("the description", () => {
  const { description } = JSON.parse(lines[0] ?? "") as {
    description: Record<string, string> & { kinds: object };
  };

  test("has the field table of every kind, printed from the tables themselves", () => {
    expect(Object.keys(description.kinds)).toEqual(kindNames);
    expect(description["header"]).toMatch(/^\(lineage: bytes 32, epoch: int 0\.\.4294967295, seq: /);
    expect(description.kinds).toMatchObject({ withdrawal: "(offer: bytes 32, reason: text 200)" });
  });

  test("says each thing that no table can say, in sentences", () => {
    const { kinds, header, ...words } = description;
    expect([typeof kinds, typeof header]).toEqual(["object", "string"]);
    expect(Object.keys(words)).toEqual(
      "lines envelope codec payload ids signatures sealed trust notation".split(" "),
    );
    for (const [what, text] of Object.entries(words)) expect(text, what).toMatch(/.{60,}[.]$/);
    expect(words["trust"]).toMatch(/the reader brings the lineage ids of the roots/);
  });

  test("is enough for a reader of another make: ids, chains and signatures, by its words alone", () => {
    const read = stranger(lines);
    expect(read).toEqual({
      records: bundle.records.length,
      signatures: bundle.records.length,
      links: bundle.records.length - 6,
    });
    expect(BUNDLE_SCHEMA).toBe("spectrum-agent.bundle/1");
  });
});

/** Written from the description, over Node and msgpackr, without a line of ours. */
function stranger(text: readonly string[]): { records: number; signatures: number; links: number } {
  const sha256 = (...parts: readonly (Buffer | Uint8Array)[]): Buffer =>
    createHash("sha256").update(Buffer.concat(parts)).digest();
  const u32 = (length: number): Buffer => Buffer.from([length >>> 24, length >>> 16, length >>> 8, length]);
  const keys = new Map<string, ReturnType<typeof createPublicKey>>();
  const ids = new Set<string>();
  const read = text.slice(1).map((line) => {
    const { envelope } = JSON.parse(line) as { envelope: string };
    const [, kind, payload, signatures] = unpack(Buffer.from(envelope, "base64url")) as [
      number,
      string,
      Buffer,
      [Buffer, Buffer][],
    ];
    const signed = Buffer.concat([
      Buffer.from("spectrum-agent/1\0"),
      u32(kind.length),
      Buffer.from(kind),
      u32(payload.length),
      payload,
    ]);
    const [header, body] = unpack(payload) as [Buffer[], Buffer[]];
    ids.add(sha256(Buffer.from([0]), signed).toString("hex"));
    const [lineage, , , previous] = header;
    if (kind === "key-event") {
      const [, signingKey, akName, nextKeyHash, nonce] = body;
      if (!signingKey || !akName || !nextKeyHash || !nonce || !lineage)
        throw new Error("a key-event has its key");
      expect(sha256(Buffer.from([2]), signingKey, akName, nextKeyHash, nonce)).toEqual(Buffer.from(lineage));
      const [x, y] = [signingKey.subarray(1, 33), signingKey.subarray(33)].map((each) =>
        Buffer.from(each).toString("base64url"),
      );
      keys.set(
        Buffer.from(lineage).toString("hex"),
        createPublicKey({ key: { kty: "EC", crv: "P-256", x: x ?? "", y: y ?? "" }, format: "jwk" }),
      );
    }
    return {
      signed,
      signature: signatures[0]?.[1],
      lineage: Buffer.from(lineage ?? []).toString("hex"),
      previous: Buffer.from(previous ?? []).toString("hex"),
    };
  });
  const holds = read.filter(({ signed, signature, lineage }) => {
    const key = keys.get(lineage);
    return (
      key !== undefined &&
      signature !== undefined &&
      verifySignature("sha256", signed, { key, dsaEncoding: "ieee-p1363" }, signature)
    );
  });
  return {
    records: ids.size,
    signatures: holds.length,
    links: read.filter(({ previous }) => ids.has(previous)).length,
  };
}
