/** Both sides' gate on regulatory identifiers: own ones before binding, the other side's as its settlement states them. */
import { chainOf } from "../authority/chain.ts";
import type { Rejection } from "../base/rejection.ts";
import { leaseClassOf } from "../policy/taxonomy.ts";
import type { RecordOf } from "../record/record.ts";
import { clear } from "../record/sealed.ts";
import { missingIdentifiers, type Side, statedBy } from "../settlement/identifiers.ts";
import { bodiesOf } from "./documents.ts";
import { pairPolicy } from "./policies.ts";
import type { Turn } from "./turn.ts";

/** What this agent could not state as that side of a lease under the offer's class. `credential`: its own last link. */
export function unidentified(
  turn: Turn,
  side: Side,
  offer: RecordOf<"offer">,
  credential: Uint8Array | null,
): readonly Rejection[] {
  const own = clear(turn.agent.config.identifiers ?? []);
  return missing(turn, side, offer, statedBy(chainOf(credential, bodiesOf(turn.agent)), own));
}

/** What the other side's settlement and credentials do not state. */
export function unidentifiedPeer(
  turn: Turn,
  side: Side,
  pair: { readonly offer: RecordOf<"offer">; readonly acceptance: RecordOf<"acceptance"> },
  settlement: RecordOf<"settlement">,
): readonly Rejection[] {
  const observation = side === "holder" ? pair.offer : pair.acceptance;
  const chain = chainOf(observation.header.credential, bodiesOf(turn.agent));
  return missing(turn, side, pair.offer, statedBy(chain, settlement.body.identifiers));
}

function missing(
  turn: Turn,
  side: Side,
  offer: RecordOf<"offer">,
  stated: ReturnType<typeof statedBy>,
): readonly Rejection[] {
  const policy = pairPolicy(turn, offer);
  const leaseClass = policy === null ? null : leaseClassOf(policy, offer.body.leaseClass);
  return missingIdentifiers(leaseClass, side, stated);
}
