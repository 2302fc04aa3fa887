/** The caches of other people's records (src/core/agent/known.ts): bounded, and looked through by kind. */
import { expect, test } from "vitest";
import { bounds } from "../../../src/core/agent/bounds.ts";
import { Known } from "../../../src/core/agent/known.ts";
import { toHex } from "../../../src/core/base/bytes.ts";
import type { KindName } from "../../../src/core/record/kinds.ts";
import type { AnyRecord } from "../../../src/core/record/record.ts";

/** As much of a record as the cache looks at. */
function record(kind: KindName, nth: number): AnyRecord {
  const id = new Uint8Array(32);
  new DataView(id.buffer).setUint32(0, nth);
  return { kind, id } as unknown as AnyRecord;
}

function ids(known: Known, kind: KindName): readonly string[] {
  return [...known.ofKind(kind)].map(({ id }) => toHex(id));
}

test("what is looked up by its kind is what is there: the pinned first, then the others from old to new", () => {
  const known = new Known();
  const [a, b, pinned, offer] = [
    record("credential", 1),
    record("credential", 2),
    record("credential", 3),
    record("offer", 4),
  ];
  for (const each of [a, b, offer]) known.add(each, false);
  known.add(pinned, true);
  known.add(a, false);
  expect(ids(known, "credential")).toEqual([pinned, b, a].map(({ id }) => toHex(id)));
  expect(ids(known, "offer")).toEqual([toHex(offer.id)]);
  expect(ids(known, "settlement")).toEqual([]);
});

test("what a full cache lets go is not found by its kind either", () => {
  const known = new Known();
  const first = record("credential", 0);
  known.add(first, false);
  for (let i = 1; i < bounds.KNOWN_RECORDS_MAX; i++) known.add(record("status-snapshot", i), false);
  expect(ids(known, "credential")).toEqual([toHex(first.id)]);
  known.add(record("status-snapshot", bounds.KNOWN_RECORDS_MAX), false);
  expect(known.get(first.id)).toBeUndefined();
  expect(ids(known, "credential")).toEqual([]);
  expect(ids(known, "status-snapshot")).toHaveLength(bounds.KNOWN_RECORDS_MAX);
});

test("a copy with more of it opened takes the place of the one that is there", () => {
  const known = new Known();
  const [shut, open] = [record("offer", 1), record("offer", 1)];
  known.add(shut, false);
  known.reopen(open);
  expect([...known.ofKind("offer")][0]).toBe(open);
  expect(known.get(shut.id)).toBe(open);
});
