/** The keys of lineages as the records prove them, in whatever order a bundle holds them (PROTOCOL §2 Identity). */
import { expect, test } from "vitest";
import { keysOfLineages } from "../../../src/core/audit/author-keys.ts";
import { toHex } from "../../../src/core/base/bytes.ts";
import type { AnyRecord } from "../../../src/core/record/record.ts";
import { scriptedLineage } from "../../support/scripted-authority.ts";
import { quickKeys } from "../../support/scripted-keys.ts";

const scheme = quickKeys();
const lineage = scriptedLineage(scheme, "rotating");
const inception = lineage.inception as AnyRecord;
const rotations = [lineage.rotate(0), lineage.rotate(0), lineage.rotate(0)] as readonly AnyRecord[];

const keysIn = (records: readonly AnyRecord[]): number =>
  keysOfLineages(records, scheme.primitives).get(toHex(inception.header.lineage))?.length ?? 0;

test.each<[string, readonly AnyRecord[], number]>([
  ["in their own order", [inception, ...rotations], 4],
  ["backwards, the inception last", [...[...rotations].reverse(), inception], 4],
  ["the later two swapped", [inception, ...[0, 2, 1].flatMap((i) => rotations[i] ?? [])], 4],
  ["with the second one missing: what follows it proves nothing", [inception, ...rotations.slice(1)], 1],
  ["without the inception", rotations, 0],
])("of a lineage that changed its key three times, from records %s", (_, records, keys) => {
  expect(keysIn(records)).toBe(keys);
});
