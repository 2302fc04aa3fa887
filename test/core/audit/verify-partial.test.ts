/** Bundles of which something is missing, or that hold more than one truth: what still passes, fails, or cannot be told. */
import { describe, expect, test } from "vitest";
import type { AuditCode } from "../../../src/core/audit/audit-codes.ts";
import { viewed } from "../../../src/core/audit/bundle-view.ts";
import type { NumberedCheck, Verdict } from "../../../src/core/audit/verdict.ts";
import { toHex } from "../../../src/core/base/bytes.ts";
import { rejection } from "../../../src/core/base/rejection.ts";
import type { LeaseTermination } from "../../../src/core/record/kinds/lease-termination.ts";
import type { AnyRecord } from "../../../src/core/record/record.ts";
import { seal } from "../../../src/core/record/sealed.ts";
import { placeEvidence } from "../../../src/core/record/shared-fields.ts";
import { digestOf, packed, primitives, type Written } from "../../support/lineage-builder.ts";
import {
  type Market,
  market,
  type Party,
  placeAt,
  policyBody,
  START_US,
} from "../../support/market-builder.ts";
import { bundleOf, lease, verify } from "./story.ts";

type Running = ReturnType<typeof lease>;

function ofCode({ checks }: Verdict, code: AuditCode): readonly NumberedCheck[] {
  return checks.filter((each) => each.code === code);
}

const results = (verdict: Verdict, code: AuditCode): readonly string[] =>
  ofCode(verdict, code).map(({ result }) => result);

const trusting = (of: Market) => [{ lineage: of.root.lineage }];

/** Of both parties of a running lease that `then` went on with. */
function having(then: (of: Market, running: Running) => void): Verdict {
  const of = market({ name: "partial" });
  const running = lease(of);
  then(of, running);
  return verify(bundleOf([of.holder.author, running.consumer.author], of.root.records()), trusting(of));
}

/** A pair that was bound and never countersigned, ended for `reason`; the holder's log, with the acceptance or not. */
function endedPair(reason: LeaseTermination["reason"], second: number, acceptanceHere: boolean): Verdict {
  const of = market({ name: "ended" });
  const consumer = of.party({ name: "consumer" });
  const offer = of.offer(0);
  const bound = of.bind(consumer, offer, of.accept(consumer, offer, 1), 2);
  const body = { artifact: bound.derived.id, reason, cause: null, link: null };
  of.holder.author.write("lease-termination", body, of.made(of.holder, second));
  const theirs = acceptanceHere ? consumer.author.records() : [];
  return verify(bundleOf([of.holder.author], [...of.root.records(), ...theirs]), trusting(of));
}

describe("a termination by a deadline", () => {
  test("as not effective passes after effectiveBy and fails before", () => {
    expect(results(endedPair("not-effective", 62, true), "termination-sound")).toEqual(["passed"]);
    expect(results(endedPair("not-effective", 59, true), "termination-sound")).toEqual(["failed"]);
  });

  test.each(["not-countersigned", "not-effective", "ended"] as const)(
    "as %s is not checkable where the acceptance that sets the deadline is not here",
    (reason) => {
      expect(results(endedPair(reason, 620, false), "termination-sound")).toEqual(["not-checkable"]);
    },
  );
});

describe("the consumer's end", () => {
  test("is its first relinquishment, where it signed two", () => {
    const verdict = having((of, running) => {
      const first = of.relinquish(running, 10);
      of.relinquish(running, 11);
      of.request(running, 12, running.renewal2);
      expect(first.header.seq).toBeLessThan(running.consumer.author.records().length);
    });
    const failed = ofCode(verdict, "consumer-after-end").filter(({ result }) => result === "failed");
    expect(failed).toHaveLength(1);
    expect(Number(failed[0]?.measured["seq"])).toBe(Number(failed[0]?.required["seqMax"]) + 2);
  });
});

describe("two artifacts of one acceptance", () => {
  test("each with the holder's own settlement fail as never two for one pair", () => {
    const of = market({ name: "twice" });
    const consumer = of.party({ name: "consumer" });
    const offer = of.offer(0);
    const acceptance = of.accept(consumer, offer, 1);
    const [first, second] = [
      of.bind(consumer, offer, acceptance, 2),
      of.bind(consumer, offer, acceptance, 2.1),
    ];
    const verdict = verify(bundleOf([of.holder.author, consumer.author], of.root.records()), trusting(of));
    const [failed] = ofCode(verdict, "artifact-once").filter(({ result }) => result === "failed");
    expect(failed?.measured).toMatchObject({ artifacts: 2, other: toHex(first.derived.id) });
    expect(failed?.artifact).toBe(toHex(second.derived.id));
  });
});

describe("a revoked link", () => {
  test.each([
    [20, 30],
    [30, 20],
  ])("is told with the earliest snapshot that lists it (issued at %i s and %i s)", (one, other) => {
    const verdict = having((of, { consumer }) => {
      const common = { previousSnapshot: of.snapshot.id, revoked: [consumer.credential.id] };
      of.root.write("status-snapshot", { ...common, number: 2, issuedUs: START_US + one * 1_000_000 });
      of.root.write("status-snapshot", { ...common, number: 3, issuedUs: START_US + other * 1_000_000 });
    });
    const [revoked] = ofCode(verdict, "before-revocation");
    expect(revoked?.measured["issuedUs"]).toBe(START_US + 20_000_000);
  });
});

describe("a trusted root", () => {
  test.each([
    ["another record than an inception", (of: Market) => packed(of.policy.envelope)],
    ["bytes that are no envelope", () => Uint8Array.of(1, 2, 3)],
    [
      "an envelope that holds no record",
      (of: Market) => packed(of.root.envelope("key-event", Uint8Array.of(0xc0))),
    ],
  ])("given as %s is none", (_what, inception) => {
    const of = market({ name: "roots" });
    const verdict = verify(bundleOf([of.holder.author], of.root.records()), [{ inception: inception(of) }]);
    expect(results(verdict, "trust-root")).toEqual(["failed"]);
  });
});

describe("a lineage of two epochs", () => {
  /** The holder's second epoch, as a recovery would begin it: only from `seq` on. */
  function epochs(seq: number, then: (of: Market, written: Written) => void = () => {}): Verdict {
    return having((of) => {
      const outage = { what: "agent", bootId: of.holder.bootId, fromBootUs: 0, untilBootUs: 1 };
      const previous = of.holder.author.write("outage", outage, {
        epoch: 1,
        seq,
        previous: digestOf("recovery"),
      });
      then(of, { epoch: 1, seq: seq + 1, previous: previous.id });
    });
  }

  test("names what is missing of the second by its epoch", () => {
    const [missing] = ofCode(epochs(2), "lineage-gap").filter(({ result }) => result === "failed");
    expect(missing?.measured["missing"]).toBe("epoch 1: 0-1");
  });

  test("with a gap before a checkpoint cannot have its Merkle root checked", () => {
    const verdict = epochs(2, (of, written) => {
      of.holder.author.write("checkpoint", { size: 3, root: digestOf("root"), tpmCounter: null }, written);
    });
    expect(results(verdict, "checkpoint-root")).toContain("not-checkable");
  });
});

describe("openings in a bundle", () => {
  const place = placeAt(5_000);
  const { sealed, opening } = seal(placeEvidence, place, digestOf("place").slice(0, 16), primitives.sha256);

  test("of a place fit records of every kind, with and without sealed fields of their own", () => {
    const idle = having((of, running) => {
      const written = of.made(of.holder, 12, { place: sealed, openings: [opening] });
      of.holder.author.write("withdrawal", { offer: running.offer.id, reason: "" }, written);
      of.holder.author.write("settlement", running.holderSettlement.body, written);
      of.root.write("credential", running.consumer.credential.body, { place: sealed, openings: [opening] });
    });
    expect(results(idle, "record-opening")).toEqual(["passed"]);
  });

  test("beside a record that has no place open nothing", () => {
    const verdict = having((of) => {
      of.root.write("credential", of.rootCredential.body, { openings: [opening] });
    });
    expect(results(verdict, "record-opening")).toEqual(["failed"]);
  });

  test("that came with only one of two copies of a record are kept, whichever copy is first", () => {
    const of = market({ name: "copies" });
    const offer = of.offer(0, {}, { place: sealed, openings: [opening] });
    const consumer = of.party({ name: "consumer" });
    of.countersign(of.bind(consumer, offer, of.accept(consumer, offer, 1), 2), 2.5);
    const closed = { ...offer, envelope: { ...offer.envelope, openings: [] } } as unknown as AnyRecord;
    const whole = verify(
      bundleOf([of.holder.author, consumer.author], [...of.root.records(), closed]),
      trusting(of),
    );
    expect(results(whole, "artifact-rederived")).toEqual(["passed", "passed"]);
    const foreign = [
      ...of.root.records(),
      of.holder.author.inception,
      closed,
      offer,
      ...of.holder.author.records(),
    ];
    const mine = verify(bundleOf([consumer.author], foreign as readonly AnyRecord[]), trusting(of));
    expect(results(mine, "artifact-rederived")).toEqual(["passed", "passed"]);
  });

  test("withheld from an actuation's place leave it not checkable whether RF was inside the area", () => {
    const verdict = having((of, running) => {
      const written = of.made(running.consumer, 6.5, { place: sealed });
      running.consumer.author.write("actuation", running.actuation.body, written);
    });
    expect(results(verdict, "emission-place")).toContain("not-checkable");
  });

  test("are not looked for in what is no envelope", () => {
    expect(viewed(Uint8Array.of(1, 2, 3), "public")).toBeNull();
  });
});

describe("a rejection of something else than an acceptance or a settlement", () => {
  test("is not checkable: what led to it stands in no record", () => {
    const verdict = having((of, { consumer, offer }) => {
      const body = {
        subject: offer.id,
        peer: of.holder.author.lineage,
        findings: [rejection("offer-ended", "offer.endUs", {}, {})],
        profile: policyBody.name,
        profiles: [],
        consequence: "none" as const,
        retryAfterUs: 0,
        count: 1,
      };
      consumer.author.write("rejection", body, of.made(consumer, 12));
    });
    expect(verdict.refusals.map(({ recomputed, reason }) => `${recomputed}: ${reason}`)).toEqual([
      "not-checkable: What led to refusing a record of kind offer is not in the records.",
    ]);
  });
});

describe("blocks that are let twice", () => {
  /** One offer of a block that is not exclusive, or of one that is, taken by two consumers. */
  function twoConsumers(exclusive: boolean): Verdict {
    const of = market({ name: "shared", rootCredential: {} });
    const parties: readonly Party[] = ["one", "two"].map((name) => of.party({ name }));
    const offer = of.offer(0);
    const block = { ...offer.body.block, exclusive };
    const shared = of.offer(0.1, { block });
    for (const [i, each] of parties.entries()) {
      of.countersign(of.bind(each, shared, of.accept(each, shared, 1 + i), 2 + i), 2.5 + i);
    }
    const exporters = [of.holder, ...parties].map(({ author }) => author);
    return verify(bundleOf(exporters, of.root.records()), trusting(of));
  }

  test("pass where they are shared, and fail where they are exclusive", () => {
    expect(results(twoConsumers(false), "double-allocation")).toEqual(["passed"]);
    expect(results(twoConsumers(true), "double-allocation")).toEqual(["failed"]);
  });
});

describe("what a radio did", () => {
  test("is judged in the order of its own log, wherever the records stand in the file", () => {
    const of = market({ name: "order" });
    const running = lease(of);
    of.outcome(running, running.actuation, 10, "muted");
    const consumers = running.consumer.author.records();
    const foreign = [...of.root.records(), ...[...consumers].reverse()];
    const verdict = verify(bundleOf([of.holder.author], foreign), trusting(of));
    expect(results(verdict, "outcome-order")).toEqual(["passed"]);
  });

  test("of an actuation that is not here is out of order, and told of no lease", () => {
    const verdict = having((of, { consumer, on }) => {
      const body = { ...on.body, actuation: digestOf("no actuation") };
      consumer.author.write("actuation-outcome", body, of.made(consumer, 12));
    });
    expect(verdict.verdict).toBe("failed");
    expect(results(verdict, "outcome-order")).toEqual(["passed"]);
    expect(results(verdict, "reference")).toContain("failed");
  });
});

describe("a verdict", () => {
  test("lists at most a thousand uncertainties of one kind, and is no failure for those beyond", () => {
    const verdict = having((of, { consumer }) => {
      const findings = Array.from({ length: 32 }, (_, i) => rejection("offer-ended", `${i}`, {}, {}));
      const body = {
        subject: null,
        peer: consumer.author.lineage,
        findings,
        profile: policyBody.name,
        profiles: [],
        consequence: "quota" as const,
        retryAfterUs: 0,
        count: 32,
      };
      for (let i = 0; i < 32; i++) of.holder.author.write("rejection", body, of.made(of.holder, 20 + i));
    });
    expect(results(verdict, "refusal-recomputed")).toHaveLength(1_000);
    expect(ofCode(verdict, "list-cut")).toMatchObject([
      { result: "not-checkable", measured: { found: 1_024 } },
    ]);
    expect(verdict.verdict).toBe("passed");
  });
});
