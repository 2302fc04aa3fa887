/** No byte of a bundle's envelopes can be changed without a failed check. */
import { expect, test } from "vitest";
import type { Bundle } from "../../../src/core/audit/bundle.ts";
import { packed } from "../../support/lineage-builder.ts";
import { market } from "../../support/market-builder.ts";
import { bundleOf, lease, verify } from "./story.ts";

const of = market({ name: "flips" });
const { consumer, acceptance, renewal1 } = lease(of);
const bundle = bundleOf([of.holder.author, consumer.author], of.root.records());
const trusted = [{ lineage: of.root.lineage }];

/** The bundle with one bit of one envelope flipped. */
function flipped(record: number, position: number): Bundle {
  const records = bundle.records.map((each, i) => {
    if (i !== record) return each;
    const envelope = Uint8Array.from(each.envelope);
    envelope[position] = (envelope[position] ?? 0) ^ (1 << (position % 8));
    return { ...each, envelope };
  });
  return { ...bundle, records };
}

function positionOf(wanted: Uint8Array): number {
  return bundle.records.findIndex(({ envelope }) => Buffer.compare(envelope, wanted) === 0);
}

test("the bundle itself passes", () => {
  expect(verify(bundle, trusted).verdict).toBe("passed");
});

test("a bit flipped at every 29th byte, and at both ends, of every envelope fails", () => {
  let flips = 0;
  const survived: string[] = [];
  for (const [record, { envelope }] of bundle.records.entries()) {
    const positions = new Set([0, 1, envelope.length - 1]);
    for (let at = record % 29; at < envelope.length; at += 29) positions.add(at);
    for (const position of positions) {
      flips += 1;
      if (verify(flipped(record, position), trusted).verdict !== "failed")
        survived.push(`${record} at ${position}`);
    }
  }
  console.log(`${flips} flips in ${bundle.records.length} envelopes, ${survived.length} survived`);
  expect(survived).toEqual([]);
  expect(flips).toBeGreaterThan(300);
});

test.each([
  ["the acceptance", packed(acceptance.envelope)],
  ["a renewal", packed(renewal1.envelope)],
])("a bit flipped at any byte of %s fails", (name, envelope) => {
  const record = positionOf(envelope);
  const survived: number[] = [];
  for (let position = 0; position < envelope.length; position++) {
    if (verify(flipped(record, position), trusted).verdict !== "failed") survived.push(position);
  }
  console.log(`${envelope.length} flips in ${name}, ${survived.length} survived`);
  expect(survived).toEqual([]);
});

test("an envelope cut at any of its first 40 and last 80 bytes fails", () => {
  const record = positionOf(packed(acceptance.envelope));
  const whole = bundle.records[record]?.envelope ?? new Uint8Array(0);
  const lengths = [...Array(40).keys(), ...[...Array(80).keys()].map((i) => whole.length - 1 - i)];
  for (const length of lengths) {
    const records = bundle.records.map((each, i) =>
      i === record ? { ...each, envelope: whole.subarray(0, length) } : each,
    );
    expect(verify({ ...bundle, records }, trusted).verdict, `cut to ${length}`).toBe("failed");
  }
});
