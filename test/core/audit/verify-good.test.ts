/** What an honest bundle's verdict says, and what no verdict ever says. */
import { describe, expect, test } from "vitest";
import { auditCodes } from "../../../src/core/audit/audit-codes.ts";
import { viewed } from "../../../src/core/audit/bundle-view.ts";
import { LICENCE_ASSERTED } from "../../../src/core/audit/marks.ts";
import { toHex } from "../../../src/core/base/bytes.ts";
import { priceTerms } from "../../../src/core/record/kinds/offer.ts";
import { seal } from "../../../src/core/record/sealed.ts";
import { digestOf, packed, primitives } from "../../support/lineage-builder.ts";
import { market } from "../../support/market-builder.ts";
import {
  bundleOf,
  consumersBundle,
  findings,
  holdersBundle,
  rootOf,
  story,
  verify,
  wholeBundle,
} from "./story.ts";

const good = story();
const whole = verify(wholeBundle(good), rootOf(good));

/** What a bundle cannot show, whoever exported it. */
const NEVER_PASSED = [
  "lineage-end",
  "book-whole",
  "evidence-true",
  "emitter-obeyed",
  "before-revocation",
  "tpm-genuine",
];

describe("an honest bundle", () => {
  test("of all parties passes, and every check that it can make passed", () => {
    expect(findings(whole)).toEqual([]);
    expect(whole.verdict).toBe("passed");
    expect(whole.schema).toBe("spectrum-agent.verify/1");
    expect(whole.counts.passed).toBeGreaterThan(60);
    expect(whole.checks.map(({ number }) => number)).toEqual(whole.checks.map((_, i) => i + 1));
  });

  test("of the holder alone, and of the consumer alone, passes and names the gaps in the other's lineage", () => {
    const holders = verify(holdersBundle(good), rootOf(good));
    expect(findings(holders)).toEqual([]);
    const consumer = holders.lineages.find(({ lineage }) => lineage === toHex(good.consumer.author.lineage));
    expect(consumer?.missing).toEqual(["4-5", "7-8"]);
    const consumers = verify(consumersBundle(good), rootOf(good));
    expect(findings(consumers)).toEqual([]);
    expect(consumers.settlements[0]?.verdict).toBe("passed");
  });

  test("tells of its settlement what was settled, as evaluated anew", () => {
    expect(whole.settlements).toEqual([
      {
        artifactId: toHex(good.derived.id),
        holder: toHex(good.market.holder.author.lineage),
        consumer: toHex(good.consumer.author.lineage),
        resource: "munich/433-a",
        lowerHz: 433_100_000,
        upperHz: 433_300_000,
        fromUs: good.derived.artifact.block.fromUs,
        untilUs: good.derived.artifact.block.untilUs,
        exclusive: true,
        distanceMm: good.derived.artifact.descriptor.proximity.distanceMm,
        skewUs: good.derived.artifact.descriptor.proximity.skewUs,
        evaluation: "admit",
        countersigned: true,
        renewals: 2,
        actuations: 1,
        terminated: "relinquished",
        relinquished: "operator",
        leaseClass: "bench",
        identifiers: ["holder licence: A-433/17", "consumer licence: A-433/17"],
        licence: LICENCE_ASSERTED,
        verdict: "passed",
      },
    ]);
  });

  test("has each refusal's findings come out again from the records", () => {
    const told = whole.refusals.map(({ code, recomputed }) => `${code} ${recomputed}`);
    expect(told).toEqual([
      "already-allocated same",
      "outside-spatial-window same",
      "outside-spatial-window same",
      "not-eligible same",
    ]);
  });

  test("says in words that evidence and keys are simulated, and that the licence is asserted", () => {
    expect(whole.simulated).toBe(true);
    expect(whole.marks).toContain(LICENCE_ASSERTED);
    expect(whole.marks.some((mark) => mark.startsWith("time: simulated"))).toBe(true);
    expect(whole.marks.some((mark) => mark.startsWith("place: simulated"))).toBe(true);
    expect(whole.marks.some((mark) => mark.startsWith("keys: simulated"))).toBe(true);
  });

  test("is not called simulated where nothing in it is, nor its licence asserted where a regulator signed it", () => {
    const of = market({
      name: "live",
      rootCredential: { licenceAsserted: false },
      policy: { tiers: ["software"] },
    });
    const verdict = verify(bundleOf([of.holder.author], of.root.records()), [{ lineage: of.root.lineage }]);
    expect(verdict.marks).not.toContain(LICENCE_ASSERTED);
    expect(verdict.marks).toContain("keys: simulated (2 lineages)");
  });

  test.each(NEVER_PASSED)("never says that %s passed", (code) => {
    expect(Object.keys(auditCodes)).toContain(code);
    const verdicts = [
      whole,
      verify(holdersBundle(good), rootOf(good)),
      verify(consumersBundle(good), rootOf(good)),
    ];
    const results = verdicts.flatMap(({ checks }) => checks).filter((each) => each.code === code);
    expect(results.every(({ result }) => result === "not-checkable")).toBe(true);
  });

  test("says not checkable of the log's end, book, evidence and emitter, each with its reason", () => {
    const told = new Map(
      whole.checks.filter((each) => each.result === "not-checkable").map((each) => [each.code, each]),
    );
    expect([...told.keys()].sort()).toEqual(["book-whole", "emitter-obeyed", "evidence-true", "lineage-end"]);
    for (const { sentence } of told.values()) expect(sentence.length).toBeGreaterThan(40);
  });

  test("is JSON as it stands, with a sentence for every check", () => {
    expect(JSON.parse(JSON.stringify(whole))).toEqual(whole);
    for (const { sentence } of whole.checks) expect(sentence).toMatch(/^[A-Z].+[.]$/);
  });
});

describe("trust", () => {
  test("may be given as the root's inception, which then need not be in the bundle", () => {
    const { root } = good.market;
    const without = bundleOf(good.exporters, root.records().slice(1));
    const inception = packed(root.inception.envelope);
    expect(findings(verify(without, [{ inception }]))).toEqual([]);
    expect(verify(without, rootOf(good)).verdict).toBe("failed");
  });

  test("in another root fails everything that rests on this one", () => {
    const other = story({ name: "other" });
    const verdict = verify(wholeBundle(good), rootOf(other));
    const codes = new Set(verdict.checks.filter(({ result }) => result === "failed").map(({ code }) => code));
    expect(codes).toContain("trust-root");
    expect(codes).toContain("settlement-roots");
    expect(verdict.settlements[0]?.verdict).toBe("failed");
  });

  test("in a further root that has nothing here changes no verdict", () => {
    const other = story({ name: "other" });
    expect(verify(wholeBundle(good), [...rootOf(good), ...rootOf(other)]).verdict).toBe("passed");
  });

  test("in a damaged inception is no trust", () => {
    const inception = packed(good.market.root.inception.envelope);
    inception[40] = (inception[40] ?? 0) ^ 1;
    expect(verify(wholeBundle(good), [{ inception }]).verdict).toBe("failed");
  });
});

describe("sealed fields", () => {
  const of = market({ name: "sealed" });
  const consumer = of.party({ name: "consumer" });
  const price = { form: "fixed" as const, microUnits: 7_000_000n, currency: "EUR" };
  const { sealed, opening } = seal(priceTerms, price, digestOf("salt").slice(0, 16), primitives.sha256);
  const offer = of.offer(0, { price: sealed }, { openings: [opening] });
  const acceptance = of.accept(consumer, offer, 1, {}, { openings: [opening] });
  const confirmed = of.countersign(of.bind(consumer, offer, acceptance, 2), 2.5);
  const bundle = bundleOf([of.holder.author, consumer.author], of.root.records());
  const trusted = [{ lineage: of.root.lineage }];

  test("are opened in the party's view, and the artifact comes out again", () => {
    const asParty = bundle.records.map(({ envelope }) => viewed(envelope, "party"));
    expect(asParty).toEqual(bundle.records.map(({ envelope }) => envelope));
    expect(confirmed.consumerSettlement).not.toBeNull();
    expect(findings(verify(bundle, trusted))).toEqual([]);
    expect(verify(bundle, trusted).settlements[0]?.verdict).toBe("passed");
  });

  test("are withheld in the public view, which says that the artifact is not checkable", () => {
    const records = bundle.records.map((each) => ({
      ...each,
      envelope: viewed(each.envelope, "public") ?? each.envelope,
    }));
    const verdict = verify({ ...bundle, records }, trusted);
    expect(findings(verdict)).toEqual([]);
    expect(verdict.settlements[0]?.verdict).toBe("not-checkable");
    expect(
      verdict.checks.some((each) => each.code === "artifact-rederived" && each.result === "passed"),
    ).toBe(false);
  });

  test("with an opening that fits nothing fail", () => {
    const idle = { salt: new Uint8Array(16), encoded: opening.encoded };
    const records = bundle.records.map((each, i) =>
      i === 1 ? { ...each, envelope: packed({ ...offer.envelope, openings: [opening, idle] }) } : each,
    );
    expect(findings(verify({ ...bundle, records }, trusted)).join()).toContain("record-opening");
  });
});
