import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { msgpackrEnvelope } from "../../../src/adapters/envelope/msgpackr-envelope.ts";
import { equalBytes, fromHex, toHex } from "../../../src/core/base/bytes.ts";
import { bodiesFrom } from "../../../src/core/pairing/bodies.ts";
import { requiredIds } from "../../../src/core/pairing/candidate.ts";
import { evaluateUnder, RULES_VERSION } from "../../../src/core/pairing/rules-versions.ts";
import { ZERO_ID } from "../../../src/core/record/identity.ts";
import type { KindName } from "../../../src/core/record/kinds.ts";
import { type AnyRecord, type RecordOf, readRecord } from "../../../src/core/record/record.ts";
import { clear } from "../../../src/core/record/sealed.ts";
import { checkSigned, keyOfInception } from "../../../src/core/record/signing-key.ts";
import { artifactField, type DerivedArtifact, readArtifact } from "../../../src/core/settlement/artifact.ts";
import { readEnvelope } from "../../../src/core/wire/envelope.ts";
import { type Pair, pairOf, primitives, record } from "../../support/pair-builder.ts";
import { evaluated } from "./findings.ts";
import { type VectorPair, vectorPairs } from "./vector-pairs.ts";

/** See vectors/README.md. Bytes in hex; each record as its envelope. */
type Vector = {
  readonly rulesVersion: number;
  readonly name: string;
  readonly inceptions: readonly string[];
  readonly bodies: readonly string[];
  readonly offer: string;
  readonly acceptance: string;
  readonly settlement: string;
  readonly verdict: string;
  readonly artifact: string;
  readonly artifactId: string;
};

const folder = new URL("vectors/v1/", import.meta.url);
const pack = msgpackrEnvelope();

if (process.env["SPECTRUM_WRITE_VECTORS"] === "1") {
  for (const each of vectorPairs()) {
    const file = new URL(`${each.name}.json`, folder);
    if (!existsSync(file)) writeFileSync(file, `${JSON.stringify(vectorOf(each), null, 2)}\n`);
  }
}

function vectorOf({ name, pair, contextOpenings }: VectorPair): Vector {
  const { cast, offer, acceptance, context, records } = pair;
  const evaluation = evaluated(pair);
  if (!("derived" in evaluation)) throw new Error(JSON.stringify(evaluation.findings));
  const { id, bytes } = evaluation.derived;
  const body = { offer: offer.id, acceptance: acceptance.id, context, artifact: id, identifiers: clear([]) };
  const settlement = record("settlement", cast.holder, body, {
    header: offer.header,
    openings: contextOpenings,
  });
  const envelopes = (of: readonly AnyRecord[]): string[] => of.map(({ envelope }) => toHex(pack(envelope)));
  const inceptions = Object.values(cast).map((author) =>
    record("key-event", author, author.inception, { header: { seq: 0, previous: ZERO_ID } }),
  );
  const [offered = "", accepted = "", settled = ""] = envelopes([offer, acceptance, settlement]);
  return {
    rulesVersion: RULES_VERSION,
    name,
    inceptions: envelopes(inceptions),
    bodies: envelopes(records),
    offer: offered,
    acceptance: accepted,
    settlement: settled,
    verdict: evaluation.verdict,
    artifact: toHex(bytes),
    artifactId: toHex(id),
  };
}

function bytesOf(hex: string): Uint8Array {
  const bytes = fromHex(hex);
  if (bytes === null) throw new Error("a vector is lower-case hex");
  return bytes;
}

function readOf<K extends KindName>(kind: K, hex: string): RecordOf<K> {
  const found = readAny(hex);
  if (found.kind !== kind) throw new Error(`${found.kind} is no ${kind}`);
  return found as RecordOf<K>;
}

function readAny(hex: string): AnyRecord {
  const envelope = readEnvelope(bytesOf(hex));
  if (!envelope.ok) throw new Error(JSON.stringify(envelope.rejections));
  const read = readRecord(envelope.value, primitives.sha256);
  if (!read.ok) throw new Error(JSON.stringify(read.rejections));
  return read.value;
}

type Frozen = {
  readonly pair: Pick<Pair, "offer" | "acceptance" | "context">;
  readonly bodies: readonly AnyRecord[];
  readonly inceptions: readonly RecordOf<"key-event">[];
  readonly settlement: RecordOf<"settlement">;
};

function frozen(vector: Vector): Frozen {
  const [offer, acceptance] = [readOf("offer", vector.offer), readOf("acceptance", vector.acceptance)];
  const settlement = readOf("settlement", vector.settlement);
  const pair = { offer, acceptance, context: settlement.body.context };
  const inceptions = vector.inceptions.map((hex) => readOf("key-event", hex));
  return { pair, bodies: vector.bodies.map(readAny), inceptions, settlement };
}

/** What evaluation derives from `bodies`, under the version that the acceptance picked. */
function derive({ pair }: Frozen, bodies: readonly AnyRecord[]): DerivedArtifact | null {
  const { offer, acceptance, context } = pair;
  const evaluation = evaluateUnder(offer, acceptance, context, bodiesFrom(bodies), primitives);
  return "derived" in evaluation ? evaluation.derived : null;
}

function viewOf(bytes: Uint8Array): unknown {
  const read = readArtifact(bytes, primitives.sha256);
  return read.ok ? artifactField.json(read.value.artifact) : read.rejections;
}

const files = readdirSync(folder).sort();
const vectors = files.map((file) => JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Vector);

test("there are three vectors, all of version 1", () => {
  expect(files).toEqual([
    "attested-part-of-a-shared-block.json",
    "content-match.json",
    "sealed-composite-on-condition.json",
  ]);
  for (const [i, { name, rulesVersion }] of vectors.entries()) {
    expect([`${name}.json`, rulesVersion]).toEqual([files[i], RULES_VERSION]);
  }
});

describe.each(vectors.map((vector) => [vector.name, vector] as const))("%s", (_, vector) => {
  const read = frozen(vector);

  test("derives the frozen artifact, byte for byte", () => {
    const derived = derive(read, read.bodies);
    const expected = readArtifact(bytesOf(vector.artifact), primitives.sha256);
    if (derived === null || !expected.ok) throw new Error("both are artifacts");
    // Field by field first, so that a failure says which.
    expect(viewOf(derived.bytes)).toEqual(viewOf(expected.value.bytes));
    expect(equalBytes(derived.bytes, expected.value.bytes)).toBe(true);
    expect(toHex(derived.id)).toBe(vector.artifactId);
    expect(derived.artifact.verdict).toBe(vector.verdict);
    expect(toHex(read.settlement.body.artifact)).toBe(vector.artifactId);
  });

  test("holds an artifact that reads back under its id", () => {
    const artifact = readArtifact(bytesOf(vector.artifact), primitives.sha256);
    expect(artifact.ok && toHex(artifact.value.id)).toBe(vector.artifactId);
    expect(artifact.ok && artifact.value.artifact.rulesVersion).toBe(vector.rulesVersion);
  });

  test("has every record signed by its lineage, and no record that nobody names", () => {
    const keys = read.inceptions.map((inception) => {
      const key = keyOfInception(inception, primitives.sha256);
      if (!key.ok) throw new Error(JSON.stringify(key.rejections));
      expect(checkSigned(inception, key.value, primitives).ok).toBe(true);
      return key.value;
    });
    const { offer, acceptance, context } = read.pair;
    for (const one of [offer, acceptance, read.settlement, ...read.bodies]) {
      const key = keys.find(({ lineage }) => toHex(lineage) === toHex(one.header.lineage));
      if (key === undefined) throw new Error(`the ${one.kind} has no inception`);
      expect(checkSigned(one as RecordOf<"offer">, key, primitives).ok).toBe(true);
    }
    const required = requiredIds(offer, context).map(toHex).sort();
    expect(read.bodies.map(({ id }) => toHex(id)).sort()).toEqual(required);
  });

  test("derives nothing without any one of its records", () => {
    for (const without of read.bodies) {
      expect(
        derive(
          read,
          read.bodies.filter((each) => each !== without),
        ),
      ).toBeNull();
    }
  });

  test("is written back to the same envelopes", () => {
    const { offer, acceptance } = read.pair;
    expect(toHex(pack(offer.envelope))).toBe(vector.offer);
    expect(toHex(pack(acceptance.envelope))).toBe(vector.acceptance);
    expect(toHex(pack(read.settlement.envelope))).toBe(vector.settlement);
  });
});

test("the sealed vector is admitted on condition, the others plainly", () => {
  const verdicts = vectors.map(({ name, verdict }) => [name, verdict]);
  expect(verdicts).toEqual([
    ["attested-part-of-a-shared-block", "admit"],
    ["content-match", "admit"],
    ["sealed-composite-on-condition", "admit-on-condition"],
  ]);
});

describe("a rules version", () => {
  test("that nobody knows is refused with those that are known", () => {
    const { offer, acceptance, context, bodies } = pairOf();
    const other = { ...acceptance, body: { ...acceptance.body, rulesVersion: 65_535 } };
    expect(evaluateUnder(offer, other, context, bodies, primitives)).toEqual({
      verdict: "refuse",
      checks: [],
      findings: [
        {
          code: "rules-version",
          field: "acceptance.rulesVersion",
          measured: { rulesVersion: 65_535 },
          required: { known: "1" },
        },
      ],
    });
  });

  test("that is known is evaluated by it", () => {
    const { offer, acceptance, context, bodies } = pairOf();
    expect(evaluateUnder(offer, acceptance, context, bodies, primitives)).toEqual(evaluated(pairOf()));
  });
});
