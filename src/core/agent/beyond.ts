/** A record of ours beyond this log's end was shown: the missing tail is fetched from peers (PROTOCOL §2 Quarantine). */
import { equalBytes, fromHex, idText, toHex } from "../base/bytes.ts";
import type { AnyRecord } from "../record/record.ts";
import { limits } from "../wire/limits.ts";
import { count, emit } from "./agent.ts";
import { bounds } from "./bounds.ts";
import { beginQuarantine, quarantineAnew } from "./quarantine.ts";
import { restoration } from "./restoration.ts";
import type { Agent, Turn } from "./turn.ts";
import type { Beyond } from "./volatile.ts";
import { want } from "./want.ts";

/** Signed by our key and not in our log: to go on would fork. Nothing is signed until the log has reached it. */
export function showOwn(turn: Turn, record: AnyRecord): void {
  const { agent } = turn;
  const standing = agent.volatile.quarantine?.beyond ?? null;
  const { seq } = record.header;
  if (standing === null) aimAt(turn, { id: record.id, seq });
  else if (isFarther(agent, standing, seq)) aimAt(turn, { id: record.id, seq }, standing);
  const beyond = agent.volatile.quarantine?.beyond ?? null;
  if (beyond === null) return;
  if (beyond.records.size >= bounds.RESTORED_RECORDS_MAX) {
    count(turn, "restore-full");
    return;
  }
  beyond.records.set(idText(record.id), record);
  goOn(turn, beyond);
}

/** A start into the quarantine that a mark names; one that waited for records waits for them again. */
export function beginShown(turn: Turn, reason: string): void {
  const shown = shownIn(reason);
  if (shown === null) beginQuarantine(turn, reason);
  else {
    aimAt(turn, shown);
    checkBeyond(turn);
  }
}

/** The log was folded anew: with the shown record in it, the quarantine goes on in full from the new head. */
export function checkBeyond(turn: Turn): void {
  const { agent } = turn;
  const beyond = agent.volatile.quarantine?.beyond ?? null;
  if (beyond === null) return;
  beyond.restoring = false;
  if (agent.durable.ownIds.has(idText(beyond.id))) {
    quarantineAnew(
      turn,
      `the records up to seq ${beyond.seq} were missing and were fetched from peers`,
      null,
    );
    return;
  }
  goOn(turn, beyond);
}

export function tickBeyond(turn: Turn): void {
  const beyond = turn.agent.volatile.quarantine?.beyond ?? null;
  if (beyond === null || turn.now.bootUs - beyond.askedBootUs < bounds.RESTORE_ASK_AGAIN_US) return;
  // Who was asked before had its time: the next peers in turn.
  beyond.asked += bounds.RESTORE_PEERS_PER_ROUND;
  goOn(turn, beyond);
}

/** What is queued stands on the same positions as what was shown: none of it is signed any more. */
function aimAt(turn: Turn, shown: Pick<Beyond, "id" | "seq">, before?: Beyond): void {
  const { agent, now } = turn;
  const fresh = { records: new Map(), restoring: false, askedBootUs: now.bootUs, asked: 0 };
  const reason = reasonOf(shown);
  quarantineAnew(turn, reason, { ...(before ?? fresh), ...shown });
  if (before === undefined && agent.queue.length > 0) emit(turn, { kind: "drop-queue", reason });
}

const BEYOND = /^beyond this log: record ([0-9a-f]{64}) of ours at seq (\d{1,15}) was shown$/;

/** The mark keeps these words: the next start reads from them what it has to wait for. */
function reasonOf({ id, seq }: Pick<Beyond, "id" | "seq">): string {
  return `beyond this log: record ${toHex(id)} of ours at seq ${seq} was shown`;
}

function shownIn(reason: string): Pick<Beyond, "id" | "seq"> | null {
  const [, hex = "", seq = ""] = BEYOND.exec(reason) ?? [];
  const id = fromHex(hex);
  return id === null || id.length === 0 ? null : { id, seq: Number(seq) };
}

/** Asks for what is missing next, or, with all at hand, has it stored. Once forked, only an authority's recovery helps. */
function goOn(turn: Turn, beyond: Beyond): void {
  const { agent } = turn;
  // Until the log is folded anew, its end is not known for sure.
  if (beyond.restoring || agent.queue.length > 0) return;
  const tail = tailTo(agent, beyond);
  if (tail.kind === "forked") return;
  if (tail.kind === "gap") {
    ask(turn, beyond, [tail.id]);
    return;
  }
  const found = restoration(agent, tail.records);
  if (found.kind === "lacking") ask(turn, beyond, found.ids.slice(0, limits.WANT_IDS_MAX));
  if (found.kind !== "whole") return;
  beyond.restoring = true;
  emit(turn, { kind: "restore", entries: found.entries });
}

type Tail =
  | { readonly kind: "whole"; readonly records: readonly AnyRecord[] }
  | { readonly kind: "gap"; readonly id: Uint8Array }
  /** It does not chain on from the log's head, or is longer than is fetched. */
  | { readonly kind: "forked" };

/** From the shown record back to the log's head, by the previous-links. */
function tailTo({ durable }: Agent, { id: shown, records }: Beyond): Tail {
  const tail: AnyRecord[] = [];
  let id = shown;
  while (!equalBytes(id, durable.head)) {
    const record = records.get(idText(id));
    if (tail.length >= bounds.RESTORED_RECORDS_MAX) return { kind: "forked" };
    if (record === undefined) return { kind: "gap", id };
    const { epoch, seq, previous } = record.header;
    const after = tail.at(-1);
    const isInOrder = after === undefined || after.header.seq === seq + 1;
    if (epoch !== durable.epoch || seq < durable.nextSeq || !isInOrder) return { kind: "forked" };
    tail.push(record);
    id = previous;
  }
  return { kind: "whole", records: tail.reverse() };
}

/** Further on than what is waited for, or a fork of what the log holds; after a fork nothing else is waited for. */
function isFarther(agent: Agent, standing: Beyond, seq: number): boolean {
  const isFork = seq < agent.durable.nextSeq;
  return (isFork || seq > standing.seq) && tailTo(agent, standing).kind !== "forked";
}

/** A few peers at a time, parties of ours first: nobody else holds what went to them alone. */
function ask(turn: Turn, beyond: Beyond, ids: readonly Uint8Array[]): void {
  beyond.askedBootUs = turn.now.bootUs;
  const peers = peersOf(turn.agent);
  const round = Math.min(bounds.RESTORE_PEERS_PER_ROUND, peers.length);
  for (let i = 0; i < round && ids.length > 0; i++) {
    const peer = peers[(beyond.asked + i) % peers.length];
    if (peer !== undefined) want(turn, peer, ids);
  }
}

function peersOf({ durable, volatile }: Agent): readonly Uint8Array[] {
  const parties = [...durable.leases.values()].map(({ role, acceptance, offer }) =>
    role === "holder" ? acceptance : offer,
  );
  const holders = [...durable.acceptances.values()].map(({ offer }) => offer);
  const authors = [...parties, ...holders].map(({ header }) => header.lineage);
  const peers = new Map([...authors, ...volatile.known.lineages()].map((each) => [idText(each), each]));
  if (durable.key !== null) peers.delete(idText(durable.key.lineage));
  return [...peers.values()];
}
