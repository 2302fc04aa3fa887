/** Records taken away, doubled, moved, exchanged, or put together from parts that have nothing to do with one another. */
import { describe, expect, test } from "vitest";
import type { Bundle, BundleRecord } from "../../../src/core/audit/bundle.ts";
import type { Verdict } from "../../../src/core/audit/verdict.ts";
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
const other = story({ name: "other" });
const bundles = [
  ["all parties'", wholeBundle(good), wholeBundle(other)],
  ["the holder's", holdersBundle(good), holdersBundle(other)],
  ["the consumer's", consumersBundle(good), consumersBundle(other)],
] as const;

/** The bundle over other records; `claims` counted anew where the one who changed them also changed the first line. */
function over({ header }: Bundle, records: readonly BundleRecord[], claims: "kept" | "counted"): Bundle {
  if (claims === "kept") return { header, records };
  const lineages = header.lineages.map(({ lineage }) => ({
    lineage,
    records: records.filter((each) => each.lineage !== null && Buffer.compare(each.lineage, lineage) === 0)
      .length,
  }));
  return {
    header: { ...header, lineages, foreign: records.filter((each) => each.lineage === null).length },
    records,
  };
}

function judged(bundle: Bundle): Verdict {
  return verify(bundle, rootOf(good));
}

/** Everything that a verdict says of the records, without how many there are. */
function said({ checks }: Verdict): string {
  return JSON.stringify(
    checks
      .filter(({ result }) => result !== "passed")
      .map(({ code, subject, sentence }) => [code, subject, sentence]),
  );
}

describe.each(bundles)("%s bundle", (name, bundle, strangers) => {
  const asIs = judged(bundle);
  const count = bundle.records.length;

  test("without any one record fails where the first line is kept", () => {
    for (let i = 0; i < count; i++) {
      const records = bundle.records.filter((_, at) => at !== i);
      expect(judged(over(bundle, records, "kept")).verdict, `record ${i}`).toBe("failed");
    }
    console.log(`${name}: ${count} records dropped, ${count} failed`);
  });

  test("without any one record never says the same where the first line is counted anew", () => {
    let failed = 0;
    const silent: number[] = [];
    for (let i = 0; i < count; i++) {
      const records = bundle.records.filter((_, at) => at !== i);
      const verdict = judged(over(bundle, records, "counted"));
      if (verdict.verdict === "failed") failed += 1;
      else if (said(verdict) === said(asIs) && !isTail(i)) silent.push(i);
    }
    console.log(
      `${name}: ${count} records dropped with the first line amended, ${failed} failed, ${silent.length} silent`,
    );
    expect(silent).toEqual([]);
  });

  /** The last record of an exported log, that nobody else names: what `lineage-end` says can never be seen. */
  function isTail(i: number): boolean {
    const lineage = bundle.records[i]?.lineage ?? null;
    const next = bundle.records[i + 1]?.lineage ?? null;
    return lineage !== null && (next === null || Buffer.compare(next, lineage) !== 0);
  }

  test("with any one record twice says the same and counts it", () => {
    for (let i = 0; i < count; i++) {
      const records = bundle.records.flatMap((each, at) => (at === i ? [each, each] : [each]));
      const verdict = judged(over(bundle, records, "kept"));
      expect(verdict.counts.duplicates).toBe(1);
      expect({ ...verdict, counts: asIs.counts }).toEqual(asIs);
    }
  });

  test("with any two neighbours of one exported log exchanged fails; foreign ones may stand in any order", () => {
    let failed = 0;
    for (let i = 0; i + 1 < count; i++) {
      const [a, b] = [bundle.records[i], bundle.records[i + 1]] as [BundleRecord, BundleRecord];
      const records = bundle.records.map((each, at) => (at === i ? b : at === i + 1 ? a : each));
      const verdict = judged(over(bundle, records, "kept"));
      const sameLog = a.lineage !== null && b.lineage !== null && Buffer.compare(a.lineage, b.lineage) === 0;
      const mixed = (a.lineage === null) !== (b.lineage === null);
      if (verdict.verdict === "failed") failed += 1;
      expect(verdict.verdict, `${i}`).toBe(sameLog || mixed ? "failed" : "passed");
    }
    console.log(`${name}: ${count - 1} exchanges, ${failed} failed`);
  });

  test("with any one record taken from another market's bundle fails, or no longer vouches for who was refused", () => {
    const doubted: number[] = [];
    for (let i = 0; i < count; i++) {
      const records = bundle.records.map((each, at) => (at === i ? (strangers.records[i] ?? each) : each));
      for (const claims of ["kept", "counted"] as const) {
        const verdict = judged(over(bundle, records, claims));
        if (verdict.verdict === "failed") continue;
        doubted.push(i);
        expect(
          verdict.checks.some((each) => each.code === "record-author" && each.result === "not-checkable"),
        ).toBe(true);
        expect(verdict.refusals.some(({ recomputed }) => recomputed === "not-checkable")).toBe(true);
      }
    }
    // Only the inceptions of consumers that were refused and never settled: three, in the holder's own bundle.
    expect(new Set(doubted).size).toBe(name === "the holder's" ? 3 : 0);
    console.log(
      `${name}: ${2 * count} exchanges with another market's, ${2 * count - doubted.length} failed`,
    );
  });

  test("with the labels of own and foreign exchanged fails", () => {
    const records = bundle.records.map((each) => ({ ...each, lineage: null }));
    expect(judged(over(bundle, records, "kept")).verdict).toBe("failed");
    expect(judged(over(bundle, records, "counted")).verdict).toBe("failed");
  });
});

describe("parts that are each valid", () => {
  test("but are of two markets fail, though every record and signature holds", () => {
    const mixed = bundleOf(good.exporters, [...good.market.root.records(), other.acceptance, other.renewal1]);
    const verdict = judged(mixed);
    expect(verdict.verdict).toBe("failed");
    expect(findings(verdict).map((each) => each.split(" ")[0])).toEqual(["record-author", "record-author"]);
  });

  test("and whole, with another market's lease beside them, fail for having nothing to do with the exporters", () => {
    const { root } = other.market;
    const strangers = [...root.records(), ...other.exporters.flatMap((each) => each.records())];
    const mixed = bundleOf(good.exporters, [...good.market.root.records(), ...strangers]);
    const verdict = verify(mixed, [...rootOf(good), ...rootOf(other)]);
    expect(verdict.verdict).toBe("failed");
    const codes = new Set(verdict.checks.filter(({ result }) => result === "failed").map(({ code }) => code));
    // Both let the same exclusive block, too.
    expect([...codes]).toEqual(["record-connected", "double-allocation"]);
  });

  test("but no log is exported fail", () => {
    const records = wholeBundle(good).records.map((each) => ({ ...each, lineage: null }));
    const verdict = judged({
      header: { ...wholeBundle(good).header, lineages: [], foreign: records.length },
      records,
    });
    expect(findings(verdict).some((each) => each.startsWith("record-connected"))).toBe(true);
  });

  test("and none at all fail", () => {
    const nothing = { header: { exportedBy: "", views: [], lineages: [], foreign: 0 }, records: [] };
    expect(judged(nothing).verdict).toBe("failed");
  });
});
