/** Every queue, map and set of an agent keeps its bound (STYLE 14): by its name, or by the length of its log. */
import { bounds } from "../../core/agent/bounds.ts";
import type { Known } from "../../core/agent/known.ts";
import type { State } from "../../core/agent/state.ts";
import type { Agent } from "../../core/agent/turn.ts";
import type { Volatile } from "../../core/agent/volatile.ts";
import { allCodes } from "../../core/base/codes.ts";
import { type Invariant, InvariantBroken, type Watched } from "./invariant.ts";

/** What of `T` holds many. The compiler asks for a bound of each: a new one has to be put into a table here. */
type Holding<T> = { [K in keyof T]: T[K] extends Container ? K : never }[keyof T];
type Container = ReadonlyMap<string, unknown> | ReadonlySet<string> | Known;

const QUEUED_MAX = bounds.QUEUE_MAX + bounds.QUEUE_RESERVE;
/** Levels of assurance. */
const LEVELS = 9;
/** Leases that were given up in another way meanwhile: they go with the next report of the radio. */
const LEFT_MAX = 4;
/** Records of a lease's two parties. */
const PARTIES_RECORDS = 7;
/** Foreign records that one own record brings along: two parties' chains, inceptions, documents. */
const FOREIGN_A_RECORD = 32;

const VOLATILE: Readonly<Record<Holding<Volatile>, (agent: Agent) => number>> = {
  known: () => 2 * bounds.KNOWN_RECORDS_MAX + bounds.KEYS_MAX,
  seen: () => bounds.SEEN_MAX,
  successors: () => bounds.POLICIES_MAX,
  waiting: () => bounds.WAITING_MAX,
  sent: () => bounds.SEEN_MAX,
  given: () => bounds.GIVEN_RECORDS_MAX,
  lanes: () => bounds.PEERS_MAX,
  aggregates: () => bounds.PEERS_MAX,
  countersigned: () => bounds.WAITING_MAX,
  pendingAcceptances: () => bounds.WAITING_MAX,
  pendingSettlements: () => bounds.WAITING_MAX,
  pendingOffers: () => bounds.WAITING_MAX,
  refusedOffers: () => bounds.REFUSED_OFFERS_MAX,
  unstoredRenewals: () => bounds.WAITING_MAX,
  otherBootRenewals: () => bounds.WAITING_MAX,
  unstoredTerminations: () => bounds.WAITING_MAX,
  leaving: ({ provisional }) => provisional.live.size + LEFT_MAX,
  // One acceptance or offer each, in the log or in a queue that was lost.
  wished: ({ provisional }) => provisional.nextSeq + QUEUED_MAX,
  offered: ({ provisional }) => provisional.nextSeq + QUEUED_MAX,
  counters: () => allCodes.length,
  timeLevels: () => LEVELS,
  placeLevels: () => LEVELS,
};

/** What no bound is named for grows with the log: by what a record can add, and no faster. */
const DURABLE: Readonly<Record<Holding<State>, (state: State) => number>> = {
  ownIds: ({ nextSeq }) => nextSeq,
  offers: ({ nextSeq }) => nextSeq,
  acceptances: ({ nextSeq }) => nextSeq,
  open: ({ acceptances }) => acceptances.size,
  leases: ({ nextSeq }) => nextSeq,
  live: ({ leases }) => leases.size,
  leaseOfRecord: ({ leases }) => leases.size * PARTIES_RECORDS,
  leaseOfAcceptance: ({ leases }) => leases.size,
  closedAcceptances: ({ nextSeq, stored }) => nextSeq + stored.size,
  refusedSettlements: ({ stored }) => stored.size,
  rejections: () => bounds.REJECTIONS_KEPT_MAX,
  suspensions: ({ nextSeq }) => nextSeq,
  admissions: ({ nextSeq }) => nextSeq,
  stored: ({ nextSeq }) => nextSeq * FOREIGN_A_RECORD,
};

/** Agents that one sweep looks at: the next ones in turn, so that a thousand cost no more than these. */
const AGENTS_A_SWEEP = 64;

export function boundInvariants({ running }: Watched): readonly Invariant[] {
  const name = "bounds-hold";
  let looked = 0;
  function checkAgent(host: string, agent: Agent): void {
    check(agent, (what, holds, most) => {
      throw new InvariantBroken(name, `${host}: ${what} holds ${holds} of ${most}`);
    });
  }
  const bounded: Invariant = {
    name,
    sweep() {
      const agents = [...running()];
      for (let i = 0; i < Math.min(AGENTS_A_SWEEP, agents.length); i++) {
        const [host, agent] = agents[looked++ % agents.length] as (typeof agents)[number];
        checkAgent(host, agent);
      }
    },
  };
  return [bounded];
}

type Tell = (what: string, holds: number, most: number) => void;

/** Tells of what holds more than it may. */
function check(agent: Agent, tell: Tell): void {
  const { queue, volatile, durable, provisional, documents } = agent;
  const holds = (what: string, size: number, most: number): void => {
    if (size > most) tell(what, size, most);
  };
  holds("queue", queue.length, QUEUED_MAX);
  holds("documents", documents.size, provisional.stored.size + QUEUED_MAX * FOREIGN_A_RECORD);
  holds("uses", provisional.uses.uses.length, provisional.nextSeq);
  holds("beyond", volatile.quarantine?.beyond?.records.size ?? 0, bounds.RESTORED_RECORDS_MAX);
  for (const what of VOLATILE_NAMES) holds(what, volatile[what].size, VOLATILE[what](agent));
  for (const what of DURABLE_NAMES) {
    holds(what, durable[what].size, DURABLE[what](durable));
    holds(what, provisional[what].size, DURABLE[what](provisional));
  }
}

const VOLATILE_NAMES = Object.keys(VOLATILE) as readonly (keyof typeof VOLATILE)[];
const DURABLE_NAMES = Object.keys(DURABLE) as readonly (keyof typeof DURABLE)[];
