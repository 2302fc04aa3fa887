/** The readers of bundles: bytes into lines (adapters/bundle), lines into header and records (core/audit/bundle). */
import { bundleLines } from "../../../src/adapters/bundle/bundle-lines.ts";
import {
  type Bundle,
  type BundleRecord,
  bundleLimits,
  bundleReader,
  readBundle,
  writeBundle,
} from "../../../src/core/audit/bundle.ts";
import { equalBytes, toHex } from "../../../src/core/base/bytes.ts";
import type { Result } from "../../../src/core/base/rejection.ts";
import { consumersBundle, story } from "../../core/audit/story.ts";
import { jsonLineMutator } from "../json-mutator.ts";
import { plainMutators } from "../mutator.ts";
import { breach, type Target } from "../target.ts";

type ReadChunks = (chunks: readonly Uint8Array[]) => Result<Bundle>;

/** The same answer however the bytes are cut; what is read, written and read again is the same, and no larger. */
export function bundleTarget(read: ReadChunks = readChunks): Target {
  return {
    name: "bundle",
    seeds,
    mutators: [...plainMutators, ...Array<typeof jsonLineMutator>(12).fill(jsonLineMutator)],
    bytesMax: 16_384,
    run(input) {
      const result = read([input]);
      const half = input.length >> 1;
      const cut = read([input.subarray(0, half), input.subarray(half)]);
      if (!isSame(result, cut)) breach("bytes cut anywhere give the same bundle");
      if (!result.ok) return;
      const { header, records } = result.value;
      if (records.length > input.length || header.lineages.length > bundleLimits.LINEAGES_MAX)
        breach("memory is linear in the input");
      const again = readBundle(writeBundle(result.value));
      if (!isSame(again, result)) breach("a bundle that was written reads as the same");
    },
  };
}

function readChunks(chunks: readonly Uint8Array[]): Result<Bundle> {
  const lines = bundleLines(bundleReader());
  for (const chunk of chunks) {
    const taken = lines.take(chunk);
    if (!taken.ok) return taken;
  }
  return lines.end();
}

/** Byte for byte and word for word; the order of a record's two fields is the reader's own. */
function isSame(one: Result<Bundle>, other: Result<Bundle>): boolean {
  if (!one.ok || !other.ok) return JSON.stringify(one) === JSON.stringify(other);
  const [records, others] = [one.value.records, other.value.records];
  return (
    headerText(one.value) === headerText(other.value) &&
    records.length === others.length &&
    records.every((each, i) => isSameRecord(each, others[i]))
  );
}

function isSameRecord({ lineage, envelope }: BundleRecord, other: BundleRecord | undefined): boolean {
  if (other === undefined || !equalBytes(envelope, other.envelope)) return false;
  if (lineage === null || other.lineage === null) return lineage === other.lineage;
  return equalBytes(lineage, other.lineage);
}

function headerText({ header }: Bundle): string {
  const lineages = header.lineages.map(({ lineage, records }) => [toHex(lineage), records]);
  return JSON.stringify({ ...header, lineages });
}

/** The description, which no reader reads, is left out; few records are enough. */
function seeds(): readonly Uint8Array[] {
  const { header, records } = consumersBundle(story());
  const few = { header: { ...header, foreign: 1 }, records: [...records.slice(0, 2), ...records.slice(-1)] };
  const [first = "", ...rest] = writeBundle(few);
  const short = JSON.stringify({ ...(JSON.parse(first) as object), description: {} });
  return [[short, ...rest], [short], ['{"lineage":null,"envelope":""}', short]].map(
    (lines) => new Uint8Array(Buffer.from(lines.map((line) => `${line}\n`).join(""))),
  );
}
