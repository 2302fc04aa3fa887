/** The small scopes that the tests explore, each with what it is for. */
import type { Scope } from "../../../src/sim/explore/scope.ts";

/** From a first tenant on air to the next: who ends it, who asks for the block, and when. */
export const reletting: Partial<Scope> = {
  name: "a second consumer wants the block of the first",
  consumers: 2,
  begins: "on-air",
  instants: 4,
  grantInstants: 8,
  stopsAtBounds: true,
  orders: [
    { host: 0, verb: "terminate" },
    { host: 2, verb: "accept" },
  ],
};

/** The first consumer gets no third renewal: its first two have to run out before the block is free. */
export const lapsing: Partial<Scope> = {
  ...reletting,
  name: "the lease of the first consumer lapses, and a second wants its block",
  adverse: 1,
  orders: [{ host: 2, verb: "accept" }],
};

export const restored: Partial<Scope> = {
  ...reletting,
  name: "the holder's log ends before what it settled",
  begins: "restored",
  stopsAtBounds: false,
  orders: [{ host: 2, verb: "accept" }],
};

export const givingUp: Partial<Scope> = {
  name: "the consumer is told to relinquish",
  orders: [{ host: 1, verb: "relinquish" }],
};

export const contested: Partial<Scope> = { name: "two consumers contest one offer", consumers: 2 };

/** Without adverse events. */
export const faultless: readonly Partial<Scope>[] = [givingUp, lapsing, reletting, restored, contested].map(
  (scope) => ({ ...scope, adverse: 0 }),
);

/** Small enough to be explored with nothing spared too. */
export const comparedScopes: readonly Partial<Scope>[] = [
  { name: "two agents and one offer, any one adverse event", adverse: 1 },
  { name: "two agents and one offer, any two messages lost or doubled", adverseKinds: ["drop", "duplicate"] },
  { ...restored, adverse: 0 },
  { ...lapsing, adverse: 0 },
  { ...givingUp, adverse: 0 },
  { ...contested, adverse: 0 },
];
