/** A property that holds at every instant of every simulated world, judged from outside the agents. */
import type { Agent } from "../../core/agent/turn.ts";
import type { Sha256 } from "../../core/base/primitives.ts";
import type { Policy } from "../../core/record/kinds/policy.ts";
import type { AnyRecord } from "../../core/record/record.ts";
import type { Chronicle } from "../chronicle.ts";
import type { Transmission } from "../drivers.ts";
import type { Ledger } from "../ledger.ts";
import type { Register } from "../register.ts";

/** The watched world as far as an invariant may look. */
export type Watched = {
  readonly ledger: Ledger;
  readonly chronicle: Chronicle;
  readonly register: Register;
  /** The common policy of the world. */
  readonly policy: Policy;
  readonly sha256: Sha256;
  /** The guard band of its commodity. */
  readonly guardBandHz: number;
  /** Blocks that the owner of a holder lets. */
  sliceOf(host: string): readonly { readonly lowerHz: number; readonly upperHz: number }[];
  /** True UTC, µs. */
  utcUs(): number;
  /** The agents that run just now, by the names of their hosts. */
  running(): ReadonlyMap<string, Agent>;
  /** The agent of one host while it runs. */
  agentOf(host: string): Agent | null;
  lineageOf(host: string): Uint8Array;
  /** A fault may have taken acknowledged bytes from this host's disk since its log was read last. */
  mayForget(host: string): boolean;
  /** Written by no agent of ours: invariants speak of what it does to others. */
  isDishonest(name: string): boolean;
  /** Until a while after a fault, this host's promises end where `from` begins. */
  isExempt(host: string, from: Exemption): boolean;
};

/**
 * `time`: what the receiver said was false and could not be told from the truth. `speed`: the oscillator was farther off
 * than declared.
 */
export type Exemption = "time" | "speed";

/** Work in each call is constant, or grows with one agent's live leases; `sweep` runs now and then. */
export type Invariant = {
  readonly name: string;
  /**
   * A log was read anew: all its records, and the first seq that is not as it was known to be, or null. Comes before
   * `appended` of those that nobody knew of.
   */
  reread?(host: string, records: readonly AnyRecord[], lossSeq: number | null): void;
  /** Before the ledger and the chronicle take the record; `disk`: it was found there, and its agent never told. */
  appended?(host: string, record: AnyRecord, by: "agent" | "disk"): void;
  /** A start found its log with a whole end or not, and has changed nothing yet. */
  began?(host: string, isClean: boolean): void;
  /** A record of its own leaves the host. */
  published?(host: string, record: AnyRecord): void;
  /** A host was carried out of the area of every block, or home. */
  moved?(host: string, isAway: boolean): void;
  transmitted?(transmission: Transmission): void;
  sweep?(): void;
};

export class InvariantBroken extends Error {
  override readonly name = "InvariantBroken";
  readonly invariant: string;
  /** Ids of the records involved, hex. */
  readonly records: readonly string[];

  constructor(invariant: string, text: string, records: readonly string[] = []) {
    super(text);
    this.invariant = invariant;
    this.records = records;
  }
}
