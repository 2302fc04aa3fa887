/** Makes log entries of own records that peers kept: each with the foreign records that it names (PROTOCOL §2). */
import { referencesOf } from "../audit/references.ts";
import { equalBytes, idText } from "../base/bytes.ts";
import { requiredIds } from "../pairing/candidate.ts";
import { evaluateUnder } from "../pairing/rules-versions.ts";
import type { AnyRecord, RecordOf } from "../record/record.ts";
import { lookUp } from "./agent.ts";
import { apply } from "./apply.ts";
import { inceptions } from "./documents.ts";
import { saysTheSame } from "./holder-lease.ts";
import { cloneState, type Entry, leaseById, type State } from "./state.ts";
import type { Agent } from "./turn.ts";

export type Restoration =
  | { readonly kind: "whole"; readonly entries: readonly Entry[] }
  /** Foreign records to be asked for. */
  | { readonly kind: "lacking"; readonly ids: readonly Uint8Array[] }
  /** The fold would not take them as they are. */
  | { readonly kind: "unfit" };

type LookUp = (id: Uint8Array) => AnyRecord | undefined;

type Source = { readonly agent: Agent; readonly tail: readonly AnyRecord[]; readonly at: LookUp };

/** `tail`: own records with checked signatures that chain on from the log's head, in order. */
export function restoration(agent: Agent, tail: readonly AnyRecord[]): Restoration {
  const own = new Map(tail.map((each) => [idText(each.id), each]));
  const at: LookUp = (id) =>
    own.get(idText(id)) ?? agent.durable.acceptances.get(idText(id))?.record ?? lookUp(agent, id);
  const lacking = new Map<string, Uint8Array>();
  for (const each of tail) {
    for (const id of namedBy(each, at)) if (!isAtHand(agent, at, id)) lacking.set(idText(id), id);
    const settlement = each.kind === "renewal" ? unanswered({ agent, tail, at }, each) : undefined;
    if (settlement !== undefined) lacking.set(idText(settlement.id), settlement.id);
  }
  if (lacking.size > 0) return { kind: "lacking", ids: [...lacking.values()] };
  return rehearsed({ agent, tail, at });
}

function isAtHand({ durable }: Agent, at: LookUp, id: Uint8Array): boolean {
  const key = idText(id);
  return durable.ownIds.has(key) || durable.stored.has(key) || at(id) !== undefined;
}

/** What an entry of this record holds: the same that its writer stored with it. */
function namedBy(record: AnyRecord, at: LookUp): readonly Uint8Array[] {
  const named = referencesOf(record).filter(({ need }) => need !== "may");
  const ids = named.map(({ id }) => id);
  // Whose numbers its budgets are: without them what it used would not be counted again.
  if (record.kind === "acceptance")
    return [...ids, ...record.body.budgets.map(({ credential }) => credential)];
  if (record.kind !== "settlement") return ids;
  const offer = at(record.body.offer);
  return offer?.kind === "offer" ? [...ids, ...requiredIds(offer, record.body.context)] : ids;
}

/** Folded once in memory first: what the fold would not take must never reach the disk. */
function rehearsed(source: Source): Restoration {
  const { agent, tail, at } = source;
  const { primitives, clockDriftPpm: ownDriftPpm } = agent.config;
  const state = cloneState(agent.durable);
  const documents = new Map(agent.documents);
  const entries: Entry[] = [];
  for (const own of tail) {
    const entry = { own, foreign: foreignOf(source, state, own) };
    if (!isFit(agent, entry, at)) return { kind: "unfit" };
    apply(state, entry, { primitives, documents, ownDriftPpm });
    entries.push(entry);
  }
  return { kind: "whole", entries };
}

function foreignOf(source: Source, state: State, own: AnyRecord): readonly AnyRecord[] {
  const { agent, at } = source;
  const named = namedBy(own, at).map(at);
  const brought = [...named, ...counterparts(source, own)].filter((each) => each !== undefined);
  const foreign = new Map<string, AnyRecord>();
  for (const each of [...inceptions(agent, ...brought), ...brought]) {
    if (!equalBytes(each.header.lineage, own.header.lineage)) foreign.set(idText(each.id), each);
  }
  return [...foreign.values()].filter(({ id }) => !state.stored.has(idText(id)));
}

/**
 * The other side's settlement of the same artifact, which no record names by its id: a consumer stores the holder's with
 * its own, a holder the consumer's with its first renewal.
 */
function counterparts({ agent, tail, at }: Source, own: AnyRecord): readonly AnyRecord[] {
  if (own.kind !== "settlement" && own.kind !== "renewal") return [];
  const pair = pairOf({ agent, tail, at }, own);
  return pair === undefined || (own.kind === "settlement" && pair.isHolder) ? [] : othersOf(agent, pair);
}

type Pair = {
  readonly isHolder: boolean;
  readonly ours: RecordOf<"settlement">;
  readonly other: Uint8Array;
};

/** Our settlement that `own` is, or that it renews, and who the other side is. */
function pairOf(
  { agent, tail, at }: Source,
  own: RecordOf<"settlement"> | RecordOf<"renewal">,
): Pair | undefined {
  const lease = leaseById(agent.durable, own.body.artifact);
  if (lease !== undefined) {
    // Only a holder's renewals are ours, and what it stored once is stored.
    if (lease.consumerSettlement !== null) return undefined;
    return { isHolder: true, ours: lease.holderSettlement, other: lease.acceptance.header.lineage };
  }
  const ours = [own, ...tail].find(
    (each): each is RecordOf<"settlement"> =>
      each.kind === "settlement" && equalBytes(each.body.artifact, own.body.artifact),
  );
  if (ours === undefined) return undefined;
  const [holder, consumer] = [ours.body.offer, ours.body.acceptance].map((id) => at(id)?.header.lineage);
  const isHolder = holder !== undefined && equalBytes(holder, own.header.lineage);
  const other = isHolder ? consumer : holder;
  return other === undefined ? undefined : { isHolder, ours, other };
}

/** The artifact's id is anybody's to write: only the other party's word, over the same offer, acceptance and context. */
function othersOf({ volatile }: Agent, { ours, other }: Pair): readonly RecordOf<"settlement">[] {
  return [...volatile.known.ofKind("settlement")].filter(
    (each) => equalBytes(each.header.lineage, other) && saysTheSame(each, ours),
  );
}

/** Renewed, so it was countersigned: our settlement is asked for again, since the countersignature comes with it. */
function unanswered(source: Source, renewal: RecordOf<"renewal">): AnyRecord | undefined {
  const pair = pairOf(source, renewal);
  return pair === undefined || othersOf(source.agent, pair).length > 0 ? undefined : pair.ours;
}

function isFit({ config }: Agent, { own, foreign }: Entry, at: LookUp): boolean {
  switch (own.kind) {
    case "key-event":
      return false;
    case "acceptance":
      return at(own.body.offer)?.kind === "offer";
    case "settlement": {
      const [offer, acceptance] = [at(own.body.offer), at(own.body.acceptance)];
      if (offer?.kind !== "offer" || acceptance?.kind !== "acceptance") return false;
      const { context, artifact } = own.body;
      const found = evaluateUnder(offer, acceptance, context, { get: at }, config.primitives);
      const isHolder = equalBytes(offer.header.lineage, own.header.lineage);
      const holders = isHolder || foreign.some(({ kind }) => kind === "settlement");
      return holders && "derived" in found && equalBytes(found.derived.id, artifact);
    }
    default:
      return true;
  }
}
