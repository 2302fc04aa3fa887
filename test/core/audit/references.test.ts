/** By which fields records name others, and what has to stand there (PROTOCOL §6). */
import { expect, test } from "vitest";
import { referencesOf } from "../../../src/core/audit/references.ts";
import { equalBytes, idText } from "../../../src/core/base/bytes.ts";
import type { AnyRecord } from "../../../src/core/record/record.ts";
import { story as newStory } from "./story.ts";

const story = newStory();
const records = [...story.exporters, story.market.root].flatMap((author) => author.records());
const byId = new Map(records.map((each) => [idText(each.id), each]));

/** What stands at a dotted path of the header or the body. */
function standing(record: AnyRecord, field: string): unknown {
  const [first = "", ...rest] = field.split(".");
  const start: unknown = first === "header" ? record.header : (record.body as Record<string, unknown>)[first];
  return rest.reduce((value, name) => (value as Record<string, unknown>)[name], start);
}

test("every reference names the field in which the id stands", () => {
  const all = records.flatMap((record) => referencesOf(record).map((reference) => ({ record, reference })));
  expect(all.length).toBeGreaterThan(60);
  for (const { record, reference } of all) {
    const found = standing(record, reference.field);
    const ids = (Array.isArray(found) ? found : [found]) as readonly Uint8Array[];
    expect(
      ids.some((id) => equalBytes(id, reference.id)),
      `${record.kind} ${reference.field}`,
    ).toBe(true);
  }
});

test("what a story's references name is of one of the kinds that they ask for", () => {
  const met = new Set<string>();
  for (const reference of records.flatMap(referencesOf)) {
    const kind = byId.get(idText(reference.id))?.kind;
    if (kind === undefined || reference.kinds.length === 0) continue;
    expect(reference.kinds).toContain(kind);
    met.add(kind);
  }
  expect([...met].sort()).toEqual([
    "acceptance",
    "actuation",
    "credential",
    "offer",
    "policy",
    "relinquishment",
    "renewal",
    "renewal-request",
    "schema",
    "settlement",
    "status-snapshot",
  ]);
});

test("of a story ask for these kinds in these fields, as the protocol lays down", () => {
  const said = records.flatMap((record) =>
    referencesOf(record).map(({ field, need, kinds }) => [record.kind, field, need, ...kinds].join(" ")),
  );
  const ofBodies = said.filter((each) => !each.includes(" header."));
  expect([...new Set(ofBodies)].sort()).toEqual([
    "acceptance offer others offer",
    "actuation renewal others renewal",
    "actuation-outcome actuation must actuation",
    "credential parent may credential",
    "lease-termination cause others settlement renewal-request relinquishment status-snapshot preemption",
    "offer schema may schema",
    "rejection subject others acceptance settlement preemption",
    "renewal request others renewal-request",
    "renewal snapshots may status-snapshot",
    "renewal-request lastHolderRecord others settlement renewal lease-termination",
    "renewal-request lastRenewal others renewal",
    "settlement acceptance others acceptance",
    "settlement context.credentials must credential",
    "settlement context.snapshots must status-snapshot",
    "settlement offer others offer",
  ]);
});
