/** How often what was refused here, by id: for `status`, where standing offers and wishes that fail would else be unseen. */
import type { Note } from "../core/agent/effect.ts";

/** Ids in a peer's refusal are the peer's words: whatever comes beyond these is counted as `other`. */
const CODES_MAX = 64;
const OTHER = "other";

export type RefusalCounts = {
  /** Counts each finding of a refusal; other notes are none. */
  add(note: Note): void;
  /** Since the agent started, the most frequent first. */
  byCode(): Readonly<Record<string, number>>;
};

export function refusalCounts(): RefusalCounts {
  const counts = new Map<string, number>();
  return {
    add(note) {
      if (note.what !== "refused") return;
      for (const { code } of note.rejections) {
        const counted = counts.has(code) || counts.size < CODES_MAX ? code : OTHER;
        counts.set(counted, (counts.get(counted) ?? 0) + 1);
      }
    },
    byCode: () => Object.fromEntries([...counts].sort(([, a], [, b]) => b - a)),
  };
}
