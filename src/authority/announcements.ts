/**
 * What an authority has a broker keep: for everybody its latest snapshot and policy, and the directives that stand; for a
 * consumer what it acknowledged of its leases (PROTOCOL §3, §6, §7).
 */
import { latestSnapshot } from "../core/authority/snapshots.ts";
import { equalBytes, idText } from "../core/base/bytes.ts";
import type { AnyRecord } from "../core/record/record.ts";
import { acknowledgementTopic, policyTopic, preemptionTopic, statusTopic } from "../core/wire/topic.ts";
import type { AuthorityView } from "./authority.ts";
import { publicRecords } from "./public-records.ts";
import { ofKind } from "./standing.ts";

/** `record` null: what the topic kept is over, and cleared. */
export type Announcement = { readonly topic: string; readonly record: AnyRecord | null };

/** In the order in which a reader can take them in: directives and acknowledgements come behind what they stand on. */
export function announcements(view: AuthorityView, nowUs: number): readonly Announcement[] {
  const { self } = view;
  const isOwn = ({ header }: AnyRecord): boolean => equalBytes(header.lineage, self);
  const snapshot = latestSnapshot(ofKind(view.records, "status-snapshot"), self);
  const policy = ofKind(view.records, "policy").filter(isOwn).at(-1) ?? null;
  return [
    ...(snapshot === null ? [] : [{ topic: statusTopic(self), record: snapshot }]),
    ...(policy === null ? [] : [{ topic: policyTopic(self), record: policy }]),
    ...silences(view, nowUs, isOwn),
    ...words(view, nowUs),
  ];
}

/** What a directive stands on travels along: keys and its author's chain; without one that stands nobody needs them there. */
function silences(
  view: AuthorityView,
  nowUs: number,
  isOwn: (record: AnyRecord) => boolean,
): readonly Announcement[] {
  const issued = ofKind(view.records, "preemption").filter(isOwn);
  if (issued.length === 0) return [];
  const open = publicRecords(view, nowUs);
  const standing = open.filter((each) => each.kind === "preemption" && isOwn(each));
  const ground = open.filter(({ kind }) => GROUND.includes(kind));
  return keptAndCleared({ issued, standing, ground }, ({ id }) => preemptionTopic(view.self, id));
}

/** To the consumer that has to store it, until its lease's grant ends: that consumer hears of no other's. */
function words(view: AuthorityView, nowUs: number): readonly Announcement[] {
  const given = wordsIn(view);
  if (given.length === 0) return [];
  const ground = publicRecords(view, nowUs).filter(({ kind }) => GROUND.includes(kind));
  const consumers = new Map(given.map(({ consumer }) => [idText(consumer), consumer]));
  return [...consumers.values()].flatMap((consumer) => {
    const issued = given.filter((each) => equalBytes(each.consumer, consumer));
    const standing = issued.filter(({ untilUs }) => untilUs > nowUs);
    const records = { issued: issued.map(recordOf), standing: standing.map(recordOf), ground };
    return keptAndCleared(records, ({ id }) => acknowledgementTopic(consumer, view.self, id));
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

type Announced = {
  readonly issued: readonly AnyRecord[];
  readonly standing: readonly AnyRecord[];
  /** What they rest on: needed by nobody once none of them stands. */
  readonly ground: readonly AnyRecord[];
};

function keptAndCleared(
  { issued, standing, ground }: Announced,
  at: (record: AnyRecord) => string,
): readonly Announcement[] {
  const kept = standing.length === 0 ? [] : [...ground, ...standing];
  const ids = new Set(kept.map(({ id }) => idText(id)));
  const over = [...ground, ...issued].filter(({ id }) => !ids.has(idText(id)));
  return [
    ...kept.map((record) => ({ topic: at(record), record })),
    ...over.map((record) => ({ topic: at(record), record: null })),
  ];
}

const GROUND: readonly AnyRecord["kind"][] = [
  "key-event",
  "threshold-inception",
  "key-rotation",
  "credential",
  "recognition",
];
