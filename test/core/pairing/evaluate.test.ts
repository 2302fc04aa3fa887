import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { equalBytes } from "../../../src/core/base/bytes.ts";
import { bodiesFrom } from "../../../src/core/pairing/bodies.ts";
import { type Evaluation, evaluate } from "../../../src/core/pairing/evaluate.ts";
import { fieldBytes } from "../../../src/core/record/field.ts";
import { type AnyRecord, readRecord } from "../../../src/core/record/record.ts";
import { artifactField, readArtifact } from "../../../src/core/settlement/artifact.ts";
import type { Opening } from "../../../src/core/wire/envelope.ts";
import {
  credentialFor,
  named,
  type Pair,
  type PairChange,
  pairOf,
  party,
  primitives,
  record,
  snapshotBy,
} from "../../support/pair-builder.ts";
import { evaluated, failedOf } from "./findings.ts";
import { block, leaseClass, NOW_US, policy } from "./pair-values.ts";

function derivedOf(evaluation: Evaluation) {
  if (!("derived" in evaluation)) throw new Error(JSON.stringify(evaluation.findings));
  return evaluation.derived;
}

/** Each record of the pair as another peer reads it: same bytes, other objects. */
function readAgain({ offer, acceptance, context, records }: Pair): Evaluation {
  const reread = <R extends AnyRecord>(one: R): R => {
    const { kind, payload, signatures } = one.envelope;
    const copy = { kind, payload: Uint8Array.from(payload), signatures, openings: [] as readonly Opening[] };
    const read = readRecord(copy, primitives.sha256);
    if (!read.ok) throw new Error(JSON.stringify(read.rejections));
    return read.value as R;
  };
  return evaluate(reread(offer), reread(acceptance), context, bodiesFrom(records.map(reread)), primitives);
}

describe("a pair that fits", () => {
  const pair = pairOf();
  const evaluation = evaluated(pair);
  const derived = derivedOf(evaluation);

  test("is admitted with every check passed", () => {
    expect(evaluation.verdict).toBe("admit");
    expect(evaluation.checks.filter(({ passed }) => !passed)).toEqual([]);
    expect(evaluation.checks.length).toBeGreaterThan(40);
  });

  test("gives an artifact that embeds payloads, ids, context, checks, terms and descriptor", () => {
    const { offer, acceptance, context, cast } = pair;
    const { artifact } = derived;
    const { periodUs, reachUs, snapshotAgeMaxUs, holdoverUs, verifyWithinUs } = leaseClass;
    const { confirmByUs, effectiveByUs, clockDriftPpm, deadman, muteLatencyUs } = acceptance.body;
    expect(artifact).toEqual({
      version: 1,
      rulesVersion: 1,
      offer: offer.id,
      offerPayload: offer.envelope.payload,
      acceptance: acceptance.id,
      acceptancePayload: acceptance.envelope.payload,
      holder: cast.holder.lineage,
      consumer: cast.consumer.lineage,
      context,
      checks: evaluation.checks,
      verdict: "admit",
      block: acceptance.body.block,
      price: acceptance.body.price,
      terms: {
        ...{ leaseClass: "bench", periodUs, reachUs, snapshotAgeMaxUs, holdoverUs, verifyWithinUs },
        ...{ confirmByUs, effectiveByUs, clockDriftPpm, deadman, muteLatencyUs },
        clockBoundUs: policy.clockBoundUs,
        guardBandHz: 25_000,
        tdd: null,
        dutyCycles: [],
        conditions: [],
      },
      descriptor: {
        authority: [cast.root.lineage],
        credential: context.credentials,
        observation: [offer.id, acceptance.id],
        proximity: { distanceMm: artifact.descriptor.proximity.distanceMm, skewUs: 301_000 },
      },
    });
    // 1000 units of 1e-7 degree are 11.1 m; each place brings 5 m of error (3 m and 4 m).
    expect(artifact.descriptor.proximity.distanceMm).toBeGreaterThan(21_000);
    expect(artifact.descriptor.proximity.distanceMm).toBeLessThan(21_200);
  });

  test("gives bytes that read back to the same artifact, and hold no signature", () => {
    const read = readArtifact(derived.bytes, primitives.sha256);
    expect(read.ok && equalBytes(fieldBytes(artifactField, read.value.artifact), derived.bytes)).toBe(true);
    for (const { envelope } of [pair.offer, pair.acceptance]) {
      const signature = envelope.signatures[0]?.signature;
      expect(Buffer.from(derived.bytes).includes(Buffer.from(signature ?? derived.bytes))).toBe(false);
    }
  });
});

describe("both sides", () => {
  const odd: readonly (readonly [string, PairChange])[] = [
    ["as it is", {}],
    ["with three rules", { offer: { rules: ["content-match", "handshake", "derivation"] } }],
    ["of one owner", { consumerLink: { owner: "holder" } }],
    [
      "shared, and only a part of the block",
      {
        offer: { block: { ...block, exclusive: false } },
        acceptance: { block: { ...block, exclusive: false, upperHz: block.lowerHz + 75_000 } },
      },
    ],
  ];

  test.each(odd)("derive the same bytes of a pair %s", (_, change) => {
    const pair = pairOf(change);
    const [mine, theirs] = [derivedOf(evaluated(pair)), derivedOf(readAgain(pair))];
    expect(equalBytes(mine.bytes, theirs.bytes)).toBe(true);
    expect(equalBytes(mine.id, theirs.id)).toBe(true);
  });

  test("derive the same bytes whatever else they hold, in whatever order", () => {
    const pair = pairOf();
    const { bytes } = derivedOf(evaluated(pair));
    const others: readonly AnyRecord[] = [
      ...pairOf({ policy: { spatialWindowMm: 1 }, schema: { guardBandHz: 1 }, holderLink: { tier: "tpm" } })
        .records,
      snapshotBy(pair.cast.root, { number: 99, revoked: pair.context.credentials }),
      record("withdrawal", pair.cast.holder, { offer: pair.offer.id, reason: "sold" }),
      pair.offer,
      pair.acceptance,
    ];
    const held = [...others, ...pair.records];
    fc.assert(
      fc.property(fc.shuffledSubarray(held, { minLength: held.length }), (records) => {
        const evaluation = evaluated({ ...pair, bodies: bodiesFrom(records) });
        expect(equalBytes(derivedOf(evaluation).bytes, bytes)).toBe(true);
      }),
      { numRuns: 5 },
    );
  });

  test("find the same in a pair that does not fit", () => {
    const pair = pairOf({ acceptance: { resource: "another" }, policy: { spatialWindowMm: 21_000 } });
    const evaluation = evaluated(pair);
    expect(evaluation.verdict).toBe("refuse");
    expect(readAgain(pair)).toEqual(evaluation);
  });

  test("derive another artifact from another context", () => {
    const pair = pairOf();
    const interval = { ...pair.context.interval, latestUs: pair.context.interval.latestUs + 1 };
    const other = derivedOf(evaluated({ ...pair, context: { ...pair.context, interval } }));
    expect(equalBytes(other.id, derivedOf(evaluated(pair)).id)).toBe(false);
  });
});

describe("verdicts", () => {
  const stale = (cast: Pair["cast"]) => [
    snapshotBy(cast.root),
    snapshotBy(cast.broker, { issuedUs: NOW_US - 700_000_000 }),
  ];
  const { cast } = pairOf();

  test("admit on condition, where policy marks self-dealing: the mark becomes a term of the lease", () => {
    const evaluation = evaluated(pairOf({ consumerLink: { owner: "holder" } }));
    const { artifact } = derivedOf(evaluation);
    expect(evaluation.verdict).toBe("admit-on-condition");
    expect(artifact.verdict).toBe("admit-on-condition");
    expect(artifact.terms.conditions).toEqual(["self-dealing"]);
    expect(artifact.checks.filter(({ passed }) => !passed)).toMatchObject([
      { code: "self-dealing", otherwise: "condition" },
    ]);
  });

  test("defer, where nothing but a younger snapshot is missing", () => {
    const evaluation = evaluated(pairOf({ snapshots: stale(cast) }));
    expect(evaluation).toMatchObject({
      verdict: "defer",
      findings: [
        {
          code: "snapshot-age",
          field: "offer.credential[0]",
          measured: { ageUs: 700_501_000 },
          required: { ageMaxUs: 600_000_000 },
        },
      ],
    });
    expect(evaluation).not.toHaveProperty("derived");
  });

  test("defer, not on condition, where both stand", () => {
    const evaluation = evaluated(pairOf({ snapshots: stale(cast), consumerLink: { owner: "holder" } }));
    expect(evaluation).toMatchObject({ verdict: "defer", findings: [{ code: "snapshot-age" }] });
  });

  test("refuse, where anything else is wrong, and name what could be deferred too", () => {
    const evaluation = evaluated(pairOf({ snapshots: stale(cast), acceptance: { resource: "another" } }));
    expect(evaluation.verdict).toBe("refuse");
    expect("findings" in evaluation ? evaluation.findings.map(({ code }) => code) : []).toEqual([
      "resource-mismatch",
      "recognition-content",
      "snapshot-age",
    ]);
  });

  test("refuse, where the context is incomplete: no check is made and no artifact", () => {
    const pair = pairOf();
    const evaluation = evaluated({ ...pair, bodies: bodiesFrom(pair.records.slice(1)) });
    expect(evaluation).toMatchObject({
      verdict: "refuse",
      checks: [],
      findings: [{ code: "context-incomplete", field: "offer.policy" }],
    });
  });
});

describe("findings are collected", () => {
  test("from every check at once, in one order", () => {
    const found = failedOf({
      policy: {
        weightThreshold: 1_000,
        timeAssurance: ["surveyed"],
        spatialWindowMm: 1,
        temporalWindowUs: 1,
      },
      acceptance: {
        resource: "another",
        answers: [Uint8Array.of(1)],
        deadman: "none",
        muteLatencyUs: 9_000_000,
      },
      consumerLink: { eligibilityClasses: [], verbs: ["audit"], tier: "simulated" },
      context: { roots: [] },
    }).map(({ code, field }) => `${code} ${field}`);
    expect(found).toEqual([...new Set(found)]);
    expect(found.length).toBeGreaterThan(12);
  });

  test("for each two faults as for each alone", () => {
    const faults: readonly PairChange[] = [
      { acceptance: { resource: "another" } },
      { consumerLink: { eligibilityClasses: ["event"] } },
      { context: { interval: { earliestUs: NOW_US + 9_000_000, latestUs: NOW_US + 9_000_001 } } },
      { schema: { commodityClass: "bench-868" } },
      { policy: { weightThreshold: 61 } },
    ];
    const alone = faults.map((fault) => failedOf(fault).map(({ code, field }) => `${code} ${field}`));
    for (const [i, one] of faults.entries()) {
      expect(alone[i]).not.toEqual([]);
      for (const [j, other] of faults.entries()) {
        if (i >= j) continue;
        const both = failedOf({ ...one, ...other }).map(({ code, field }) => `${code} ${field}`);
        expect(both.sort()).toEqual([...(alone[i] ?? []), ...(alone[j] ?? [])].sort());
      }
    }
  });
});

describe("a context as large as its table allows", () => {
  const pair = pairOf();
  const roots = [...pair.context.roots, ...Array.from({ length: 31 }, (_, i) => named(`root ${i}`))];
  const links = Array.from({ length: 29 }, (_, i) =>
    record("credential", pair.cast.root, credentialFor(party(`subject ${i}`))),
  );
  const credentials = [...pair.context.credentials, ...links.map(({ id }) => id)];
  const bodies = bodiesFrom([...pair.records, ...links]);

  test("is embedded in an artifact: 32 roots, 32 credentials", () => {
    const { artifact } = derivedOf(
      evaluated({ ...pair, context: { ...pair.context, roots, credentials }, bodies }),
    );
    expect([artifact.descriptor.authority, artifact.descriptor.credential]).toEqual([roots, credentials]);
  });
});

describe("defects that wait for src/core/pairing/candidate.ts", () => {
  const pair = pairOf();

  // PROTOCOL §6: bodies hold exactly the ids in C, and a missing one is `context-incomplete`; assemble() looks up
  // neither recognitions nor corroborating nor reputation evidence.
  test.each(["recognitions", "corroborations", "reputations"] as const)(
    "%s that nobody holds make the context incomplete",
    (list) => {
      const context = { ...pair.context, [list]: [named("nobody's")] };
      expect(evaluated({ ...pair, context })).toMatchObject({ findings: [{ code: "context-incomplete" }] });
    },
  );
});
