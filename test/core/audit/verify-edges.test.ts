/** What a verdict says at the edges: of records of strangers, of two emissions, of logs that are here in part. */
import { describe, expect, test } from "vitest";
import type { AuditCode } from "../../../src/core/audit/audit-codes.ts";
import type { NumberedCheck, Verdict } from "../../../src/core/audit/verdict.ts";
import { toHex } from "../../../src/core/base/bytes.ts";
import type { Actuation } from "../../../src/core/record/kinds/actuation.ts";
import type { AnyRecord } from "../../../src/core/record/record.ts";
import { digestOf, lineageBuilder } from "../../support/lineage-builder.ts";
import { type Market, market, START_US } from "../../support/market-builder.ts";
import { bundleOf, holdersBundle, lease, rootOf, story, verify } from "./story.ts";

type Running = ReturnType<typeof lease>;

/** Of both parties of a running lease that `then` went on with, and of what lies beside their logs. */
function having(then: (of: Market, running: Running) => void, beside: readonly AnyRecord[] = []): Verdict {
  const of = market({ name: "edges" });
  const running = lease(of);
  then(of, running);
  const exporters = [of.holder.author, running.consumer.author];
  return verify(bundleOf(exporters, [...of.root.records(), ...beside]), [{ lineage: of.root.lineage }]);
}

/** The consumer's log alone, with those of the holder's records that reached it. */
function consumersView(
  then: (of: Market, running: Running) => void,
  reached: (record: AnyRecord) => boolean,
): Verdict {
  const of = market({ name: "alone" });
  const running = lease(of);
  then(of, running);
  const theirs = of.holder.author.records().filter(reached);
  return verify(bundleOf([running.consumer.author], [...of.root.records(), ...theirs]), [
    { lineage: of.root.lineage },
  ]);
}

const ofCode = ({ checks }: Verdict, code: AuditCode): readonly NumberedCheck[] =>
  checks.filter((each) => each.code === code);

const results = (verdict: Verdict, code: AuditCode): readonly string[] =>
  ofCode(verdict, code).map(({ result }) => result);

const failing = ({ checks }: Verdict): readonly string[] => [
  ...new Set(checks.filter(({ result }) => result === "failed").map(({ code }) => code)),
];

describe("a settlement", () => {
  test.each<[AnyRecord["kind"], object]>([
    ["offer", { holder: "", resource: "", lowerHz: 433_100_000 }],
    ["acceptance", { consumer: "", lowerHz: 0, upperHz: 0 }],
  ])("without its %s is told with nothing in the places that this fills", (missing, told) => {
    const of = market({ name: "missing" });
    const { consumer } = lease(of);
    const records = [...of.holder.author.records(), ...consumer.author.records()];
    const foreign = [...of.root.records(), ...records.filter(({ kind }) => kind !== missing)];
    const { settlements } = verify(bundleOf([], foreign), [{ lineage: of.root.lineage }]);
    expect(settlements).toMatchObject([told]);
  });

  test("by whose log is here fails where what it names is not", () => {
    const of = market({ name: "snapshot" });
    const { consumer } = lease(of);
    const documents = of.root.records().filter(({ kind }) => kind !== "status-snapshot");
    const verdict = verify(bundleOf([of.holder.author, consumer.author], documents), [
      { lineage: of.root.lineage },
    ]);
    const missing = ofCode(verdict, "reference").filter(
      ({ measured }) => measured["field"] === "context.snapshots",
    );
    expect(missing.map(({ result }) => result)).toEqual(["failed", "failed"]);
  });
});

describe("silence after the last deadline that is known", () => {
  const late = (of: Market, running: Running): void => {
    of.outcome(running, running.actuation, 16, "muted");
  };

  test.each<[string, (record: AnyRecord) => boolean]>([
    ["is not here whole", ({ kind }) => kind !== "renewal"],
    ["is here without a gap, but not said to be whole", () => true],
  ])("accuses nobody where the holder's log %s: another renewal may have extended it", (_, reached) => {
    const verdict = consumersView(late, reached);
    const [check, ...more] = ofCode(verdict, "outcome-deadline");
    expect(more).toEqual([]);
    expect(check).toMatchObject({ result: "not-checkable", measured: { bootUs: 1_016_000_000 } });
    expect(check?.sentence).toMatch(/holder's log/);
  });
});

describe("records about a lease by somebody who is no party", () => {
  test.each(["request", "actuation", "outcome"] as const)("fail: the holder's %s", (what) => {
    const verdict = having((of, running) => {
      const { author } = of.holder;
      const made = of.made(of.holder, 12);
      if (what === "request") author.write("renewal-request", running.request3.body, made);
      if (what === "actuation") author.write("actuation", running.actuation.body, made);
      if (what === "outcome") author.write("actuation-outcome", running.on.body, made);
    });
    const [found] = ofCode(verdict, "lease-party");
    expect(found).toMatchObject({ result: "failed", required: { author: "the consumer" } });
  });
});

describe("two emissions of one lease", () => {
  test("each have an end of their own: a mute of one says nothing of the other", () => {
    const verdict = having((of, running) => {
      of.outcome(running, running.actuation, 10, "muted");
      of.actuate(running, running.renewal2, 10.5);
    });
    const open = ofCode(verdict, "outcome-known");
    expect(open.map(({ result, sentence }) => [result, sentence])).toEqual([
      ["not-checkable", "No outcome of this actuation is here."],
    ]);
  });

  test("whose end an outage bounds is told so in words", () => {
    const verdict = having((of, { consumer }) => {
      const body = { what: "x", bootId: consumer.bootId, fromBootUs: 3, untilBootUs: 9 };
      consumer.author.write("outage", body, of.made(consumer, 12));
    });
    expect(ofCode(verdict, "outcome-known")[0]?.sentence).toMatch(/outage/);
  });
});

describe("an emission", () => {
  const at = (second: number, body: Partial<Actuation> = {}): Verdict =>
    having((of, { consumer, actuation }) => {
      consumer.author.write("actuation", { ...actuation.body, ...body }, of.made(consumer, second));
    });

  test("from the very first instant of its grant is in time, and 1 µs before it is not", () => {
    expect(results(at(0.005), "emission-time")).toEqual(["passed"]);
    expect(results(at(0.004_999), "emission-time")).toEqual(["failed"]);
  });

  test("that is told of after the lease was relinquished fails", () => {
    const verdict = having((of, running) => {
      of.relinquish(running, 10);
      of.outcome(running, running.actuation, 10.1, "on");
    });
    expect(ofCode(verdict, "consumer-after-end")).toMatchObject([
      { result: "failed", measured: { kind: "actuation-outcome" } },
    ]);
  });
});

describe("a lineage", () => {
  test("whose signatures all fit is told with the number of its records", () => {
    const verdict = having(() => {});
    const told = ofCode(verdict, "record-signature").map(({ subject, measured }) => [subject, measured]);
    expect(told).toEqual(verdict.lineages.map(({ lineage, records }) => [lineage, { records }]));
  });

  test("that its own owner exports with two records at one position is out of order", () => {
    const verdict = having((of, { offer }) => {
      const { author } = of.holder;
      const first = author.write("withdrawal", { offer: offer.id, reason: "one" });
      const { seq, previous } = first.header;
      author.write("withdrawal", { offer: offer.id, reason: "another" }, { seq, previous });
    });
    expect(results(verdict, "bundle-order")).toEqual(["failed"]);
    expect(failing(verdict)).toContain("lineage-fork");
  });

  test("is only asked for its end where its own log is here", () => {
    const of = story({ name: "ends" });
    const verdict = verify(holdersBundle(of), rootOf(of));
    expect(ofCode(verdict, "lineage-end").map(({ subject }) => subject)).toEqual([
      toHex(of.market.holder.author.lineage),
    ]);
  });

  test("of two epochs ends where the second one does, and its epoch is named where it is not checkable", () => {
    const verdict = having((of) => {
      const outage = { what: "agent", bootId: of.holder.bootId, fromBootUs: 0, untilBootUs: 1 };
      of.holder.author.write("outage", outage, { epoch: 1, seq: 0, previous: of.rootCredential.id });
    });
    expect(verdict.lineages[0]).toMatchObject({ lastSeq: 0, exported: true });
    expect(ofCode(verdict, "lineage-link")).toContainEqual(
      expect.objectContaining({ result: "not-checkable", measured: { epoch: 1 } }),
    );
  });
});

describe("evidence", () => {
  test("is told of with the levels that both parties claimed, time and place apart", () => {
    const [told] = ofCode(
      having(() => {}),
      "evidence-true",
    );
    expect(told?.measured).toEqual({ time: "simulated simulated", place: "simulated simulated" });
  });

  test.each<[string, boolean, "gnss" | "replay" | "simulated"]>([
    ["of a receiver is not called simulated", false, "gnss"],
    ["that was replayed is not real", true, "replay"],
    ["that was simulated is not real", true, "simulated"],
  ])("%s", (_, simulated, assurance) => {
    const author = lineageBuilder({ name: "evidence", tier: "software" });
    const time = { earliestUs: START_US, latestUs: START_US, assurance, ageUs: 0 };
    author.write("withdrawal", { offer: author.inception.id, reason: "" }, { time });
    expect(verify(bundleOf([author], []), [{ lineage: author.lineage }]).simulated).toBe(simulated);
  });
});

describe("a foreign record that nothing here leads to", () => {
  test("fails, though another record of its author is led to", () => {
    const theirs: AnyRecord[] = [];
    const verdict = having((of, { offer }) => {
      const rival = of.party({ name: "rival" });
      of.accept(rival, offer, 5);
      rival.author.write("withdrawal", { offer: digestOf("elsewhere"), reason: "" }, of.made(rival, 6));
      theirs.push(...rival.author.records());
    }, theirs);
    const failed = ofCode(verdict, "record-connected").filter(({ result }) => result === "failed");
    expect(failed.map(({ subject }) => subject)).toEqual(theirs.slice(2).map(({ id }) => toHex(id)));
  });
});

describe("more collisions of blocks than are looked into", () => {
  test("are told as a number, and never passed", () => {
    const of = market({ name: "crowd" });
    const offer = of.offer(0);
    const buyers = Array.from({ length: 46 }, (_, i) => of.party({ name: `buyer ${i}` }));
    for (const [i, each] of buyers.entries()) {
      const second = 1 + i / 10;
      of.bind(each, offer, of.accept(each, offer, second), second + 0.05);
    }
    const exporters = [of.holder, ...buyers].map(({ author }) => author);
    const verdict = verify(bundleOf(exporters, of.root.records()), [{ lineage: of.root.lineage }]);
    expect(failing(verdict)).toContain("double-allocation");
    expect(ofCode(verdict, "double-allocation")).toContainEqual(
      expect.objectContaining({
        result: "not-checkable",
        measured: { settlements: 46, pairsMax: 4_000_000 },
      }),
    );
  }, 60_000);
});

describe("a termination as not countersigned", () => {
  test("fails after a renewal, however late it is", () => {
    const verdict = having((of, running) => void of.terminate(running, 40, "not-countersigned"));
    expect(ofCode(verdict, "termination-sound")).toMatchObject([
      { result: "failed", measured: { renewalsBefore: true }, required: { renewalsBefore: false } },
    ]);
  });
});
