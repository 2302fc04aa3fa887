/** What an authority has a broker keep for everybody: its latest snapshot and policy, and the directives that stand (PROTOCOL §3, §7). */
import { latestSnapshot } from "../core/authority/snapshots.ts";
import { equalBytes, idText } from "../core/base/bytes.ts";
import type { AnyRecord } from "../core/record/record.ts";
import { policyTopic, preemptionTopic, statusTopic } from "../core/wire/topic.ts";
import type { AuthorityView } from "./authority.ts";
import { publicRecords } from "./public-records.ts";
import { ofKind } from "./standing.ts";

/** `record` null: what the topic kept is over, and cleared. */
export type Announcement = { readonly topic: string; readonly record: AnyRecord | null };

/** In the order in which a reader can take them in: directives come behind what they stand on. */
export function announcements(view: AuthorityView, nowUs: number): readonly Announcement[] {
  const { self } = view;
  const isOwn = ({ header }: AnyRecord): boolean => equalBytes(header.lineage, self);
  const snapshot = latestSnapshot(ofKind(view.records, "status-snapshot"), self);
  const policy = ofKind(view.records, "policy").filter(isOwn).at(-1) ?? null;
  return [
    ...(snapshot === null ? [] : [{ topic: statusTopic(self), record: snapshot }]),
    ...(policy === null ? [] : [{ topic: policyTopic(self), record: policy }]),
    ...silences(view, nowUs, isOwn),
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
  const kept = standing.length === 0 ? [] : [...ground, ...standing];
  const ids = new Set(kept.map(({ id }) => idText(id)));
  const over = [...ground, ...issued].filter(({ id }) => !ids.has(idText(id)));
  const at = ({ id }: AnyRecord): string => preemptionTopic(view.self, id);
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
