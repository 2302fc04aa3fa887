/** What one host may do next, and how that ends. */
import type { Effect } from "../../core/agent/effect.ts";
import type { Entry } from "../../core/agent/state.ts";
import type { Order } from "./scope.ts";
import type { HostState, Said } from "./world.ts";

export type Action =
  | { readonly kind: "tick" | "append" | "job" | "start" }
  | { readonly kind: "hear"; readonly said: Said }
  | { readonly kind: "obey"; readonly verb: Order["verb"] };

export type Fall = "crash" | "reboot";

export type Arm = Extract<Effect, { kind: "arm" }>;

/** The host afterwards, and what the rest of the world notices. */
export type Outcome = {
  readonly to: HostState;
  readonly says: readonly Said[];
  readonly arms: readonly Arm[];
  /** For who reads a path. */
  readonly event: string;
};

export type Turn = {
  readonly whole: Outcome;
  /** What was flushed in it. */
  readonly entry: Entry | null;
  /** The host dies after each number of the effects but the last: what they brought about until then stays. */
  falls(kind: Fall): readonly Outcome[];
};
