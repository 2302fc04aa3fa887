/** What every part of a turn does: look records up, put records into the one signing queue, ask for effects. */
import { isIssuedTo } from "../authority/chain.ts";
import { assert } from "../base/assert.ts";
import { equalBytes, idText } from "../base/bytes.ts";
import type { Rejection } from "../base/rejection.ts";
import { RULES_VERSION } from "../pairing/rules-versions.ts";
import type { Header } from "../record/header.ts";
import { keyId } from "../record/identity.ts";
import { type Bodies, type KindName, kinds } from "../record/kinds.ts";
import { type AnyRecord, type RecordOf, writePayload } from "../record/record.ts";
import { clear } from "../record/sealed.ts";
import type { PlaceEvidence, TimeEvidence } from "../record/shared-fields.ts";
import type { DerivedArtifact } from "../settlement/artifact.ts";
import { recordId } from "../wire/envelope.ts";
import { limits } from "../wire/limits.ts";
import { apply } from "./apply.ts";
import { bounds } from "./bounds.ts";
import type { AgentConfig } from "./config.ts";
import type { Draft, Effect } from "./effect.ts";
import { ownPlace, ownTime } from "./own-evidence.ts";
import { policyInUse, unstoredSuccessors } from "./policies.ts";
import { sessionSigner } from "./session-signer.ts";
import { cloneState, leaseById, type State } from "./state.ts";
import type { Agent, Turn } from "./turn.ts";
import { emptyVolatile } from "./volatile.ts";

export function newAgent(config: AgentConfig, durable: State, documents: Map<string, AnyRecord>): Agent {
  return {
    config,
    keyId: keyId(config.key.suite, config.key.publicKey, config.primitives.sha256),
    durable,
    provisional: cloneState(durable),
    queue: [],
    documents,
    volatile: emptyVolatile(),
  };
}

export function emit(turn: Turn, effect: Effect): void {
  if (effect.kind === "mute") turn.agent.volatile.mutesUnderWay += 1;
  turn.effects.push(effect);
}

export function count(turn: Turn, code: string): void {
  const { counters } = turn.agent.volatile;
  const value = (counters.get(code) ?? 0) + 1;
  counters.set(code, value);
  emit(turn, { kind: "note", event: { what: "dropped", code, count: value } });
}

/** A record by id: stored documents, own queue's documents, or what others sent. */
export function lookUp(agent: Agent, id: Uint8Array): AnyRecord | undefined {
  return agent.documents.get(idText(id)) ?? agent.volatile.known.get(id);
}

export type EnqueueOptions = {
  readonly foreign?: readonly AnyRecord[];
  readonly derived?: DerivedArtifact;
  /** Renewals, terminations and relinquishments may use the reserve. */
  readonly urgent?: boolean;
  readonly time?: TimeEvidence | null;
  readonly place?: PlaceEvidence | null;
  readonly credential?: Uint8Array | null;
  /** Signed by the device's own key whatever policy says of its kind. */
  readonly byDevice?: boolean;
  /** The pair's own, where the record is about one; else that of the lease, or the one in use. */
  readonly policy?: Uint8Array;
};

/**
 * Gives the record its position in the one signing queue, applies it provisionally, and asks for it to be signed and
 * stored. Null, and nothing happened, when the queue is full, the record would be too long, a quarantine stands, or the
 * key is lost.
 */
export function enqueue<K extends KindName>(
  turn: Turn,
  kind: K,
  body: Bodies[K],
  options: EnqueueOptions = {},
): RecordOf<K> | null {
  const { agent } = turn;
  if (agent.volatile.keyLost !== null) return null;
  if (agent.volatile.quarantine !== null && kind !== "quarantine-end") return null;
  const room = bounds.QUEUE_MAX + (options.urgent === true ? bounds.QUEUE_RESERVE : 0);
  if (agent.queue.length >= room) {
    count(turn, "queue-full");
    return null;
  }
  const record = draftRecord(turn, kind, body, options);
  // A log with a record in it that nobody reads back could never be folded again.
  if (record.envelope.payload.length > limits.RECORD_BYTES_MAX) {
    count(turn, "record-too-long");
    return null;
  }
  const { stored } = agent.provisional;
  const own = ownLineage(agent);
  const foreign = withSigners(agent, [...unstoredSuccessors(agent), ...(options.foreign ?? [])]).filter(
    (each) => !stored.has(idText(each.id)) && !equalBytes(each.header.lineage, own),
  );
  const draft: Draft = { record: record as AnyRecord, foreign };
  agent.queue.push({ draft, derived: options.derived });
  for (const { header } of foreign) agent.volatile.known.pinKey(header.lineage);
  applyTo(agent, agent.provisional, draft, options.derived);
  emit(turn, { kind: "append", draft });
  return record;
}

/** Each once, after who signs it: a copy of the log verifies alone, also where a peer has rolled its key since it was met. */
function withSigners({ volatile }: Agent, records: readonly AnyRecord[]): readonly AnyRecord[] {
  const signers = records.flatMap(({ header }) => volatile.known.keyRecordsOf(header.lineage));
  return [...new Map([...signers, ...records].map((each) => [idText(each.id), each])).values()];
}

/** The record as `enqueue` would make it at this moment, signed by nobody and in no queue. */
export function draftRecord<K extends KindName>(
  turn: Turn,
  kind: K,
  body: Bodies[K],
  options: EnqueueOptions,
): RecordOf<K> {
  const policy = options.policy ?? leasePolicy(turn, body);
  const head = headerFor(turn, kind, policy === undefined ? options : { ...options, policy });
  const payload = writePayload(kind, head, body);
  const id = recordId(kind, payload, turn.agent.config.primitives.sha256);
  return { kind, id, header: head, body, envelope: { kind, payload, signatures: [], openings: [] } };
}

/** A lease keeps the policy that it was settled under to its end. */
function leasePolicy({ agent }: Turn, body: object): Uint8Array | undefined {
  if (!("artifact" in body && body.artifact instanceof Uint8Array)) return undefined;
  return leaseById(agent.provisional, body.artifact)?.offer.header.policy ?? undefined;
}

function headerFor(turn: Turn, kind: KindName, options: EnqueueOptions): Header {
  const { agent } = turn;
  const state = agent.provisional;
  const offline = kinds[kind].mayBeNil;
  const time = options.time === undefined ? ownTime(turn) : options.time;
  const place = options.place === undefined ? ownPlace(turn) : options.place;
  assert(time !== null || offline.includes("time"), `${kind} is only made with time assured`);
  assert(place !== null || offline.includes("place"), `${kind} is only made with place assured`);
  assert(state.key !== null, "the inception comes first");
  const policy = options.policy ?? policyInUse(turn);
  const session = options.byDevice === true ? null : sessionSigner(agent, { kind, policy, time });
  return {
    lineage: state.key.lineage,
    epoch: state.epoch,
    seq: state.nextSeq,
    previous: state.head,
    signerKey: session?.keyId ?? agent.keyId,
    suite: session?.suite ?? agent.config.key.suite,
    credential: options.credential ?? agent.config.credentials[0] ?? null,
    attestation: state.attestation?.id ?? null,
    policy,
    rulesVersion: RULES_VERSION,
    time,
    place: place === null ? null : clear(place),
  };
}

export function applyTo(
  agent: Agent,
  state: State,
  draft: Draft,
  derived: DerivedArtifact | undefined,
): void {
  const { primitives, clockDriftPpm: ownDriftPpm } = agent.config;
  const common = { primitives, documents: agent.documents, ownDriftPpm };
  const context = derived === undefined ? common : { ...common, derived };
  apply(state, { own: draft.record, foreign: draft.foreign }, context);
}

/** The queue's tail is gone; what is flushed stands. */
export function dropQueue(agent: Agent): void {
  agent.queue.length = 0;
  agent.provisional = cloneState(agent.durable);
}

/** The own last link that carries `verb`, and belongs to this key, or to the device that holds it. */
export function credentialFor(agent: Agent, verb: "allocate" | "acquire"): Uint8Array | null {
  for (const id of agent.config.credentials) {
    const found = lookUp(agent, id);
    if (
      found?.kind === "credential" &&
      found.body.verbs.includes(verb) &&
      isIssuedTo(found.body, {
        lineage: ownLineage(agent),
        keyId: agent.keyId,
        akName: agent.config.key.akName,
      })
    ) {
      return id;
    }
  }
  return null;
}

export function ownLineage(agent: Agent): Uint8Array {
  assert(agent.provisional.key !== null, "the inception comes first");
  return agent.provisional.key.lineage;
}

export function refused(turn: Turn, subject: Uint8Array | null, rejections: readonly Rejection[]): void {
  emit(turn, { kind: "note", event: { what: "refused", subject, rejections } });
}
