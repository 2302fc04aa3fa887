/** What proves one lease, out of a log that holds more: all that `verify` needs, and nothing about another (PROTOCOL §9). */
import { describe, expect, test } from "vitest";
import { leaseExtract } from "../../../src/core/audit/lease-extract.ts";
import { verifyBundle } from "../../../src/core/audit/verify.ts";
import { idText, toHex } from "../../../src/core/base/bytes.ts";
import type { AnyRecord } from "../../../src/core/record/record.ts";
import { packed, primitives } from "../../support/lineage-builder.ts";
import { story } from "./story.ts";

const of = story();
const all: readonly AnyRecord[] = [
  ...of.exporters.flatMap((author) => author.records()),
  ...of.market.root.records(),
];

/** As whoever exports a log does: again and again, until nothing more is taken. */
function extracted(records: readonly AnyRecord[], artifact: Uint8Array): readonly AnyRecord[] {
  const { takes } = leaseExtract(artifact);
  let [before, taken]: [number, readonly AnyRecord[]] = [-1, []];
  while (taken.length > before) [before, taken] = [taken.length, records.filter(takes)];
  return taken;
}

const taken = extracted(all, of.derived.id);
const kinds = new Set(taken.map(({ kind }) => kind));

describe("the records of one lease", () => {
  test("prove it under the root, without a log of anybody", () => {
    const records = taken.map(({ envelope }) => ({ lineage: null, envelope: packed(envelope) }));
    const verdict = verifyBundle({
      records,
      claims: { lineages: [], foreign: records.length, lease: of.derived.id },
      trustedRoots: [{ lineage: of.market.root.lineage }],
      primitives,
    });
    expect(verdict.marks).toContain("one lease: no lineage is here whole");
    expect(verdict.checks.filter(({ result }) => result === "failed")).toEqual([]);
    expect(verdict.settlements).toMatchObject([{ artifactId: toHex(of.derived.id), verdict: "passed" }]);
  });

  test("are those about it, with what they name and who signed them", () => {
    for (const kind of [
      "offer",
      "acceptance",
      "settlement",
      "renewal",
      "actuation-outcome",
      "policy",
    ] as const)
      expect(kinds).toContain(kind);
    const authors = new Set(taken.map(({ header }) => idText(header.lineage)));
    const inceptions = taken.filter(({ kind }) => kind === "key-event" || kind === "threshold-inception");
    expect(new Set(inceptions.map(({ header }) => idText(header.lineage)))).toEqual(authors);
  });

  test("are none of whoever else asked for the block, and none about a refusal", () => {
    expect(kinds).not.toContain("rejection");
    for (const other of [of.rival, of.far, of.stranger])
      expect(taken.some(({ header }) => idText(header.lineage) === idText(other.author.lineage))).toBe(false);
  });

  test("are the same in whatever order a log holds them", () => {
    const ids = (records: readonly AnyRecord[]): readonly string[] =>
      records.map(({ id }) => idText(id)).sort();
    expect(ids(extracted(all.toReversed(), of.derived.id))).toEqual(ids(taken));
  });

  test("leave out what names another lease, and the snapshots before the one that it rests on", () => {
    expect(
      extracted(
        all,
        of.derived.id.map((byte) => byte ^ 1),
      ),
    ).toEqual([]);
    const snapshots = of.market.root.records().filter(({ kind }) => kind === "status-snapshot");
    const named = taken.filter(({ kind }) => kind === "status-snapshot");
    const used = of.holderSettlement.body.context.snapshots.map(idText);
    expect(named.map(({ id }) => idText(id)).sort()).toEqual(expect.arrayContaining([...used].sort()));
    expect(snapshots.length).toBeGreaterThanOrEqual(named.length);
  });
});
