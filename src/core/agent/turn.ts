/** One agent's state, durable and volatile, and the turn in which an input becomes effects (DESIGN §2). */
import type { AnyRecord } from "../record/record.ts";
import type { DerivedArtifact } from "../settlement/artifact.ts";
import type { AgentConfig } from "./config.ts";
import type { Draft, Effect } from "./effect.ts";
import type { Now } from "./input.ts";
import type { State } from "./state.ts";
import type { Volatile } from "./volatile.ts";

export type Queued = { readonly draft: Draft; readonly derived: DerivedArtifact | undefined };

export type Agent = {
  readonly config: AgentConfig;
  readonly keyId: Uint8Array;
  /** The fold of what is flushed. */
  durable: State;
  /** The same with every queued record applied: what decisions read. Lost together with the queue, never apart. */
  provisional: State;
  readonly queue: Queued[];
  /** Documents that stored entries brought along. */
  readonly documents: Map<string, AnyRecord>;
  volatile: Volatile;
};

export type Turn = {
  readonly agent: Agent;
  readonly now: Now;
  readonly effects: Effect[];
};
