/** Refusals are held against the records: what comes out again, what comes out otherwise, and what nobody can say. */

import { describe, expect, test } from "vitest";
import type { Verdict } from "../../../src/core/audit/verdict.ts";
import { toHex } from "../../../src/core/base/bytes.ts";
import { type Rejection, rejection } from "../../../src/core/base/rejection.ts";
import { clear } from "../../../src/core/record/sealed.ts";
import { digestOf } from "../../support/lineage-builder.ts";
import { bootUsAt, type Market, market, policyBody, START_US, timeAt } from "../../support/market-builder.ts";
import { failing, judged, type Scene, scene, told } from "./refusal-scene.ts";
import { bundleOf, lease, verify } from "./story.ts";

const FAR = 200_000;

describe("a refusal by the spatial window", () => {
  const first = (scenery: Scene): Rejection => {
    const found = scenery.of.findingsAt(scenery.offer, scenery.acceptance, 1.5)[0];
    if (found === undefined) throw new Error("it is not refused");
    return found;
  };

  test("comes out again from the two places", () => {
    const scenery = scene(FAR);
    scenery.of.refuse(scenery.acceptance, [first(scenery)], 1.5);
    expect(told(judged(scenery))).toEqual(["outside-spatial-window same"]);
    expect(failing(judged(scenery))).toEqual([]);
  });

  test.each<[string, (finding: Rejection) => Rejection]>([
    [
      "a distance that is 1 mm more",
      (each) => ({
        ...each,
        measured: { ...each.measured, distanceMm: Number(each.measured["distanceMm"]) + 1 },
      }),
    ],
    ["a narrower window than policy's", (each) => ({ ...each, required: { worstMmMax: 1 } })],
    ["another field", (each) => ({ ...each, field: "pair" })],
    ["another code", (each) => ({ ...each, code: "outside-temporal-window" })],
  ])("with %s comes out otherwise, and fails", (_, change) => {
    const scenery = scene(FAR);
    scenery.of.refuse(scenery.acceptance, [change(first(scenery))], 1.5);
    const [refusal] = judged(scenery).refusals;
    expect(refusal?.recomputed).toBe("differs");
    // What came out is said beside the refusal, where anything of its code came out for its field.
    expect(refusal?.reason).toMatch(/^no such finding|^distanceMm=\d+ .*worstMm=\d+ against worstMmMax=\d+$/);
    expect(failing(judged(scenery))).toEqual(["refusal-recomputed"]);
  });

  test("of a pair that fits fails: nothing of the kind comes out", () => {
    const scenery = scene(1_000);
    scenery.of.refuse(scenery.acceptance, [first(scene(FAR))], 1.5);
    expect(failing(judged(scenery))).toEqual(["refusal-recomputed"]);
  });
});

describe("a refusal for eligibility", () => {
  test("comes out again from the credential", () => {
    const scenery = scene(0, { eligibilityClasses: [] });
    scenery.of.refuse(scenery.acceptance, scenery.of.findingsAt(scenery.offer, scenery.acceptance, 1.5), 1.5);
    expect(told(judged(scenery))).toEqual(["not-eligible same"]);
  });

  test("is not checkable where the refused consumer's credential is not here", () => {
    const scenery = scene(0, { eligibilityClasses: [] });
    const { of, consumer, acceptance, offer } = scenery;
    of.refuse(acceptance, of.findingsAt(offer, acceptance, 1.5), 1.5);
    const documents = of.root.records().filter((each) => each.id !== consumer.credential.id);
    const foreign = [...documents, ...consumer.author.records()];
    const verdict = verify(bundleOf([of.holder.author], foreign), [{ lineage: of.root.lineage }]);
    expect(told(verdict)).toEqual(["not-eligible not-checkable"]);
    expect(failing(verdict)).toEqual([]);
  });
});

describe("a refusal as already allocated", () => {
  function second(
    then: (of: Market, running: ReturnType<typeof lease>) => void,
    change: Partial<Rejection> = {},
    later: (of: Market, running: ReturnType<typeof lease>) => void = () => {},
  ): Verdict {
    const of = market({ name: "taken" });
    const running = lease(of);
    then(of, running);
    const rival = of.party({ name: "rival" });
    const acceptance = of.accept(rival, running.offer, 20);
    const { lowerHz, upperHz, fromUs, untilUs } = acceptance.body.block;
    const measured = { lowerHz, upperHz, fromUs, untilUs };
    const required = {
      lease: toHex(running.derived.id),
      notLowerHz: lowerHz,
      notUpperHz: upperHz,
      notFromUs: fromUs,
      notUntilUs: untilUs,
      guardHz: 12_500,
    };
    of.refuse(
      acceptance,
      [{ ...rejection("already-allocated", "acceptance.block", measured, required), ...change }],
      20.5,
    );
    later(of, running);
    const exporters = [of.holder, running.consumer, rival].map((each) => each.author);
    return verify(bundleOf(exporters, of.root.records()), [{ lineage: of.root.lineage }]);
  }

  test("comes out again while the lease stands", () => {
    expect(told(second(() => {}))).toEqual(["already-allocated same"]);
  });

  test("fails where the lease was given up before", () => {
    const verdict = second((of, running) => {
      of.outcome(running, running.actuation, 10, "muted");
      of.terminate(running, 11, "relinquished", of.relinquish(running, 10.5));
    });
    expect(told(verdict)).toEqual(["already-allocated differs"]);
    expect(failing(verdict)).toEqual(["refusal-recomputed"]);
  });

  test("is not checkable where the lease ended and only the boot clock could tell", () => {
    expect(told(second((of, running) => void of.terminate(running, 17, "lapsed")))).toEqual([
      "already-allocated not-checkable",
    ]);
  });

  describe("where the lease ended and a renewal of another one shows its bound as passed by the boot clock", () => {
    /** Renewals of another lease, by the holder's boot: the first written before the refusal, the second behind it. */
    function refusedBetween(before: string, after: string | null): Verdict {
      return second(
        (of, running) => {
          of.terminate(running, 17, "lapsed");
          elsewhere(of, running, 19, before);
        },
        {},
        (of, running) => {
          if (after !== null) elsewhere(of, running, 21, after);
        },
      );
    }

    function elsewhere(of: Market, { renewal2 }: ReturnType<typeof lease>, at: number, boot: string): void {
      const artifact = digestOf("another lease");
      const holderBootId = digestOf(boot).slice(0, 16);
      const body = { ...renewal2.body, artifact, holderBootId, holderBootUs: bootUsAt(at) };
      of.holder.author.write("renewal", body, of.made(of.holder, at));
    }

    test("fails where the holder's host did not reboot in between", () => {
      const verdict = refusedBetween("boot", "boot");
      expect(told(verdict)).toEqual(["already-allocated differs"]);
      expect(failing(verdict)).toContain("refusal-recomputed");
    });

    test.each([
      ["it rebooted, and its holder counts anew", "next boot"],
      ["nothing later says whether it rebooted", null],
    ])("is not checkable where %s", (_, after) => {
      expect(told(refusedBetween("boot", after))).toEqual(["already-allocated not-checkable"]);
    });
  });

  test("fails with other measures, and is not checkable with a lease that is not here", () => {
    expect(told(second(() => {}, { measured: { lowerHz: 1 } }))).toEqual(["already-allocated differs"]);
    const unknown = { required: { lease: toHex(digestOf("no")) } };
    expect(told(second(() => {}, unknown))).toEqual(["already-allocated not-checkable"]);
  });
});

describe("a refusal as withdrawn", () => {
  const finding = rejection("withdrawn", "acceptance.offer", {}, { offer: "not withdrawn" });

  test("comes out again after the withdrawal, and fails without one", () => {
    const withdrawn = scene(0);
    withdrawn.of.holder.author.write(
      "withdrawal",
      { offer: withdrawn.offer.id, reason: "" },
      withdrawn.of.made(withdrawn.of.holder, 1.2),
    );
    withdrawn.of.refuse(withdrawn.acceptance, [finding], 1.5);
    expect(told(judged(withdrawn))).toEqual(["withdrawn same"]);
    const standing = scene(0);
    standing.of.refuse(standing.acceptance, [finding], 1.5);
    expect(told(judged(standing))).toEqual(["withdrawn differs"]);
  });
});

describe("what only the refusing side knew", () => {
  test.each([
    ["whom it trusted", rejection("policy-untrusted", "offer.policy", {}, { author: "a trusted root" })],
    [
      "which policies counted for it",
      rejection("policy-mismatch", "offer.policy", {}, { policy: "another" }),
    ],
    ["which policies it had heard of", rejection("policy-superseded", "offer.policy", {}, { endUs: 1 })],
    ["what it could state of itself", rejection("identifier-missing", "holder.identifiers", {}, {})],
    [
      "which snapshots it had",
      rejection("snapshot-age", "offer.credential[0]", { ageUs: 9 }, { ageMaxUs: 1 }),
    ],
  ])("%s is not checkable", (_, finding) => {
    const scenery = scene(0);
    scenery.of.refuse(scenery.acceptance, [finding], 1.5);
    expect(judged(scenery).refusals[0]?.recomputed).toBe("not-checkable");
    expect(failing(judged(scenery))).toEqual([]);
  });

  test("that the acceptance names another policy than the offer is in both", () => {
    const { of, consumer, acceptance } = scene(0);
    const finding = rejection(
      "policy-mismatch",
      "acceptance.policy",
      { policy: "one" },
      { policy: "another" },
    );
    of.refuse(acceptance, [finding], 1.5);
    expect(told(judged({ of, consumer }))).toEqual(["policy-mismatch differs"]);
  });

  test("an aggregate names no record, so it is not checkable", () => {
    const { of, consumer } = scene(0);
    const body = {
      subject: null,
      peer: consumer.author.lineage,
      findings: [rejection("offer-ended", "least", { value: 1 }, {})],
      profile: policyBody.name,
      profiles: [],
      consequence: "quota" as const,
      retryAfterUs: 0,
      count: 17,
    };
    of.holder.author.write("rejection", body, of.made(of.holder, 2));
    expect(told(judged({ of, consumer }))).toEqual(["offer-ended not-checkable"]);
  });
});

describe("a gate's own deadline", () => {
  test("comes out again from the rejection's own time", () => {
    const { of, consumer, offer, acceptance } = scene(0);
    const { earliestUs, latestUs } = timeAt(32);
    const nowUs = Math.floor((earliestUs + latestUs) / 2);
    const required = { confirmByUs: acceptance.body.confirmByUs };
    const gate = rejection("confirm-by-passed", "acceptance.confirmByUs", { nowUs }, required);
    of.refuse(acceptance, [gate, ...of.findingsAt(offer, acceptance, 32)], 32);
    const verdict = judged({ of, consumer });
    expect(told(verdict)).toEqual(["confirm-by-passed same", "confirm-by-passed same"]);
    expect(START_US).toBeLessThan(nowUs);
  });

  test("has not passed at its very microsecond", () => {
    const { of, consumer, acceptance } = scene(0);
    const { confirmByUs } = acceptance.body;
    const { earliestUs, latestUs } = timeAt(31);
    expect((earliestUs + latestUs) / 2).toBe(confirmByUs);
    const measured = { nowUs: confirmByUs };
    const gate = rejection("confirm-by-passed", "acceptance.confirmByUs", measured, { confirmByUs });
    of.refuse(acceptance, [gate], 31);
    expect(told(judged({ of, consumer }))).toEqual(["confirm-by-passed differs"]);
  });
});

describe("the refused record", () => {
  test("has to be here, by the peer that is named", () => {
    const { of, consumer, acceptance } = scene(FAR);
    const finding = rejection("offer-ended", "acceptance.time", {}, {});
    const body = {
      subject: acceptance.id,
      peer: of.root.lineage,
      findings: [finding],
      profile: policyBody.name,
      profiles: [],
      consequence: "none" as const,
      retryAfterUs: 0,
      count: 1,
    };
    of.holder.author.write("rejection", body, of.made(of.holder, 2));
    of.holder.author.write("rejection", { ...body, subject: digestOf("nothing") }, of.made(of.holder, 2.1));
    const codes = failing(judged({ of, consumer }));
    expect(codes.filter((code) => code === "refusal-subject")).toHaveLength(2);
  });
});

describe("a consumer's refusal of the holder's settlement", () => {
  function refused(artifact: Uint8Array | null, finding: (derived: Uint8Array) => Rejection): Verdict {
    const { of, consumer, offer, acceptance } = scene(0);
    const bound = of.bind(consumer, offer, acceptance, 2);
    const { body } = bound.holderSettlement;
    of.holder.author.rewind(of.holder.author.records().length - 1);
    const named = artifact ?? body.artifact;
    const settlement = of.holder.author.write(
      "settlement",
      { ...body, artifact: named },
      of.made(of.holder, 2),
    );
    const refusal = {
      subject: settlement.id,
      peer: of.holder.author.lineage,
      findings: [finding(bound.derived.id)],
      profile: policyBody.name,
      profiles: [],
      consequence: "none" as const,
      retryAfterUs: 0,
      count: 1,
    };
    consumer.author.write("rejection", refusal, of.made(consumer, 8));
    return judged({ of, consumer });
  }

  test("for another artifact comes out again, and the settlement fails", () => {
    const other = digestOf("other");
    const verdict = refused(other, (derived) =>
      rejection(
        "artifact-mismatch",
        "settlement.artifact",
        { artifact: toHex(other) },
        { artifact: toHex(derived) },
      ),
    );
    expect(told(verdict)).toEqual(["artifact-mismatch same"]);
    expect(failing(verdict)).toContain("artifact-rederived");
  });

  test("for an interval too far from its own comes out again", () => {
    const theirs = timeAt(2);
    const own = timeAt(8);
    const measured = { earliestUs: theirs.earliestUs, latestUs: theirs.latestUs };
    const required = {
      earliestUs: own.earliestUs,
      latestUs: own.latestUs,
      skewMaxUs: policyBody.contextSkewMaxUs,
    };
    const finding = rejection("context-interval", "settlement.context.interval", measured, required);
    expect(told(refused(null, () => finding))).toEqual(["context-interval same"]);
    expect(told(refused(null, () => ({ ...finding, measured: {} })))).toEqual(["context-interval differs"]);
  });

  test("for another offer than it accepted comes out again", () => {
    const { of, consumer, offer, acceptance } = scene(0);
    const other = of.offer(0.5);
    const context = of.contextAt(other, acceptance, 2);
    const body = {
      offer: other.id,
      acceptance: acceptance.id,
      context,
      artifact: digestOf("any"),
      identifiers: clear([]),
    };
    const settlement = of.holder.author.write("settlement", body, of.made(of.holder, 2));
    const required = { offer: toHex(offer.id) };
    const refusal = {
      subject: settlement.id,
      peer: of.holder.author.lineage,
      findings: [rejection("artifact-mismatch", "settlement.offer", { offer: toHex(other.id) }, required)],
      profile: policyBody.name,
      profiles: [],
      consequence: "none" as const,
      retryAfterUs: 0,
      count: 1,
    };
    consumer.author.write("rejection", refusal, of.made(consumer, 3));
    const verdict = judged({ of, consumer });
    expect(told(verdict)).toEqual(["artifact-mismatch same"]);
    expect(failing(verdict)).toContain("settlement-pair");
  });

  test("for a root that it does not trust is not checkable", () => {
    const finding = rejection(
      "root-untrusted",
      "settlement.context.roots",
      { roots: 1 },
      { roots: "trusted here" },
    );
    expect(told(refused(null, () => finding))).toEqual(["root-untrusted not-checkable"]);
  });
});

describe("a consumer's copy of the holder's refusal", () => {
  function copied(
    change: (findings: readonly Rejection[]) => readonly Rejection[],
    original: boolean,
  ): Verdict {
    const { of, consumer, offer, acceptance } = scene(FAR);
    const theirs = of.findingsAt(offer, acceptance, 1.5);
    if (original) of.refuse(acceptance, theirs, 1.5);
    const body = {
      subject: acceptance.id,
      peer: of.holder.author.lineage,
      findings: change(theirs),
      profile: policyBody.name,
      profiles: [],
      consequence: "none" as const,
      retryAfterUs: 0,
      count: 1,
    };
    consumer.author.write("rejection", body, of.made(consumer, 2));
    return judged({ of, consumer });
  }

  test("says what the holder's says, or fails", () => {
    expect(failing(copied((theirs) => theirs, true))).toEqual([]);
    expect(failing(copied(() => [rejection("offer-ended", "", {}, {})], true))).toEqual([
      "refusal-recomputed",
    ]);
  });

  test("is not checkable where the holder's is not here", () => {
    const verdict = copied((theirs) => theirs, false);
    expect(new Set(verdict.refusals.map(({ recomputed }) => recomputed))).toEqual(new Set(["not-checkable"]));
  });
});
