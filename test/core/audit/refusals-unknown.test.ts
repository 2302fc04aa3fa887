/** What a refusal rests on may be missing from a bundle: then nobody can say, and nobody is called a liar. */
import { describe, expect, test } from "vitest";
import type { Verdict } from "../../../src/core/audit/verdict.ts";
import { toHex } from "../../../src/core/base/bytes.ts";
import { type Rejection, rejection } from "../../../src/core/base/rejection.ts";
import { evaluateUnder } from "../../../src/core/pairing/rules-versions.ts";
import { priceTerms } from "../../../src/core/record/kinds/offer.ts";
import type { AnyRecord } from "../../../src/core/record/record.ts";
import { seal } from "../../../src/core/record/sealed.ts";
import { digestOf, primitives, type Written } from "../../support/lineage-builder.ts";
import { type Market, market, type Party, policyBody, START_US } from "../../support/market-builder.ts";
import { failing, judged, scene, told } from "./refusal-scene.ts";
import { bundleOf, lease, verify } from "./story.ts";

const FAR = 200_000;

/** A rejection of `subject`, with a header of the test's own making. */
function refuse(
  of: Market,
  by: Party,
  subject: AnyRecord,
  findings: readonly Rejection[],
  written: Written = {},
) {
  const body = {
    subject: subject.id,
    peer: subject.header.lineage,
    findings,
    profile: policyBody.name,
    profiles: [],
    consequence: "none" as const,
    retryAfterUs: 0,
    count: 1,
  };
  return by.author.write("rejection", body, of.made(by, 1.5, written));
}

const reasons = ({ refusals }: Verdict): readonly string[] => [
  ...new Set(refusals.map(({ recomputed, reason }) => `${recomputed}: ${reason}`)),
];

/** The verdict on the holder's and the consumer's logs with only some of the root's records beside them. */
function without({ of, consumer }: ReturnType<typeof scene>, kinds: readonly string[]): Verdict {
  const records = of.root.records().filter(({ kind }) => !kinds.includes(kind));
  const exporters = [of.holder.author, consumer.author];
  return verify(bundleOf(exporters, records), [{ lineage: of.root.lineage }]);
}

describe("a holder's refusal is not checkable", () => {
  test("where another than the author of the offer refused the acceptance", () => {
    const { of, consumer, offer, acceptance } = scene(FAR);
    const bystander = of.party({ name: "bystander" });
    refuse(of, bystander, acceptance, of.findingsAt(offer, acceptance, 1.5));
    const verdict = judged({ of, consumer }, bystander.author.records());
    expect(reasons(verdict)).toEqual(["not-checkable: It was not refused by the author of the offer."]);
  });

  test.each(["time", "place"] as const)("where it bears no %s of its own", (name) => {
    const { of, consumer, offer, acceptance } = scene(FAR);
    refuse(of, of.holder, acceptance, of.findingsAt(offer, acceptance, 1.5), { [name]: null });
    expect(reasons(judged({ of, consumer }))).toEqual([
      "not-checkable: The rejection bears no time or place.",
    ]);
  });

  test("where the policy of the offer is not here", () => {
    const scenery = scene(FAR);
    refuse(scenery.of, scenery.of.holder, scenery.acceptance, [
      rejection("offer-ended", "acceptance.time", {}, {}),
    ]);
    const told = reasons(without(scenery, ["policy"]));
    expect(told).toEqual(["not-checkable: The policy or schema of the offer is not here."]);
  });

  test("where it says what the holder lacked then", () => {
    const { of, consumer, acceptance } = scene(0);
    refuse(of, of.holder, acceptance, [rejection("chain-incomplete", "acceptance.credential", {}, {})]);
    expect(reasons(judged({ of, consumer }))).toEqual([
      "not-checkable: What the holder lacked then stands in no record.",
    ]);
  });

  test("for an attestation that is not here, and comes out otherwise where none was named", () => {
    const finding = rejection("tpm-ak-name", "acceptance.attestation", {}, {});
    const named = scene(0);
    const { of, consumer, offer } = named;
    const acceptance = of.accept(consumer, offer, 1.2, {}, { attestation: digestOf("attestation") });
    refuse(of, of.holder, acceptance, [finding]);
    expect(reasons(judged(named))).toEqual(["not-checkable: An attestation is not here."]);
    const unnamed = scene(0);
    refuse(unnamed.of, unnamed.of.holder, unnamed.acceptance, [finding]);
    expect(reasons(judged(unnamed))).toEqual(["differs: no such finding comes out"]);
  });

  test("by what an attestation says alone: a distance comes out again without the one that was named", () => {
    const { of, consumer, offer } = scene(FAR);
    const acceptance = of.accept(consumer, offer, 1.2, {}, { attestation: digestOf("attestation") });
    refuse(of, of.holder, acceptance, of.findingsAt(offer, acceptance, 1.5));
    expect(new Set(told(judged({ of, consumer })))).toEqual(new Set(["outside-spatial-window same"]));
  });

  test("as an attestation's only where its field begins with one", () => {
    const { of, consumer, offer } = scene(0);
    const acceptance = of.accept(consumer, offer, 1.2, {}, { attestation: digestOf("attestation") });
    refuse(of, of.holder, acceptance, [rejection("tpm-ak-name", "other.offer.attestation", {}, {})]);
    expect(told(judged({ of, consumer }))).toEqual(["tpm-ak-name differs"]);
  });

  test("for the weight of both levels, where a link above them is not here", () => {
    const of = market({ name: "weights", policy: { weightThreshold: 1_000 } });
    const consumer = of.party({ name: "consumer" });
    const offer = of.offer(0);
    const acceptance = of.accept(consumer, offer, 1);
    const [weight, ...more] = of.findingsAt(offer, acceptance, 1.5);
    expect([weight?.field, more]).toEqual(["pair", []]);
    refuse(of, of.holder, acceptance, weight === undefined ? [] : [weight]);
    expect(told(judged({ of, consumer }))).toEqual(["weight-threshold same"]);
    const documents = of.root.records().filter((each) => each.id !== of.rootCredential.id);
    const verdict = verify(bundleOf([of.holder.author, consumer.author], documents), [
      { lineage: of.root.lineage },
    ]);
    expect(reasons(verdict)).toEqual(["not-checkable: A credential chain is not here whole."]);
  });

  test("as withdrawn, where the holder's log is not here whole", () => {
    const { of, consumer, offer, acceptance } = scene(0);
    of.holder.author.write("outage", {
      what: "agent",
      bootId: of.holder.bootId,
      fromBootUs: 0,
      untilBootUs: 1,
    });
    const finding = rejection("withdrawn", "acceptance.offer", {}, { offer: "not withdrawn" });
    const refusal = refuse(of, of.holder, acceptance, [finding]);
    const some = [of.holder.author.inception, offer, refusal, ...of.root.records()];
    const verdict = verify(bundleOf([consumer.author], some), [{ lineage: of.root.lineage }]);
    expect(reasons(verdict)).toEqual([
      "not-checkable: The holder's log is not here whole: its withdrawal may be missing.",
    ]);
  });
});

describe("a refusal by the latest status snapshot", () => {
  test("goes by the highest number of its issuer, wherever it stands in the file", () => {
    const { of, consumer, offer, acceptance } = scene(0);
    const issuedUs = START_US - 30_000_000;
    const common = { previousSnapshot: of.snapshot.id, issuedUs };
    const revoked = [consumer.credential.id];
    const third = of.root.write("status-snapshot", { ...common, number: 3, revoked });
    of.root.write("status-snapshot", { ...common, number: 2, revoked: [] });
    const context = { ...of.contextAt(offer, acceptance, 1.5), snapshots: [third.id] };
    const evaluation = evaluateUnder(offer, acceptance, context, of.bodies(), primitives);
    const findings = "findings" in evaluation ? evaluation.findings : [];
    expect(findings.map(({ code }) => code)).toEqual(["credential-revoked"]);
    refuse(of, of.holder, acceptance, findings);
    expect(told(judged({ of, consumer }))).toEqual(["credential-revoked same"]);
  });
});

describe("a refusal as already allocated", () => {
  test("by a lease of another holder comes out otherwise: it did not stand in this one's way", () => {
    const of = market({ name: "others" });
    const running = lease(of);
    const other = of.party({ name: "other holder", credential: { level: "licensee", verbs: ["allocate"] } });
    const rival = of.party({ name: "rival" });
    const offer = other.author.write("offer", running.offer.body, of.made(other, 19));
    const acceptance = of.accept(rival, offer, 20);
    const { lowerHz, upperHz, fromUs, untilUs } = acceptance.body.block;
    const stood = { notLowerHz: lowerHz, notUpperHz: upperHz, notFromUs: fromUs, notUntilUs: untilUs };
    const required = { lease: toHex(running.derived.id), ...stood, guardHz: 12_500 };
    const measured = { lowerHz, upperHz, fromUs, untilUs };
    refuse(of, other, acceptance, [rejection("already-allocated", "acceptance.block", measured, required)]);
    const exporters = [of.holder, running.consumer, other, rival].map((each) => each.author);
    const verdict = verify(bundleOf(exporters, of.root.records()), [{ lineage: of.root.lineage }]);
    expect(told(verdict)).toEqual(["already-allocated differs"]);
  });
});

describe("a consumer's refusal of a settlement is not checkable", () => {
  /** A settlement as the holder made it, refused by the consumer with one finding. */
  function refused(finding: Rejection, price: "clear" | "sealed" = "clear", written: Written = {}) {
    const of = market({ name: "consumers" });
    const consumer = of.party({ name: "consumer" });
    const terms = { form: "fixed" as const, microUnits: 7_000_000n, currency: "EUR" };
    const { sealed, opening } = seal(priceTerms, terms, digestOf("salt").slice(0, 16), primitives.sha256);
    const openings = price === "sealed" ? { openings: [opening] } : {};
    const offer = of.offer(0, price === "sealed" ? { price: sealed } : {}, openings);
    const acceptance = of.accept(consumer, offer, 1, {}, openings);
    const { holderSettlement } = of.bind(consumer, offer, acceptance, 2);
    refuse(of, consumer, holderSettlement, [finding], written);
    return { of, consumer, offer, acceptance, holderSettlement };
  }

  const mismatch = rejection("artifact-mismatch", "settlement.artifact", {}, {});

  test.each([
    ["opening-missing", "What the consumer could open then stands in no record."],
    ["not-assured", "Whether the consumer had time assured then is not in the records."],
  ])("for %s: only the consumer knew", (code, reason) => {
    const scenery = refused(rejection(code, "settlement", {}, {}));
    expect(reasons(judged(scenery))).toEqual([`not-checkable: ${reason}`]);
  });

  test.each(["policy", "schema"])("where the %s that the context needs is not here", (kind) => {
    const scenery = refused(mismatch);
    expect(reasons(without(scenery, [kind]))).toEqual([
      "not-checkable: Records that the context names are not here.",
    ]);
  });

  test("where the offer is not here", () => {
    const { of, consumer, holderSettlement } = refused(mismatch);
    const some = [of.holder.author.inception, holderSettlement, ...of.root.records()];
    const verdict = verify(bundleOf([consumer.author], some), [{ lineage: of.root.lineage }]);
    expect(reasons(verdict)).toEqual(["not-checkable: Records that the context names are not here."]);
  });

  test("where a field that evaluation reads is sealed", () => {
    const scenery = refused(mismatch, "sealed");
    const closed = (records: readonly AnyRecord[]): readonly AnyRecord[] =>
      records.map((each) => ({ ...each, envelope: { ...each.envelope, openings: [] } }) as AnyRecord);
    const { of, consumer } = scenery;
    const authors = [of.holder.author, consumer.author].map((author) => ({
      ...author,
      records: () => closed(author.records()),
    }));
    const verdict = verify(bundleOf(authors, of.root.records()), [{ lineage: of.root.lineage }]);
    expect(reasons(verdict)).toEqual([
      "not-checkable: A sealed field that evaluation reads is not opened here.",
    ]);
  });

  test("without a time of its own its interval cannot be held against the holder's", () => {
    const finding = rejection("context-interval", "settlement.context.interval", {}, {});
    const verdict = judged(refused(finding, "clear", { time: null }));
    expect(told(verdict)).toEqual(["context-interval differs"]);
    expect(failing(verdict)).toContain("refusal-recomputed");
  });
});
