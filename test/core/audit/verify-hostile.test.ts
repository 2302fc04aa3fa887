/** Whatever hostile parties sign, verifying ends in a verdict: within their tables' ranges they may write anything. */

import { expect, test } from "vitest";
import { seededEntropy } from "../../../src/adapters/system/seeded-entropy.ts";
import type { BundleRecord } from "../../../src/core/audit/bundle.ts";
import { ascii, sortedUnique } from "../../../src/core/base/bytes.ts";
import { type Bodies, type KindName, kinds } from "../../../src/core/record/kinds.ts";
import { clear } from "../../../src/core/record/sealed.ts";
import { decode } from "../../../src/core/wire/decode.ts";
import { encode } from "../../../src/core/wire/encode.ts";
import { limits } from "../../../src/core/wire/limits.ts";
import { type LineageBuilder, packed } from "../../support/lineage-builder.ts";
import { market } from "../../support/market-builder.ts";
import { wireValue } from "../../support/wire-value.ts";
import { disturbed, drawn, type Pick, pickFrom } from "./spec-values.ts";
import { bundleOf, rootOf, story, verify, wholeBundle } from "./story.ts";

function pickOf(seed: string): Pick {
  const entropy = seededEntropy(ascii(seed));
  return pickFrom((length) => entropy.bytes(length));
}

/** The body with some of its fields disturbed, within the table's ranges. */
function upset<K extends KindName>(kind: K, body: Bodies[K], oneIn: number, pick: Pick): Bodies[K] {
  const table = kinds[kind].body;
  const read = table.read(disturbed(wireValue(table, body), table.spec, oneIn, pick), "body", []);
  return read ?? body;
}

test("a market in which every document and observation is disturbed ends in a verdict, 120 times", () => {
  const verdicts = { passed: 0, failed: 0 };
  for (let seed = 0; seed < 120; seed++) {
    const pick = pickOf(`market ${seed}`);
    const of = market({ name: "hostile" });
    const consumer = of.party({ name: "consumer" });
    const policy = of.root.write("policy", upset("policy", of.policy.body, 12, pick));
    const schema = of.root.write("schema", upset("schema", of.schema.body, 12, pick));
    const top = of.root.write("credential", upset("credential", of.rootCredential.body, 20, pick));
    const link = of.root.write("credential", {
      ...upset("credential", consumer.credential.body, 20, pick),
      parent: top.id,
    });
    const first = of.offer(0);
    const offer = of.holder.author.write(
      "offer",
      { ...upset("offer", first.body, 12, pick), schema: schema.id },
      of.made(of.holder, 0, { policy: policy.id }),
    );
    const accepted = of.accept(consumer, first, 1);
    const acceptance = consumer.author.write(
      "acceptance",
      { ...upset("acceptance", accepted.body, 12, pick), offer: offer.id },
      of.made(consumer, 1, { policy: policy.id, credential: link.id }),
    );
    const context = {
      ...of.contextAt(offer, acceptance, 2),
      credentials: sortedUnique([of.holder.credential.id, of.rootCredential.id, top.id, link.id]),
    };
    const settlement = upset(
      "settlement",
      { offer: offer.id, acceptance: acceptance.id, context, artifact: offer.id, identifiers: clear([]) },
      40,
      pick,
    );
    of.holder.author.write("settlement", settlement, of.made(of.holder, 2));
    consumer.author.write("settlement", settlement, of.made(consumer, 2.5));
    of.refuse(acceptance, [{ code: "x", field: "", measured: {}, required: {} }], 3);
    const verdict = verify(bundleOf([of.holder.author, consumer.author], of.root.records()), [
      { lineage: of.root.lineage },
    ]);
    verdicts[verdict.verdict] += 1;
  }
  console.log(`120 disturbed markets: ${verdicts.failed} failed, ${verdicts.passed} passed`);
  expect(verdicts).toEqual({ passed: 0, failed: 120 });
}, 120_000);

test("a story of which one record is disturbed and signed again fails, or misses what was there, 200 times", () => {
  const good = story({ name: "hostile" });
  const bundle = wholeBundle(good);
  const authors: readonly LineageBuilder[] = [good.market.root, ...good.exporters];
  const asIs = verify(bundle, rootOf(good)).counts.notCheckable;
  let unread = 0;
  let passed = 0;
  for (let seed = 0; seed < 200; seed++) {
    const pick = pickOf(`record ${seed}`);
    const at = pick(bundle.records.length);
    const author = authors.find((each) =>
      each.records().some((record) => sameBytes(packed(record.envelope), bundle.records[at])),
    );
    const record = author?.records().find((each) => sameBytes(packed(each.envelope), bundle.records[at]));
    if (author === undefined || record === undefined)
      throw new Error("every record of the bundle has its author here");
    const payload = decode(record.envelope.payload, limits.RECORD_BYTES_MAX);
    if (!payload.ok) throw new Error("its own payload decodes");
    const [head, body] = payload.value as readonly [never, never];
    const again = encode([head, disturbed(body, kinds[record.kind].body.spec, 5, pick)]);
    if (sameBytes(again, { lineage: null, envelope: record.envelope.payload })) continue;
    const records = bundle.records.map(
      (each, i): BundleRecord =>
        i === at ? { ...each, envelope: packed(author.envelope(record.kind, again)) } : each,
    );
    const verdict = verify({ ...bundle, records }, rootOf(good));
    unread += verdict.counts.unreadable;
    if (verdict.verdict === "failed") continue;
    // Another last credential of a root, for a consumer that never settled: its own is missed by name.
    passed += 1;
    expect(record.kind, `seed ${seed}`).toBe("credential");
    expect(verdict.counts.notCheckable).toBeGreaterThan(asIs);
  }
  console.log(
    `200 disturbed records: ${unread} unreadable, ${passed} missed and not checkable, all others failed`,
  );
  expect(passed).toBeLessThan(12);
}, 120_000);

function sameBytes(a: Uint8Array, b: BundleRecord | undefined): boolean {
  return b !== undefined && Buffer.compare(a, b.envelope) === 0;
}

test("records drawn from nothing but the tables, of every kind, end in a failed verdict, 10 times each", () => {
  for (const kind of Object.keys(kinds) as KindName[]) {
    for (let seed = 0; seed < 10; seed++) {
      const pick = pickOf(`${kind} ${seed}`);
      const of = market({ name: "drawn" });
      const table = kinds[kind].body;
      const body = table.read(drawn(table.spec, pick), "body", []);
      if (body === undefined) continue;
      of.holder.author.write(kind, body as never, of.made(of.holder, 1));
      const verdict = verify(bundleOf([of.holder.author], of.root.records()), [{ lineage: of.root.lineage }]);
      expect(["passed", "failed"]).toContain(verdict.verdict);
    }
  }
}, 120_000);

test("a context that names twenty credentials of others gives another artifact than it says, and nothing crashes", () => {
  const of = market({ name: "crowd" });
  const consumer = of.party({ name: "consumer" });
  const crowd = Array.from({ length: 20 }, (_, i) => of.party({ name: `party ${i}` }).credential.id);
  const offer = of.offer(0);
  const acceptance = of.accept(consumer, offer, 1);
  const context = of.contextAt(offer, acceptance, 2);
  const credentials = sortedUnique([...context.credentials, ...crowd]);
  const body = {
    offer: offer.id,
    acceptance: acceptance.id,
    context: { ...context, credentials },
    artifact: offer.id,
    identifiers: clear([]),
  };
  of.holder.author.write("settlement", body, of.made(of.holder, 2));
  const verdict = verify(bundleOf([of.holder.author, consumer.author], of.root.records()), [
    { lineage: of.root.lineage },
  ]);
  const failed = verdict.checks.filter(({ result }) => result === "failed");
  expect(failed.map(({ code }) => code)).toEqual(["artifact-rederived"]);
});

test("garbage of any length in place of an envelope is unreadable, and told by its line", () => {
  const good = story({ name: "garbage" });
  const bundle = wholeBundle(good);
  const entropy = seededEntropy(ascii("garbage"));
  for (const length of [0, 1, 2, 16, 200, 1024]) {
    const records = bundle.records.map(
      (each, i): BundleRecord => (i === 7 ? { ...each, envelope: entropy.bytes(length) } : each),
    );
    const verdict = verify({ ...bundle, records }, rootOf(good));
    const unreadable = verdict.checks.find(
      ({ code, result }) => code === "record-read" && result === "failed",
    );
    expect(unreadable?.subject).toBe("line 9");
  }
});
