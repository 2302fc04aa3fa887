/**
 * What an authority has a broker keep: for everybody its latest snapshot and policy, the recognitions and the directives that
 * stand; for a consumer what it acknowledged of its leases (PROTOCOL §3, §6, §7).
 */
import { latestSnapshot } from "../core/authority/snapshots.ts";
import { equalBytes, idText } from "../core/base/bytes.ts";
import type { AnyRecord } from "../core/record/record.ts";
import {
  acknowledgementTopic,
  policyTopic,
  preemptionTopic,
  recognitionTopic,
  statusTopic,
} from "../core/wire/topic.ts";
import type { AuthorityView } from "./authority.ts";
import { publicRecords } from "./public-records.ts";
import { ofKind, recognisedBy, standingOf } from "./standing.ts";

/** `record` null: what the topic kept is over, and cleared. */
export type Announcement = { readonly topic: string; readonly record: AnyRecord | null };

/** In the order in which a reader can take them in: all that rests on something comes behind it. */
export function announcements(view: AuthorityView, nowUs: number): readonly Announcement[] {
  const { self } = view;
  const snapshot = latestSnapshot(ofKind(view.records, "status-snapshot"), self);
  const policy = ofKind(view.lineage.records, "policy").at(-1) ?? null;
  return [
    ...(snapshot === null ? [] : [{ topic: statusTopic(self), record: snapshot }]),
    ...(policy === null ? [] : [{ topic: policyTopic(self), record: policy }]),
    ...recognitions(view, nowUs),
    ...silences(view, nowUs),
    ...words(view, nowUs),
  ];
}

/** Those that stand or are to begin: an agent that hears of one before judges by its dates. */
function recognitions(view: AuthorityView, nowUs: number): readonly Announcement[] {
  const written = recognisedBy(view);
  const standing = written.filter((each) => ["valid", "not-yet"].includes(standingOf(each, view, nowUs)));
  return onGround(view, nowUs, { written, standing, at: ({ id }) => recognitionTopic(view.self, id) });
}

function silences(view: AuthorityView, nowUs: number): readonly Announcement[] {
  const isOwn = ({ header }: AnyRecord): boolean => equalBytes(header.lineage, view.self);
  const written = ofKind(view.records, "preemption").filter(isOwn);
  const standing = publicRecords(view, nowUs).filter((each) => each.kind === "preemption" && isOwn(each));
  return onGround(view, nowUs, { written, standing, at: ({ id }) => preemptionTopic(view.self, id) });
}

/** To the consumer that has to store it, until its lease's grant ends: that consumer hears of no other's. */
function words(view: AuthorityView, nowUs: number): readonly Announcement[] {
  const given = wordsIn(view);
  const consumers = new Map(given.map(({ consumer }) => [idText(consumer), consumer]));
  return [...consumers.values()].flatMap((consumer) => {
    const written = given.filter((each) => equalBytes(each.consumer, consumer));
    const standing = written.filter(({ untilUs }) => untilUs > nowUs);
    return onGround(view, nowUs, {
      written: written.map(recordOf),
      standing: standing.map(recordOf),
      at: ({ id }) => acknowledgementTopic(consumer, view.self, id),
    });
  });
}

type Word = {
  readonly record: AnyRecord;
  readonly consumer: Uint8Array;
  /** Of the grant. */
  readonly untilUs: number;
};

function recordOf({ record }: Word): AnyRecord {
  return record;
}

/** The leases lie in the folder since they were acknowledged; of one that somebody took away nothing is said. */
function wordsIn({ lineage, records }: AuthorityView): readonly Word[] {
  const acceptances = ofKind(records, "acceptance");
  const settlements = ofKind(records, "settlement");
  return ofKind(lineage.records, "acknowledgement").flatMap((record) => {
    const settlement = settlements.find(({ id }) => equalBytes(id, record.body.record));
    const named = settlement?.body.acceptance;
    const acceptance = acceptances.find(({ id }) => named !== undefined && equalBytes(id, named));
    if (acceptance === undefined) return [];
    return [{ record, consumer: acceptance.header.lineage, untilUs: acceptance.body.block.untilUs }];
  });
}

type Kept = {
  readonly written: readonly AnyRecord[];
  readonly standing: readonly AnyRecord[];
  readonly at: (record: AnyRecord) => string;
};

/** What they stand on travels along: keys and their author's chain; without one that stands nobody needs them there. */
function onGround(
  view: AuthorityView,
  nowUs: number,
  { written, standing, at }: Kept,
): readonly Announcement[] {
  if (written.length === 0) return [];
  // The root's own inception may stand in the folder as what is trusted and as a document.
  const ground = unique(publicRecords(view, nowUs).filter(({ kind }) => GROUND.includes(kind)));
  const kept = standing.length === 0 ? [] : [...ground, ...standing];
  const ids = new Set(kept.map(({ id }) => idText(id)));
  const over = [...ground, ...written].filter(({ id }) => !ids.has(idText(id)));
  return [
    ...kept.map((record) => ({ topic: at(record), record })),
    ...over.map((record) => ({ topic: at(record), record: null })),
  ];
}

function unique(records: readonly AnyRecord[]): readonly AnyRecord[] {
  return [...new Map(records.map((each) => [idText(each.id), each])).values()];
}

const GROUND: readonly AnyRecord["kind"][] = [
  "key-event",
  "threshold-inception",
  "key-rotation",
  "credential",
];
