/** After a flush error: close, re-read, flush anew, fold again (PROTOCOL §2). The caller muted and dropped its queue. */
import type { Agent } from "../core/agent/turn.ts";
import type { Clock } from "../ports/clock.ts";
import { PortError } from "../ports/port-error.ts";
import type { Store } from "../ports/store.ts";
import { fold } from "./fold.ts";
import type { Health } from "./health.ts";
import { pause } from "./pause.ts";

export type RefoldParts = {
  readonly agent: Agent;
  readonly store: Store;
  readonly clock: Clock;
  readonly health: Health;
  readonly stopped: () => boolean;
};

const AGAIN_US = 1_000_000;

/** True once the agent's durable state is that of the log; false when stopped before. What came through is in the fold. */
export async function refold({ agent, store, clock, health, stopped }: RefoldParts): Promise<boolean> {
  while (!stopped()) {
    try {
      await store.reopen();
      const folded = await fold(store.frames(), agent.config.primitives, agent.config.clockDriftPpm);
      agent.durable = folded.state;
      for (const [id, record] of folded.documents) agent.documents.set(id, record);
      health.set("store", null);
      return true;
    } catch (error) {
      if (!(error instanceof PortError)) throw error;
      health.set("store", `${error.code}: ${error.message}`);
      await pause(clock, AGAIN_US);
    }
  }
  return false;
}
