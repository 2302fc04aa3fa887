/** The only thing that changes durable state: one record of one's own, with what it brought along (DESIGN §2). */
import { assert } from "../base/assert.ts";
import { equalBytes, idText } from "../base/bytes.ts";
import type { Primitives } from "../base/primitives.ts";
import { appendLeaf, emptyFrontier } from "../lineage/merkle.ts";
import type { Bodies } from "../pairing/bodies.ts";
import { requiredIds } from "../pairing/candidate.ts";
import { evaluateUnder } from "../pairing/rules-versions.ts";
import type { AnyRecord, RecordOf } from "../record/record.ts";
import { sessionOf, withSession } from "../record/session.ts";
import { keyOfInception, keyOfRotation } from "../record/signing-key.ts";
import type { DerivedArtifact } from "../settlement/artifact.ts";
import { JUST_BOUND } from "../settlement/lease.ts";
import { applyResumption, applySuspension, applyUse } from "./applied-use.ts";
import { bounds } from "./bounds.ts";
import { changedLease } from "./changed-lease.ts";
import { isDocument } from "./document-kinds.ts";
import { put } from "./known.ts";
import {
  admissionKey,
  closeAcceptance,
  type Entry,
  leaseById,
  liveLeases,
  type State,
  setLease,
} from "./state.ts";
import { applyOutage } from "./unrecorded.ts";

/** What `apply` needs besides state and entry; `derived` spares a second evaluation of what was just evaluated. */
export type ApplyContext = {
  readonly primitives: Primitives;
  /** Foreign documents that earlier entries stored. */
  readonly documents: Map<string, AnyRecord>;
  readonly derived?: DerivedArtifact;
  /** Greatest drift of one's own boot clock: what the holder counts by may run fast. */
  readonly ownDriftPpm?: number;
};

/**
 * Changes `state` in place and returns it. The entry is one of our own making or from our own log: what does not fit is a
 * programming error or a damaged log, and asserts.
 */
export function apply(state: State, entry: Entry, context: ApplyContext): State {
  const { own } = entry;
  assert(own.header.seq === state.nextSeq && own.header.epoch === state.epoch, "records follow one another");
  assert(equalBytes(own.header.previous, state.head), "each record names the one before it");
  for (const each of entry.foreign) {
    state.stored.add(idText(each.id));
    if (isDocument(each.kind)) context.documents.set(idText(each.id), each);
  }
  applyBody(state, entry, context);
  if (isDocument(own.kind)) context.documents.set(idText(own.id), own);
  state.ownIds.add(idText(own.id));
  state.head = own.id;
  state.nextSeq += 1;
  state.frontier = appendLeaf(context.primitives.sha256, state.frontier, own.id);
  return state;
}

function applyBody(state: State, entry: Entry, context: ApplyContext): void {
  const { own } = entry;
  switch (own.kind) {
    case "key-event":
      applyInception(state, own, context);
      return;
    case "key-rotation":
      applyRotation(state, own, context);
      return;
    case "session-key":
      state.sessions = withSession(
        state.sessions,
        sessionOf(own, context.primitives.sha256),
        bounds.SESSIONS_MAX,
      );
      return;
    case "attestation":
      state.attestation = own;
      return;
    case "checkpoint":
      state.checkpoint = own;
      return;
    case "quarantine-end":
      state.quarantineEndSeq = own.header.seq;
      state.headUnconfirmed = !own.body.confirmed;
      return;
    case "admission":
      applyAdmission(state, own);
      return;
    case "offer":
      state.offers.set(idText(own.id), { record: own, withdrawn: false });
      return;
    case "withdrawal":
      applyWithdrawal(state, own);
      return;
    case "acceptance":
      applyAcceptance(state, own, context);
      return;
    case "rejection":
      applyRejection(state, own, entry);
      return;
    case "outage":
      applyOutage(state, own);
      return;
    case "deferral":
      keepDeferred(entry, context);
      return;
    case "suspension":
      applySuspension(state, own);
      return;
    case "resumption":
      applyResumption(state, own);
      return;
    case "settlement":
      applySettlement(state, entry, own, context);
      return;
    default:
      applyLeaseRecord(state, entry, context);
      return;
  }
}

function applyInception(state: State, own: RecordOf<"key-event">, { primitives }: ApplyContext): void {
  assert(state.key === null, "a lineage has one inception");
  const key = keyOfInception(own, primitives.sha256);
  assert(key.ok, "the inception is our own");
  state.key = key.value;
  state.keys = [key.value];
  state.inception = own;
  state.frontier = emptyFrontier;
}

function applyRotation(state: State, own: RecordOf<"key-rotation">, { primitives }: ApplyContext): void {
  assert(state.key !== null, "the inception comes first");
  const key = keyOfRotation(own, state.key, primitives.sha256);
  assert(key.ok, "the rotation is our own");
  state.key = key.value;
  state.keys = [...state.keys, key.value];
  state.rotations = [...state.rotations, own];
  // It certifies the key before.
  state.attestation = null;
}

function applyAdmission(state: State, own: RecordOf<"admission">): void {
  if (own.body.verdict !== "admitted" || own.header.policy === null) return;
  state.admissions.add(admissionKey(own.body.peer, own.header.policy));
}

function applyRejection(state: State, own: RecordOf<"rejection">, { foreign }: Entry): void {
  if (own.body.subject === null) return;
  const subject = idText(own.body.subject);
  for (const each of foreign) {
    if (each.kind !== "settlement" || idText(each.id) !== subject) continue;
    state.refusedSettlements.set(idText(each.body.artifact), idText(each.body.acceptance));
  }
  closeAcceptance(state, subject);
  put(state.rejections, subject, own, bounds.REJECTIONS_KEPT_MAX);
}

/** What is settled later was stored here already: a foreign envelope is stored once. */
function keepDeferred({ foreign }: Entry, { documents }: ApplyContext): void {
  for (const each of foreign) if (each.kind === "acceptance") documents.set(idText(each.id), each);
}

function applyWithdrawal(state: State, own: RecordOf<"withdrawal">): void {
  const key = idText(own.body.offer);
  const offer = state.offers.get(key);
  if (offer !== undefined) state.offers.set(key, { ...offer, withdrawn: true });
}

function applyAcceptance(state: State, own: RecordOf<"acceptance">, context: ApplyContext): void {
  const offer = context.documents.get(idText(own.body.offer));
  assert(offer?.kind === "offer", "an acceptance is stored with the offer that it names");
  const id = idText(own.id);
  state.acceptances.set(id, { record: own, offer });
  if (!state.closedAcceptances.has(id)) state.open.add(id);
  applyUse(state, { own, offer, acceptance: own, statements: own.body.budgets, bodies: bodiesOf(context) });
}

/** The holder's own settlement binds; the consumer's confirms, and brings the holder's along. */
function applySettlement(
  state: State,
  entry: Entry,
  own: RecordOf<"settlement">,
  context: ApplyContext,
): void {
  const { body } = own;
  const documents = bodiesOf(context);
  const offer = documents.get(body.offer);
  const brought = entry.foreign.find((each) => equalBytes(each.id, body.acceptance));
  const known = state.acceptances.get(idText(body.acceptance))?.record ?? documents.get(body.acceptance);
  const acceptance = brought ?? known;
  assert(
    offer?.kind === "offer" && acceptance?.kind === "acceptance",
    "a settlement is stored with its pair",
  );
  const role = equalBytes(offer.header.lineage, own.header.lineage) ? "holder" : "consumer";
  const derived = context.derived ?? rederive({ offer, acceptance, own }, documents, context.primitives);
  assert(
    equalBytes(derived.id, body.artifact),
    "a stored settlement names the artifact that evaluation gives",
  );
  const holders = role === "holder" ? own : entry.foreign.find((each) => isHolders(each, own));
  assert(holders?.kind === "settlement", "the consumer stores the holder's settlement with its own");
  const key = idText(derived.id);
  assert(!state.leases.has(key), "a settlement is appended once");
  setLease(state, {
    role,
    derived,
    offer,
    acceptance,
    holderSettlement: holders,
    consumerSettlement: role === "consumer" ? own : null,
    documents: requiredIds(offer, body.context)
      .map((id) => documents.get(id))
      .filter((each) => each !== undefined),
    ...JUST_BOUND,
  });
  state.leaseOfAcceptance.set(idText(acceptance.id), key);
  state.open.delete(idText(acceptance.id));
  const statements = body.context.budgets;
  if (role === "holder") applyUse(state, { own, offer, acceptance, statements, bodies: documents });
}

function isHolders(record: AnyRecord, own: RecordOf<"settlement">): boolean {
  return record.kind === "settlement" && equalBytes(record.body.artifact, own.body.artifact);
}

function bodiesOf({ documents }: ApplyContext): Bodies {
  return { get: (id) => documents.get(idText(id)) };
}

type SettledPair = {
  readonly offer: RecordOf<"offer">;
  readonly acceptance: RecordOf<"acceptance">;
  readonly own: RecordOf<"settlement">;
};

function rederive(
  { offer, acceptance, own }: SettledPair,
  documents: Bodies,
  primitives: Primitives,
): DerivedArtifact {
  const evaluation = evaluateUnder(offer, acceptance, own.body.context, documents, primitives);
  assert("derived" in evaluation, "a stored settlement evaluates to admitted");
  return evaluation.derived;
}

function applyLeaseRecord(state: State, entry: Entry, context: ApplyContext): void {
  const { own } = entry;
  const artifact = artifactOf(state, own);
  if (artifact === null) return;
  const lease = leaseById(state, artifact);
  // A consumer relinquishes what the holder bound and it never confirmed, too.
  if (lease === undefined) closeUnconfirmed(state, artifact, entry);
  else setLease(state, changedLease(lease, entry, bodiesOf(context), context.ownDriftPpm ?? 0));
}

function closeUnconfirmed(state: State, artifact: Uint8Array, { foreign }: Entry): void {
  // Refused by a record, the settlement is in the log already.
  const refused = state.refusedSettlements.get(idText(artifact));
  if (refused !== undefined) closeAcceptance(state, refused);
  for (const each of foreign) {
    if (each.kind === "settlement") closeAcceptance(state, idText(each.body.acceptance));
  }
}

/** The lease that a record speaks of, or null for kinds that speak of none. */
function artifactOf(state: State, record: AnyRecord): Uint8Array | null {
  switch (record.kind) {
    case "renewal-request":
    case "renewal":
    case "lease-termination":
    case "relinquishment":
    case "acknowledgement":
    case "lease-state":
    case "actuation":
      return record.body.artifact;
    case "actuation-outcome": {
      for (const lease of liveLeases(state)) {
        if (lease.actuation !== null && equalBytes(lease.actuation.id, record.body.actuation))
          return lease.derived.id;
      }
      return null;
    }
    default:
      return null;
  }
}
