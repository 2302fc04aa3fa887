/** From bytes of anybody to a signed record: size, kind, seen, quota, signature, in that order (PROTOCOL §8). */
import { equalBytes, fromHex, idText } from "../base/bytes.ts";
import type { KindName } from "../record/kinds.ts";
import { withOpenings } from "../record/more-openings.ts";
import type { AnyRecord, RecordOf } from "../record/record.ts";
import { recordOfBytes } from "../record/record-of-bytes.ts";
import { checkSigned, isInception } from "../record/signing-key.ts";
import { isOver } from "../settlement/lease.ts";
import { count } from "./agent.ts";
import { followKey, keyFor, type Origin } from "./author-keys.ts";
import { bounds } from "./bounds.ts";
import { put, type Standing } from "./known.ts";
import { keepSuccessor, mayFollow } from "./policies.ts";
import { liveLeases } from "./state.ts";
import type { Turn } from "./turn.ts";
import type { Waiting } from "./volatile.ts";
import { want } from "./want.ts";

/**
 * The verified record, or null after a counted drop. A record whose author's key is unknown waits, bounded, while its
 * inception is asked for. Quotas are for peers; what the operator gave is pinned, what the own log holds is not.
 */
export function receive(turn: Turn, bytes: Uint8Array, origin: Origin): AnyRecord | null {
  const { agent } = turn;
  const read = recordOfBytes(bytes, agent.config.primitives);
  if (!read.ok) return dropped(turn, read.rejections[0]?.code);
  const record = read.value;
  const seen = agent.volatile.seen.has(idText(record.id));
  if (origin === "peer" && !withinLane(turn, record, seen)) return dropped(turn, "lane-full");
  // Only the verified copy is handed on: the one that just came may carry another signature.
  const kept = seen ? agent.volatile.known.get(record.id) : undefined;
  return kept === undefined ? verified(turn, record, bytes, origin) : reopened(turn, kept, record);
}

/** Its digest vouches for an opening, whoever brings it: a copy that came without must not shadow one that has it. */
function reopened({ agent }: Turn, kept: AnyRecord, copy: AnyRecord): AnyRecord {
  const opened = withOpenings(kept, copy.envelope.openings, agent.config.primitives.sha256);
  if (opened !== kept) agent.volatile.known.reopen(opened);
  return opened;
}

function verified(turn: Turn, record: AnyRecord, bytes: Uint8Array, origin: Origin): AnyRecord | null {
  const { volatile, config } = turn.agent;
  const key = keyFor(turn, record, origin);
  if (key === "not-known") return waitForKeys(turn, record, bytes);
  if (!key.ok) return dropped(turn, key.rejections[0]?.code);
  const signed = checkSigned(record as RecordOf<KindName>, key.value, config.primitives);
  if (!signed.ok) return dropped(turn, signed.rejections[0]?.code);
  if (record.kind === "key-rotation" && !followKey(turn, key.value, record))
    return dropped(turn, "rotations-full");
  put(volatile.seen, idText(record.id), true, bounds.SEEN_MAX);
  volatile.known.add(record, standingOf(turn, record, origin));
  keepSuccessor(turn, record);
  if (isInception(record)) volatile.known.addKey(key.value, record, origin !== "peer");
  return record;
}

/** What a trusted root says of other roots, and in place of its policies, is nowhere else: no flood may push it out. */
function standingOf({ agent }: Turn, { kind, header }: AnyRecord, origin: Origin): Standing {
  if (origin === "operator") return "pinned";
  const isTrusted =
    kind === "policy"
      ? mayFollow(agent, header.lineage)
      : kind === "recognition" && agent.config.roots.some((root) => equalBytes(root, header.lineage));
  return isTrusted ? "trusted" : "anybody's";
}

function waitForKeys(turn: Turn, record: AnyRecord, bytes: Uint8Array): null {
  const { waiting } = turn.agent.volatile;
  const { lineage } = record.header;
  const signer = idText(record.header.signerKey);
  const waits = { bytes, needs: idText(lineage), signer, sinceBootUs: turn.now.bootUs };
  put(waiting, idText(record.id), waits, bounds.WAITING_MAX);
  want(turn, lineage, [lineage]);
  return null;
}

/** Waiting messages whose author's key is known by now, a few a step. */
export function overdue(turn: Turn): readonly Uint8Array[] {
  return take(turn, () => true);
}

/** Messages whose author's key has come since, a few at a time: ticks release the rest. */
export function released(turn: Turn, lineage: Uint8Array): readonly Uint8Array[] {
  const of = idText(lineage);
  return take(turn, ({ needs }) => needs === of);
}

function take({ agent }: Turn, isWanted: (each: Waiting) => boolean): readonly Uint8Array[] {
  const { waiting, known } = agent.volatile;
  const ready: Uint8Array[] = [];
  for (const [id, each] of waiting) {
    if (ready.length >= bounds.RELEASED_PER_STEP) break;
    const lineage = fromHex(each.needs);
    if (lineage === null || !isWanted(each)) continue;
    const keys = known.keysOf(lineage);
    // A message of another key than the first waits for the rotation that names it, not for the inception alone.
    const last = keys.at(-1);
    if (last === undefined || idText(last.nextKeyHash) === each.signer) continue;
    waiting.delete(id);
    ready.push(each.bytes);
  }
  return ready;
}

const SECOND_US = 1_000_000;
const UNKNOWN_LANE = "unknown";

/**
 * One lane for each author whose key is known, a wide one for the other sides of leases and one apart for directives (PROTOCOL
 * §8: reserved), a narrow one for all others. What
 * was seen before has lanes of its own: anybody can say it again, and must not take the author's room for what is new.
 */
function withinLane(turn: Turn, { kind, header }: AnyRecord, seen: boolean): boolean {
  const { lineage } = header;
  const name = idText(lineage);
  const known = turn.agent.volatile.known.isKnown(lineage);
  const directive = known && kind === "preemption";
  const party = directive || (known && isLeaseParty(turn, lineage));
  const sort = directive ? "directives of" : "lease";
  const lane = laneOf(
    turn,
    `${seen ? "again " : ""}${party ? `${sort} ${name}` : known ? name : UNKNOWN_LANE}`,
  );
  if (turn.now.bootUs - lane.windowStartUs >= SECOND_US) {
    lane.windowStartUs = turn.now.bootUs;
    lane.messages = 0;
  }
  lane.messages += 1;
  if (party) return lane.messages <= bounds.LEASE_PARTY_MESSAGES_PER_SECOND;
  return lane.messages <= (known ? bounds.PEER_MESSAGES_PER_SECOND : bounds.UNKNOWN_MESSAGES_PER_SECOND);
}

function isLeaseParty({ agent }: Turn, lineage: Uint8Array): boolean {
  for (const lease of liveLeases(agent.durable)) {
    const peer = lease.role === "holder" ? lease.acceptance : lease.offer;
    if (!isOver(lease) && equalBytes(peer.header.lineage, lineage)) return true;
  }
  return false;
}

export function laneOf(turn: Turn, name: string): ReturnType<typeof newLane> {
  const { lanes } = turn.agent.volatile;
  const standing = lanes.get(name);
  if (standing !== undefined) return standing;
  const lane = newLane(turn.now.bootUs);
  put(lanes, name, lane, bounds.PEERS_MAX);
  return lane;
}

function newLane(bootUs: number): {
  windowStartUs: number;
  messages: number;
  rejections: number;
  rejectionWindowStartUs: number;
} {
  return { windowStartUs: bootUs, messages: 0, rejections: 0, rejectionWindowStartUs: bootUs };
}

function dropped(turn: Turn, code: string | undefined): null {
  count(turn, code ?? "malformed");
  return null;
}
