/** When an emission ended: told by an outcome, bounded by an outage, or not checkable (PROTOCOL §2, §9). */
import { describe, expect, test } from "vitest";
import type { AuditCheck } from "../../../src/core/audit/audit-check.ts";
import type { Outage } from "../../../src/core/record/kinds/outage.ts";
import { digestOf } from "../../support/lineage-builder.ts";
import { type Market, market } from "../../support/market-builder.ts";
import { bundleOf, lease, verify } from "./story.ts";

type Running = ReturnType<typeof lease>;

/** What is said of the end of the one emission, after `then` went on with its lease. */
function ends(then: (of: Market, running: Running) => void): readonly AuditCheck[] {
  const of = market({ name: "silence" });
  const running = lease(of);
  then(of, running);
  const exporters = [of.holder.author, running.consumer.author];
  const { checks } = verify(bundleOf(exporters, of.root.records()), [{ lineage: of.root.lineage }]);
  return checks.filter(({ code }) => code === "outcome-known" || code === "outage-interval");
}

function outage(change: Partial<Outage>): (of: Market, running: Running) => void {
  return (of, { consumer }) => {
    const body = { what: "x", bootId: consumer.bootId, fromBootUs: 3, untilBootUs: 9, ...change };
    consumer.author.write("outage", body, of.made(consumer, 12));
  };
}

describe("the end of an emission", () => {
  test("that a muted outcome tells is known", () => {
    expect(ends((of, running) => of.outcome(running, running.actuation, 15, "muted"))).toEqual([]);
  });

  test("that no record tells is not checkable, though the outcome says that it began", () => {
    const [check, ...more] = ends(() => {});
    expect(more).toEqual([]);
    expect(check).toMatchObject({ code: "outcome-known", result: "not-checkable" });
    expect(check?.sentence).toMatch(/ended/);
  });

  test("that an outage of its boot bounds is not checkable, and the interval is said", () => {
    expect(ends(outage({}))).toMatchObject([
      { code: "outcome-known", result: "not-checkable", measured: { fromBootUs: 3, untilBootUs: 9 } },
    ]);
  });

  test("is not bounded by an outage of another boot", () => {
    const bootId = digestOf("another boot").slice(0, 16);
    expect(ends(outage({ bootId })).map(({ measured }) => measured)).toEqual([{}]);
  });

  test("is not bounded by the outage of another lineage", () => {
    const found = ends((of, { consumer }) => {
      const body = { what: "x", bootId: consumer.bootId, fromBootUs: 3, untilBootUs: 9 };
      of.holder.author.write("outage", body, of.made(of.holder, 12));
    });
    expect(found.map(({ measured }) => measured)).toEqual([{}]);
  });

  test("fails where the outage ends before it begins", () => {
    expect(ends(outage({ fromBootUs: 10 }))).toMatchObject([
      { code: "outage-interval", result: "failed", required: { untilBootUsMin: 10 } },
    ]);
  });
});
