/** Makes log entries of own records that peers kept: each with the foreign records that it names (PROTOCOL §2). */
import { referencesOf } from "../audit/references.ts";
import { equalBytes, idText } from "../base/bytes.ts";
import { requiredIds } from "../pairing/candidate.ts";
import { evaluateUnder } from "../pairing/rules-versions.ts";
import type { AnyRecord, RecordOf } from "../record/record.ts";
import { apply } from "./apply.ts";
import { inceptions } from "./documents.ts";
import { cloneState, type Entry, type State } from "./state.ts";
import type { Agent } from "./turn.ts";

export type Restoration =
  | { readonly kind: "whole"; readonly entries: readonly Entry[] }
  /** Foreign records to be asked for. */
  | { readonly kind: "lacking"; readonly ids: readonly Uint8Array[] }
  /** The fold would not take them as they are. */
  | { readonly kind: "unfit" };

type LookUp = (id: Uint8Array) => AnyRecord | undefined;

/** `tail`: own records with checked signatures that chain on from the log's head, in order. */
export function restoration(agent: Agent, tail: readonly AnyRecord[]): Restoration {
  const own = new Map(tail.map((each) => [idText(each.id), each]));
  const at: LookUp = (id) =>
    own.get(idText(id)) ?? agent.documents.get(idText(id)) ?? agent.volatile.known.get(id);
  const lacking = new Map<string, Uint8Array>();
  for (const each of tail) {
    for (const id of namedBy(each, at)) if (!isAtHand(agent, at, id)) lacking.set(idText(id), id);
    const settlement = each.kind === "renewal" ? unanswered(agent, tail, each) : undefined;
    if (settlement !== undefined) lacking.set(idText(settlement.id), settlement.id);
  }
  if (lacking.size > 0) return { kind: "lacking", ids: [...lacking.values()] };
  return rehearsed(agent, tail, at);
}

function isAtHand({ durable }: Agent, at: LookUp, id: Uint8Array): boolean {
  const key = idText(id);
  return durable.ownIds.has(key) || durable.stored.has(key) || at(id) !== undefined;
}

/** What an entry of this record holds: the same that its writer stored with it. */
function namedBy(record: AnyRecord, at: LookUp): readonly Uint8Array[] {
  const named = referencesOf(record).filter(({ need }) => need === "must");
  const ids = named.map(({ id }) => id);
  if (record.kind !== "settlement") return ids;
  const offer = at(record.body.offer);
  return offer?.kind === "offer" ? [...ids, ...requiredIds(offer, record.body.context)] : ids;
}

/** Folded once in memory first: what the fold would not take must never reach the disk. */
function rehearsed(agent: Agent, tail: readonly AnyRecord[], at: LookUp): Restoration {
  const { primitives, clockDriftPpm: ownDriftPpm } = agent.config;
  const state = cloneState(agent.durable);
  const documents = new Map(agent.documents);
  const entries: Entry[] = [];
  for (const own of tail) {
    const entry = { own, foreign: foreignOf(agent, state, own, at) };
    if (!isFit(agent, entry, at)) return { kind: "unfit" };
    apply(state, entry, { primitives, documents, ownDriftPpm });
    entries.push(entry);
  }
  return { kind: "whole", entries };
}

function foreignOf(agent: Agent, state: State, own: AnyRecord, at: LookUp): readonly AnyRecord[] {
  const named = namedBy(own, at).map(at);
  const brought = [...named, ...counterparts(agent, own, at)].filter((each) => each !== undefined);
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
function counterparts(agent: Agent, own: AnyRecord, at: LookUp): readonly AnyRecord[] {
  if (own.kind === "renewal") return othersOf(agent, own);
  if (own.kind !== "settlement") return [];
  const holder = at(own.body.offer)?.header.lineage;
  return holder !== undefined && equalBytes(holder, own.header.lineage) ? [] : othersOf(agent, own);
}

function othersOf(
  { volatile }: Agent,
  own: RecordOf<"settlement"> | RecordOf<"renewal">,
): readonly RecordOf<"settlement">[] {
  return [...volatile.known.ofKind("settlement")].filter(
    ({ header, body }) =>
      equalBytes(body.artifact, own.body.artifact) && !equalBytes(header.lineage, own.header.lineage),
  );
}

/** Renewed, so it was countersigned: our settlement is asked for again, since the countersignature comes with it. */
function unanswered(
  agent: Agent,
  tail: readonly AnyRecord[],
  renewal: RecordOf<"renewal">,
): AnyRecord | undefined {
  if (othersOf(agent, renewal).length > 0) return undefined;
  return tail.find(
    (each) => each.kind === "settlement" && equalBytes(each.body.artifact, renewal.body.artifact),
  );
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
