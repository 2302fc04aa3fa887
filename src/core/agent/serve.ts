/**
 * Answers `want(ids)`, within a quota (PROTOCOL §8): broadcast records to anybody, a pair's records to its parties, what
 * went to a peer to that peer again, and to each author its own.
 */
import { equalBytes, idText, toHex } from "../base/bytes.ts";
import type { AnyRecord, RecordOf } from "../record/record.ts";
import { limits } from "../wire/limits.ts";
import type { Want } from "../wire/want.ts";
import { count, emit, lookUp } from "./agent.ts";
import { isForRequester } from "./corroborating.ts";
import { isDocument } from "./document-kinds.ts";
import { overseerOfLease } from "./overseen.ts";
import { laneOf } from "./receive.ts";
import { leaseById, leaseOfRecord } from "./state.ts";
import type { Turn } from "./turn.ts";

const WINDOW_US = 1_000_000;

/** Peer-controlled and unsigned: at most limits.REPAIR_RECORDS_MAX records a requester and second leave for its inbox. */
export function serve(turn: Turn, want: Want): void {
  for (const record of want.ids.flatMap((id) => found(turn, want.lineage, id))) {
    if (record.envelope.signatures.length === 0) continue;
    if (!withinQuota(turn, want.lineage)) {
      count(turn, "repair-quota");
      return;
    }
    const route = { to: "agent", lineage: want.lineage } as const;
    const isAuthor = equalBytes(record.header.lineage, want.lineage);
    const answer = isAuthor && record.kind === "settlement" ? counterpart(turn, record) : null;
    if (answer !== null) emit(turn, { kind: "publish", route, record: answer });
    emit(turn, { kind: "publish", route, record });
  }
}

/** Ahead of a settlement, the other side's of the same artifact: no record names it by its id. */
function counterpart({ agent }: Turn, { id, body }: RecordOf<"settlement">): AnyRecord | null {
  const lease = leaseById(agent.durable, body.artifact);
  if (lease === undefined) return null;
  const { holderSettlement, consumerSettlement } = lease;
  return equalBytes(holderSettlement.id, id) ? consumerSettlement : holderSettlement;
}

/** Whoever names a lineage wants to know who signs it: its inception, then its rotations, then its latest session keys. */
function found(turn: Turn, requester: Uint8Array, id: Uint8Array): readonly AnyRecord[] {
  const { durable, volatile } = turn.agent;
  const { inception, rotations, sessions } = durable;
  if (inception !== null && equalBytes(inception.header.lineage, id)) {
    return [inception, ...rotations, ...sessions.map(({ certificate }) => certificate)];
  }
  const keyRecords = volatile.known.keyRecordsOf(id);
  if (keyRecords.length > 0) return keyRecords;
  const record = find(turn, requester, id);
  return record === undefined ? [] : [record];
}

function find(turn: Turn, requester: Uint8Array, id: Uint8Array): AnyRecord | undefined {
  const { agent } = turn;
  const found = agent.durable.offers.get(idText(id))?.record ?? lookUp(agent, id);
  if (found !== undefined && isDocument(found.kind)) return found;
  // Its author's own: who lost the end of its log has nobody else to ask.
  if (found !== undefined && equalBytes(found.header.lineage, requester)) return found;
  if (found !== undefined && isForRequester(agent, found, requester)) return found;
  const given = agent.volatile.given.get(idText(id));
  if (given !== undefined && equalBytes(given.lineage, requester)) return given.record;
  return partysRecord(turn, requester, id);
}

/** Records of a lease go to its two parties, and to who has to acknowledge it or hear of it. */
function partysRecord({ agent }: Turn, requester: Uint8Array, id: Uint8Array): AnyRecord | undefined {
  const found = leaseOfRecord(agent.durable, id);
  if (found === undefined) return undefined;
  const { role, acceptance, offer } = found.lease;
  const peer = (role === "holder" ? acceptance : offer).header.lineage;
  if (equalBytes(peer, requester)) return found.record;
  const overseer = overseerOfLease(found.lease);
  return overseer !== null && equalBytes(overseer, requester) ? found.record : undefined;
}

/** Nobody signs a want: names that nobody has heard of share one lane, however many are made up. */
function withinQuota(turn: Turn, requester: Uint8Array): boolean {
  const known = turn.agent.volatile.known.isKnown(requester);
  const lane = laneOf(turn, known ? `want ${toHex(requester)}` : "want of strangers");
  if (turn.now.bootUs - lane.windowStartUs >= WINDOW_US) {
    lane.windowStartUs = turn.now.bootUs;
    lane.messages = 0;
  }
  lane.messages += 1;
  return lane.messages <= limits.REPAIR_RECORDS_MAX;
}
