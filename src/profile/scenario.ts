/** A scenario as the runner reads it: who takes part, what happens when, and what has to come of it (DESIGN §1, bench engineer). */

import type { BudgetTerm } from "../core/record/budget-fields.ts";
import type { Policy } from "../core/record/kinds/policy.ts";
import type { PreemptionCause } from "../core/record/kinds/preemption.ts";
import type { Schema } from "../core/record/kinds/schema.ts";
import type { KindName } from "../core/record/kinds.ts";
import type { LeasePhase } from "../core/settlement/lease.ts";
import type { AgentProfile, StandingOffer, StandingWish } from "./agent-profile.ts";
import type { FaultName, StepVerb } from "./scenario-words.ts";

/** Deeply read-only. Instants are µs from the moment at which every agent was started. */
export type Scenario = {
  readonly name: string;
  readonly about: string;
  /** Unless the caller says another one, 0 … 2^32 − 1. */
  readonly seed: number;
  readonly durationUs: number;
  readonly policy: Policy;
  readonly commodity: Schema;
  /** Invariants that a dishonest party of the story breaks: they end nothing, and expectations may ask for them. */
  readonly breaks: readonly string[];
  readonly agents: readonly ScenarioAgent[];
  readonly links: readonly ScenarioLink[];
  readonly steps: readonly ScenarioStep[];
  readonly faults: readonly ScenarioFault[];
  readonly expectations: readonly Expectation[];
};

export type Role = "holder" | "consumer";

export type Point = { readonly northMm: number; readonly eastMm: number };

/** Straight from one to the next; before the first and after the last the antenna stands still. */
export type WayPoint = Point & { readonly atUs: number };

export type ScenarioAgent = {
  readonly name: string;
  readonly role: Role;
  /** The device profile, with the scenario's own words in place of what they override. */
  readonly profile: AgentProfile;
  /** Ports of the profile whose driver is not a simulated one. */
  readonly real: readonly Device[];
  /** From the world's centre; at least one. */
  readonly track: readonly WayPoint[];
  /** How fast the host's oscillator runs, ppm. */
  readonly driftPpm: number;
  readonly credential: ScenarioCredential;
};

export type Device = "tpm" | "gnss" | "radio";

export type ScenarioCredential = {
  readonly level: string;
  readonly eligibilityClass: string;
  /** From the scenario's start; null: long after its end. */
  readonly endsUs: number | null;
  readonly budgets: readonly BudgetTerm[];
  readonly holdingsMaxHz: number | null;
};

/** What an agent's profile may have instead. */
export type Overrides = {
  readonly offers: readonly StandingOffer[] | null;
  readonly accepts: readonly StandingWish[] | null;
  readonly speedMmPerS: number | null;
};

/** Deliveries between two agents, either way. Shares in 0.01 %. */
export type ScenarioLink = {
  readonly between: readonly [string, string];
  readonly latencyUs: number;
  readonly loss: number;
};

/** At an instant, or as soon as a record of a kind is durable at an agent for the first time. */
export type Moment =
  | { readonly kind: "at"; readonly atUs: number }
  | { readonly kind: "record"; readonly agent: string; readonly record: KindName };

export type ScenarioStep = {
  readonly name: string;
  readonly moment: Moment;
  readonly agent: string;
  readonly verb: StepVerb;
  /** Of the offer or the lease; "": the latest one, whatever it is of; of preempt: all that the agent offers. */
  readonly resource: string;
  readonly insist: boolean;
  /** Of a directive: how long it stands; null: without an end. */
  readonly lastsUs: number | null;
  readonly cause: PreemptionCause;
};

export type ScenarioFault = {
  readonly name: string;
  readonly moment: Moment;
  readonly fault: FaultName;
  /** "" where it strikes the mesh. */
  readonly host: string;
  /** Whose disk is copied. */
  readonly from: string;
  /** null: it strikes once, or lasts to the end. */
  readonly lastsUs: number | null;
  readonly northMm: number;
  readonly eastMm: number;
  /** How far a clock is ahead, or how late something is. */
  readonly byUs: number;
  /** Of the host's oscillator, > 0: too fast. */
  readonly driftPpm: number;
  /** How fast the stated place walks away to the north, mm a second; < 0: to the south. */
  readonly rateMmPerS: number;
  /** When the backup that is put back was taken. */
  readonly takenUs: number;
  /** 0.01 % of the deliveries. */
  readonly share: number;
  readonly groups: readonly (readonly string[])[];
};

/** What is looked at. `agent` "" counts over all of them. */
export type Condition = { readonly agent: string } & (
  | { readonly kind: "radio"; readonly required: "on" | "off" }
  | { readonly kind: "lease"; readonly required: LeasePhase | "none" }
  | { readonly kind: "ready" | "quarantine"; readonly required: boolean }
  | ({
      readonly kind: "settled" | "refused" | "records" | "emissions" | "broken" | "audit";
      /** A resource, an id, a record kind, an invariant; "" for any. */
      readonly of: string;
    } & CountRange)
);

export type CountRange = { readonly least: number; readonly most: number | null };

/** From where on an expectation looks: an instant, or a step or fault by its name. */
export type Since =
  | { readonly kind: "at"; readonly atUs: number }
  | { readonly kind: "named"; readonly name: string };

export type Expectation = { readonly name: string; readonly condition: Condition } & (
  | { readonly kind: "expect"; readonly atUs: number }
  | { readonly kind: "within"; readonly since: Since; readonly withinUs: number }
  | { readonly kind: "always" | "never"; readonly since: Since; readonly untilUs: number | null }
);
