/** Asking others for what is missing. */

import { emit } from "./agent.ts";
import { bounds } from "./bounds.ts";
import type { Turn } from "./turn.ts";

/** Asks, within a bound a second: what is needed will be needed again at the next re-sending. */
export function want(
  turn: Turn,
  lineage: Uint8Array,
  ids: readonly Uint8Array[],
  most: number = bounds.WANTS_PER_SECOND,
): void {
  const { volatile } = turn.agent;
  if (turn.now.bootUs - volatile.wantsWindowStartUs >= 1_000_000) {
    volatile.wantsWindowStartUs = turn.now.bootUs;
    volatile.wants = 0;
  }
  if (volatile.wants >= most) return;
  volatile.wants += 1;
  emit(turn, { kind: "want", lineage, ids });
}
