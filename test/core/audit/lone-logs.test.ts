/** One log alone, as its owner has it: what it cannot know of others is held against nobody (PROTOCOL §9). */
import { describe, expect, test } from "vitest";
import type { Verdict } from "../../../src/core/audit/verdict.ts";
import { equalBytes, toHex } from "../../../src/core/base/bytes.ts";
import { rejection } from "../../../src/core/base/rejection.ts";
import type { AnyRecord } from "../../../src/core/record/record.ts";
import { holdingOf } from "../../../src/core/settlement/holdings.ts";
import { type Market, market } from "../../support/market-builder.ts";
import { bundleOf, verify } from "./story.ts";

/** The holder renews, ends the lease half a second later, and refuses the block while its renewal may still be used. */
function refusedAfterTheEnd(of: Market) {
  const consumer = of.party({ name: "consumer", northE7: 10_000 });
  const offer = of.offer(0);
  const bound = of.bind(consumer, offer, of.accept(consumer, offer, 1), 2);
  const running = of.countersign(bound, 2.5);
  of.renew(running, of.request(running, 2.6, bound.holderSettlement), 3);
  of.terminate(running, 3.5, "lapsed");
  const { id, artifact } = running.derived;
  const holdings = [holdingOf(id, artifact.block, offer.body.leaseClass)];
  const again = of.accept(consumer, offer, 3.6, { holdings });
  const { lowerHz, upperHz, fromUs, untilUs } = again.body.block;
  const { block } = artifact;
  const required = {
    lease: toHex(running.derived.id),
    notLowerHz: block.lowerHz,
    notUpperHz: block.upperHz,
    notFromUs: block.fromUs,
    notUntilUs: block.untilUs,
    guardHz: 12_500,
  };
  const measured = { lowerHz, upperHz, fromUs, untilUs };
  of.refuse(again, [rejection("already-allocated", "acceptance.block", measured, required)], 3.8);
  return consumer;
}

/** The verdict on the consumer's log, with what reached it of the holder's. */
function consumersView(of: Market, reached: (record: AnyRecord) => boolean): Verdict {
  const consumer = refusedAfterTheEnd(of);
  const theirs = of.holder.author.records().filter(reached);
  const bundle = bundleOf([consumer.author], [...of.root.records(), ...theirs]);
  return verify(bundle, [{ lineage: of.root.lineage }]);
}

const failing = ({ checks }: Verdict): readonly string[] =>
  checks.filter(({ result }) => result === "failed").map(({ code }) => code);

describe("a consumer's log alone", () => {
  test("vouches for a refusal where it has the renewal that the block waited for", () => {
    const verdict = consumersView(market({ name: "with the renewal" }), () => true);
    expect(failing(verdict)).toEqual([]);
  });

  test("does not accuse the holder where that renewal never reached it", () => {
    const verdict = consumersView(market({ name: "without it" }), ({ kind }) => kind !== "renewal");
    expect(failing(verdict)).toEqual([]);
    const open = verdict.checks.filter(({ code }) => code === "refusal-recomputed");
    expect(open.map(({ sentence }) => sentence)).toContainEqual(
      expect.stringContaining("what renewals that one had signed is not known"),
    );
  });

  test("does not fail on what a settlement that nobody here confirmed names", () => {
    const of = market({ name: "unconfirmed" });
    const consumer = of.party({ name: "consumer", northE7: 10_000 });
    const offer = of.offer(0);
    const bound = of.bind(consumer, offer, of.accept(consumer, offer, 1), 2);
    const finding = rejection("withdrawn", "offer", {}, {});
    of.refuse(bound.acceptance, [finding], 2.2);
    const reached = [...of.root.records(), ...of.holder.author.records()];
    const bundle = bundleOf(
      [consumer.author],
      reached.filter(({ kind }) => kind !== "status-snapshot"),
    );
    const verdict = verify(bundle, [{ lineage: of.root.lineage }]);
    const missing = verdict.checks.filter(
      ({ code, measured }) => code === "reference" && measured["field"] === "context.snapshots",
    );
    expect(missing.map(({ result }) => result)).toEqual(["not-checkable"]);
  });
});

describe("a holder's log alone", () => {
  test("does not accuse the holder of an end whose cause its owner's disk has lost", () => {
    const of = market({ name: "lost relinquishment" });
    const consumer = of.party({ name: "consumer", northE7: 10_000 });
    const offer = of.offer(0);
    const running = of.countersign(of.bind(consumer, offer, of.accept(consumer, offer, 1), 2), 2.5);
    const givenUp = of.relinquish(running, 3);
    const end = of.terminate(running, 3.5, "relinquished", givenUp);
    const kept = consumer.author.records().filter(({ id }) => !equalBytes(id, givenUp.id));
    const author = { lineage: consumer.author.lineage, records: () => kept };
    const reached = [...of.root.records(), ...of.holder.author.records()];
    const named = (verdict: Verdict) =>
      verdict.checks.find(
        ({ subject, measured }) => subject === toHex(end.id) && measured["field"] === "cause",
      );
    const roots = [{ lineage: of.root.lineage }];
    const alone = verify(bundleOf([author], reached), roots);
    expect(named(alone)?.result).toBe("not-checkable");
    expect(failing(alone)).toEqual([]);
    const about = alone.checks.filter(({ code }) => code === "termination-sound");
    expect(about.map(({ result }) => result)).toEqual(["not-checkable"]);
    // The holder's own log has to have what its records name.
    const both = bundleOf([author, of.holder.author], of.root.records());
    expect(named(verify(both, roots))?.result).toBe("failed");
  });

  test("does not accuse a consumer whose countersignature it never heard of having asked too early", () => {
    const of = market({ name: "unheard" });
    const consumer = of.party({ name: "consumer", northE7: 10_000 });
    const offer = of.offer(0);
    const bound = of.bind(consumer, offer, of.accept(consumer, offer, 1), 2);
    const running = of.countersign(bound, 2.5);
    const request = of.request(running, 2.6, bound.holderSettlement);
    of.terminate(running, 9.5, "lapsed");
    const heard = consumer.author.records().filter(({ kind }) => kind !== "settlement");
    const verdict = verify(bundleOf([of.holder.author], [...of.root.records(), ...heard]), [
      { lineage: of.root.lineage },
    ]);
    const order = verdict.checks.filter(({ code }) => code === "request-order");
    expect(order.map(({ result, subject }) => [result, subject])).toEqual([
      ["not-checkable", toHex(request.id)],
    ]);
    expect(failing(verdict)).toEqual([]);
  });
});
