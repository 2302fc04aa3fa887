/** What a holder keeps by an acknowledgement, as `verify` reads it (PROTOCOL §6). */
import { describe, expect, test } from "vitest";
import type { Verdict } from "../../../src/core/audit/verdict.ts";
import type { AnyRecord } from "../../../src/core/record/record.ts";
import { holdingOf } from "../../../src/core/settlement/holdings.ts";
import { type Market, market } from "../../support/market-builder.ts";
import { bundleOf, lease, verify } from "./story.ts";

type Running = ReturnType<typeof lease>;

function acknowledge(of: Market, { derived }: Running, record: AnyRecord, second: number): void {
  const body = { artifact: derived.id, record: record.id };
  of.holder.author.write("acknowledgement", body, of.made(of.holder, second));
}

/** One lease, ended at 9.5 s in `then`, and its block let to a second consumer at 12 s. */
function letAgain(then: (of: Market, running: Running) => void): Verdict {
  const of = market({ name: "acknowledged" });
  const running = lease(of);
  of.outcome(running, running.actuation, 9.4, "muted");
  then(of, running);
  const rival = of.party({ name: "rival", northE7: 12_000 });
  const acceptance = of.accept(rival, running.offer, 11.5);
  of.bind(rival, running.offer, acceptance, 12);
  const exporters = [of.holder, running.consumer, rival].map((each) => each.author);
  return verify(bundleOf(exporters, of.root.records()), [{ lineage: of.root.lineage }]);
}

function failing({ checks }: Verdict): readonly string[] {
  return [...new Set(checks.filter(({ result }) => result === "failed").map(({ code }) => code))];
}

describe("a relinquishment that came after a termination of another reason", () => {
  test("frees the block from the acknowledgement on", () => {
    const verdict = letAgain((of, running) => {
      of.terminate(running, 9.5, "lapsed");
      acknowledge(of, running, of.relinquish(running, 9.6), 9.7);
    });
    expect(failing(verdict)).toEqual([]);
    expect(verdict.checks.map(({ code }) => code)).toContain("acknowledgement-sound");
  });

  test("frees nothing while the holder's log does not keep it", () => {
    const verdict = letAgain((of, running) => {
      of.terminate(running, 9.5, "lapsed");
      of.relinquish(running, 9.6);
    });
    expect(failing(verdict)).toEqual(["double-allocation"]);
  });

  test("frees nothing before the position of the acknowledgement", () => {
    const of = market({ name: "too late" });
    const running = lease(of);
    of.terminate(running, 9.5, "lapsed");
    const rival = of.party({ name: "rival", northE7: 12_000 });
    of.bind(rival, running.offer, of.accept(rival, running.offer, 11.5), 12);
    acknowledge(of, running, of.relinquish(running, 12.1), 12.2);
    const exporters = [of.holder, running.consumer, rival].map((each) => each.author);
    const verdict = verify(bundleOf(exporters, of.root.records()), [{ lineage: of.root.lineage }]);
    expect(failing(verdict)).toContain("double-allocation");
  });

  test("is not held against a holder whose log, with the acknowledgement, is not here", () => {
    const of = market({ name: "acknowledged unseen" });
    const running = lease(of);
    of.outcome(running, running.actuation, 9.4, "muted");
    of.terminate(running, 9.5, "lapsed");
    acknowledge(of, running, of.relinquish(running, 9.6), 9.7);
    const rival = of.party({ name: "rival", northE7: 12_000 });
    of.bind(rival, running.offer, of.accept(rival, running.offer, 11.5), 12);
    const theirs = of.holder.author.records().filter(({ kind }) => kind !== "acknowledgement");
    const exporters = [running.consumer.author, rival.author];
    const bundle = bundleOf(exporters, [...of.root.records(), ...theirs]);
    const verdict = verify(bundle, [{ lineage: of.root.lineage }]);
    expect(failing(verdict)).toEqual([]);
    const unknown = verdict.checks.filter(({ code }) => code === "allocation-boot-clock");
    expect(unknown.map(({ sentence }) => sentence)).toEqual([
      expect.stringContaining("whether its holder had that in hand by then"),
    ]);
  });

  test("may be kept by a second termination, too, which is no fault", () => {
    const verdict = letAgain((of, running) => {
      of.terminate(running, 9.5, "lapsed");
      of.terminate(running, 9.7, "relinquished", of.relinquish(running, 9.6));
    });
    expect(failing(verdict)).toEqual([]);
  });
});

describe("a second termination", () => {
  test("that keeps no relinquishment fails", () => {
    const of = market({ name: "twice" });
    const running = lease(of);
    of.terminate(running, 20, "lapsed");
    of.terminate(running, 21, "lapsed");
    const exporters = [of.holder.author, running.consumer.author];
    const verdict = verify(bundleOf(exporters, of.root.records()), [{ lineage: of.root.lineage }]);
    expect(failing(verdict)).toEqual(["termination-once"]);
  });
});

describe("an acknowledgement", () => {
  function kept(record: (of: Market, running: Running) => AnyRecord, by: "holder" | "consumer"): Verdict {
    const of = market({ name: "kept" });
    const running = lease(of);
    const body = { artifact: running.derived.id, record: record(of, running).id };
    const author = by === "holder" ? of.holder : running.consumer;
    author.author.write("acknowledgement", body, of.made(author, 10));
    const exporters = [of.holder.author, running.consumer.author];
    return verify(bundleOf(exporters, of.root.records()), [{ lineage: of.root.lineage }]);
  }

  test("of the consumer's countersignature passes", () => {
    expect(failing(kept((_, running) => running.consumerSettlement as AnyRecord, "holder"))).toEqual([]);
  });

  test("of the holder's own settlement fails", () => {
    expect(failing(kept((_, running) => running.holderSettlement, "holder"))).toEqual([
      "acknowledgement-sound",
    ]);
  });

  test("of a countersignature to another lease fails", () => {
    const verdict = kept((of, { consumer: other, derived }) => {
      const elsewhere = { lowerHz: 434_000_000, upperHz: 434_200_000 };
      const template = of.offer(9.1).body.block;
      const offer = of.offer(9.2, { block: { ...template, ...elsewhere }, resource: "munich/433-b" });
      const holdings = [holdingOf(derived.id, derived.artifact.block, offer.body.leaseClass)];
      const acceptance = of.accept(other, offer, 9.3, { holdings });
      const bound = of.countersign(of.bind(other, offer, acceptance, 9.4), 9.5);
      return bound.consumerSettlement as AnyRecord;
    }, "holder");
    expect(failing(verdict)).toEqual(["acknowledgement-sound"]);
  });

  test("of a request fails as a reference: nothing else keeps it", () => {
    expect(failing(kept((_, running) => running.request3, "holder"))).toEqual(["reference"]);
  });

  test("by the consumer, of its own countersignature, fails", () => {
    const verdict = kept((_, running) => running.consumerSettlement as AnyRecord, "consumer");
    expect(failing(verdict)).toEqual(["acknowledgement-sound"]);
  });
});

describe("RF under a class that has to be acknowledged", () => {
  type Word = { readonly level?: string; readonly record?: "offer"; readonly by?: "root" | "holder" };

  /** `keptAt`: when the consumer keeps the word of the authority, or never; RF is on from 3.1 s. */
  function bundle(keptAt: number | null, word: Word = {}): Verdict {
    const oversight = { level: word.level ?? "root", duty: "acknowledged" as const };
    const leaseClasses = market({}).policy.body.leaseClasses.map((each) => ({ ...each, oversight }));
    const of = market({ name: "overseen", policy: { leaseClasses } });
    const consumer = of.party({ name: "consumer", northE7: 10_000 });
    const offer = of.offer(0);
    const bound = of.bind(consumer, offer, of.accept(consumer, offer, 1), 2);
    const body = {
      artifact: bound.derived.id,
      record: word.record === "offer" ? offer.id : bound.holderSettlement.id,
    };
    const given =
      word.by === "holder"
        ? of.holder.author.write("acknowledgement", body, of.made(of.holder, 2.2))
        : of.root.write("acknowledgement", body, { credential: of.rootCredential.id });
    const confirmed = of.countersign(bound, 2.5);
    const renewal = of.renew(confirmed, of.request(confirmed, 2.6, bound.holderSettlement), 3);
    const kept = { artifact: bound.derived.id, record: given.id };
    const keep = (second: number): void => {
      consumer.author.write("acknowledgement", kept, of.made(consumer, second));
    };
    if (keptAt !== null && keptAt < 3.1) keep(keptAt);
    of.outcome(confirmed, of.actuate(confirmed, renewal, 3.1), 3.2, "on");
    if (keptAt !== null && keptAt > 3.1) keep(keptAt);
    const exporters = [of.holder.author, consumer.author];
    return verify(bundleOf(exporters, of.root.records()), [{ lineage: of.root.lineage }]);
  }

  test("passes where the consumer kept the word of that level first", () => {
    const verdict = bundle(3.05);
    expect(failing(verdict)).toEqual([]);
    expect(verdict.checks).toContainEqual(
      expect.objectContaining({ code: "actuation-acknowledged", result: "passed" }),
    );
  });

  test("fails without it, and where it was kept only afterwards", () => {
    expect(failing(bundle(null))).toEqual(["actuation-acknowledged"]);
    expect(failing(bundle(3.3))).toEqual(["actuation-acknowledged"]);
  });

  test("fails where what was kept is no word about this settlement", () => {
    expect(failing(bundle(3.05, { record: "offer" }))).toContain("actuation-acknowledged");
  });

  test("fails where a party gave its own word", () => {
    expect(failing(bundle(3.05, { by: "holder" }))).toEqual([
      "acknowledgement-sound",
      "actuation-acknowledged",
    ]);
  });

  test("is asked nothing under a class that asks for nobody", () => {
    const of = market({ name: "plain" });
    const { consumer } = lease(of);
    const exporters = [of.holder.author, consumer.author];
    const verdict = verify(bundleOf(exporters, of.root.records()), [{ lineage: of.root.lineage }]);
    expect(verdict.checks.map(({ code }) => code)).not.toContain("actuation-acknowledged");
  });
});
