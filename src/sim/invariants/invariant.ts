/** A property that holds at every instant of every simulated world, judged from outside the agents. */
import type { Agent } from "../../core/agent/turn.ts";
import type { AnyRecord } from "../../core/record/record.ts";
import type { Transmission } from "../drivers.ts";
import type { Ledger } from "../ledger.ts";

/** The watched world as far as an invariant may look. */
export type Watched = {
  readonly ledger: Ledger;
  /** True UTC, µs. */
  utcUs(): number;
  /** The agents that run just now, by the names of their hosts. */
  running(): ReadonlyMap<string, Agent>;
  /** Faults took acknowledged bytes from this host's disk, or its clock from the truth: some promises end there. */
  isExempt(host: string, from: Exemption): boolean;
};

/** `time`: what the receiver said was false and could not be told from the truth. */
export type Exemption = "time" | "disk";

/** Work in each call is constant, or grows with one agent's live leases; `sweep` runs now and then. */
export type Invariant = {
  readonly name: string;
  /** A log was read anew: its head, and how many records it holds. Comes before `appended` of those that nobody knew of. */
  reread?(host: string, records: readonly AnyRecord[]): void;
  /** Before the ledger takes the record. */
  appended?(host: string, record: AnyRecord): void;
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
