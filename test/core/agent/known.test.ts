/** The caches of other people's records (src/core/agent/known.ts): bounded, and looked through by kind. */
import { expect, test } from "vitest";
import { bounds } from "../../../src/core/agent/bounds.ts";
import { Known } from "../../../src/core/agent/known.ts";
import { toHex } from "../../../src/core/base/bytes.ts";
import type { KindName } from "../../../src/core/record/kinds.ts";
import type { AnyRecord } from "../../../src/core/record/record.ts";
import { keyOfInception, keyOfRotation } from "../../../src/core/record/signing-key.ts";
import { scriptedLineage } from "../../support/scripted-authority.ts";
import { quickKeys } from "../../support/scripted-keys.ts";

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
  for (const each of [a, b, offer]) known.add(each, "anybody's");
  known.add(pinned, "pinned");
  known.add(a, "anybody's");
  expect(ids(known, "credential")).toEqual([pinned, b, a].map(({ id }) => toHex(id)));
  expect(ids(known, "offer")).toEqual([toHex(offer.id)]);
  expect(ids(known, "settlement")).toEqual([]);
});

test("what a full cache lets go is not found by its kind either", () => {
  const known = new Known();
  const first = record("credential", 0);
  known.add(first, "anybody's");
  for (let i = 1; i < bounds.KNOWN_RECORDS_MAX; i++) known.add(record("status-snapshot", i), "anybody's");
  expect(ids(known, "credential")).toEqual([toHex(first.id)]);
  known.add(record("status-snapshot", bounds.KNOWN_RECORDS_MAX), "anybody's");
  expect(known.get(first.id)).toBeUndefined();
  expect(ids(known, "credential")).toEqual([]);
  expect(ids(known, "status-snapshot")).toHaveLength(bounds.KNOWN_RECORDS_MAX);
});

test("what trusted roots say is not pushed out by a flood of others, and has a bound of its own", () => {
  const known = new Known();
  const trusted = record("recognition", 0);
  known.add(trusted, "trusted");
  for (let i = 1; i <= bounds.KNOWN_RECORDS_MAX + 1; i++) known.add(record("recognition", i), "anybody's");
  expect(known.get(trusted.id)).toBe(trusted);
  expect(ids(known, "recognition")).toContain(toHex(trusted.id));
  expect(ids(known.copy(), "recognition")).toEqual(ids(known, "recognition"));
  const room = bounds.TRUSTED_RECORDS_MAX;
  for (let i = 1; i <= room; i++) known.add(record("policy", i), "trusted");
  expect(known.get(trusted.id)).toBeUndefined();
  expect(ids(known, "recognition")).not.toContain(toHex(trusted.id));
  expect(ids(known, "policy")).toHaveLength(room);
  expect(known.copy().get(record("policy", 1).id)).toBeDefined();
});

test("a copy with more of it opened takes the place of the one that is there", () => {
  const known = new Known();
  const [shut, open] = [record("offer", 1), record("offer", 1)];
  known.add(shut, "anybody's");
  known.reopen(open);
  expect([...known.ofKind("offer")][0]).toBe(open);
  expect(known.get(shut.id)).toBe(open);
});

test("a party's rotation stays known however often the party is pinned after it", () => {
  const known = new Known();
  const scheme = quickKeys();
  const { sha256 } = scheme.primitives;
  const { inception, rotate } = scriptedLineage(scheme, "peer");
  const first = keyOfInception(inception, sha256);
  if (!first.ok) throw new Error("a scripted inception certifies itself");
  const { lineage } = first.value;
  known.addKey(first.value, inception, false);
  known.pinKey(lineage);
  const rotation = rotate(0);
  const next = keyOfRotation(rotation, first.value, sha256);
  expect(next.ok && known.addRotation(next.value, rotation as AnyRecord)).toBe(true);
  known.pinKey(lineage);
  expect(known.keysOf(lineage)).toHaveLength(2);
  expect(known.keyRecordsOf(lineage).map(({ id }) => id)).toEqual([inception.id, rotation.id]);
});
