/**
 * After a flush error: close, re-read, flush anew, fold again (PROTOCOL §2). The caller muted and dropped its queue. Where
 * acknowledged bytes no longer read back, the mark is flushed and the tail cut, as at an unclean start.
 */
import type { Agent } from "../core/agent/turn.ts";
import type { Clock } from "../ports/clock.ts";
import { PortError } from "../ports/port-error.ts";
import type { Store } from "../ports/store.ts";
import { fold } from "./fold.ts";
import type { Health } from "./health.ts";
import { cutUnclean, tailReason } from "./open-log.ts";
import { pause } from "./pause.ts";
import type { QuarantineMark } from "./quarantine-mark.ts";

export type RefoldParts = {
  readonly agent: Agent;
  readonly store: Store;
  readonly clock: Clock;
  readonly health: Health;
  readonly mark: Pick<QuarantineMark, "settled">;
  readonly stopped: () => boolean;
};

const AGAIN_US = 1_000_000;

/** `lost`: why acknowledged records are gone, or null where all of them are there. */
export type Refolded = { readonly lost: string | null };

/** Once the agent's durable state is that of the log, what became of it; null when stopped before. */
export async function refold(parts: RefoldParts): Promise<Refolded | null> {
  const { agent, store, clock, health, mark, stopped } = parts;
  let lost: string | null = null;
  while (!stopped()) {
    try {
      await store.reopen();
      const folded = await fold(store.frames(), agent.config.primitives, agent.config.clockDriftPpm);
      // Of two who write the mark, the one who was asked earlier comes first.
      if (store.tail.kind !== "clean") await mark.settled();
      // Noted before the cut: one that fails half-way may leave a clean tail for the next try.
      lost = tailReason(store.tail) ?? lost;
      await cutUnclean(store, folded);
      agent.durable = folded.state;
      for (const [id, record] of folded.documents) agent.documents.set(id, record);
      health.set("store", null);
      return { lost };
    } catch (error) {
      if (!(error instanceof PortError)) throw error;
      health.set("store", `${error.code}: ${error.message}`);
      await pause(clock, AGAIN_US);
    }
  }
  return null;
}
