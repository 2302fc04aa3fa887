/** What must hold of two agents' logs and the world's transmit log, whatever was killed (PROTOCOL §2, §6); faults as text. */
import type { EmissionInterval } from "../../hardware/world/transmit-log.ts";
import { equalBytes, toHex } from "../../src/core/base/bytes.ts";
import type { AnyRecord, RecordOf } from "../../src/core/record/record.ts";
import { conflicts } from "../../src/core/settlement/book.ts";
import { isOver, type Lease } from "../../src/core/settlement/lease.ts";
import type { AgentLog } from "./agent-process-log.ts";

export type Logs = { readonly holder: AgentLog; readonly consumer: AgentLog };

/**
 * At no instant was the radio on unless both settlements were durable and a renewal that answers a request of that boot
 * was in hand: each emission's cause is followed from record to record, and its end held against what was granted.
 */
export function emissionFaults(logs: Logs, intervals: readonly EmissionInterval[]): readonly string[] {
  return intervals.flatMap((interval, i) =>
    causeFaults(logs, interval).map((fault) => `emission ${i} (${interval.endReason}): ${fault}`),
  );
}

function causeFaults({ holder, consumer }: Logs, interval: EmissionInterval): readonly string[] {
  const actuation = consumer.find(bytesOf(interval.cause));
  if (actuation?.kind !== "actuation") return ["its cause is no actuation of the consumer's log"];
  const { artifact, bootId } = actuation.body;
  const faults: string[] = [];
  const need = (holds: boolean, fault: string): void => {
    if (!holds) faults.push(fault);
  };
  need(toHex(artifact) === interval.lease, "the actuation is of another lease");
  need(interval.lowerHz === actuation.body.emission.lowerHz, "lower edge is not as intended");
  need(interval.upperHz === actuation.body.emission.upperHz, "upper edge is not as intended");

  const confirmed = settlementOf(consumer, artifact);
  const bound = settlementOf(holder, artifact);
  need(confirmed !== undefined && seqOf(confirmed) < seqOf(actuation), "the consumer had not settled");
  const renewal = holder.find(actuation.body.renewal);
  if (renewal?.kind !== "renewal") return [...faults, "the holder's log lacks the renewal"];
  need(bound !== undefined && seqOf(bound) < seqOf(renewal), "the holder had not settled");
  need(
    (consumer.storedUnder(renewal.id) ?? Number.POSITIVE_INFINITY) <= seqOf(actuation),
    "the consumer's log lacks the renewal",
  );
  need(
    confirmed !== undefined &&
      (holder.storedUnder(confirmed.id) ?? Number.POSITIVE_INFINITY) <= seqOf(renewal),
    "the holder's log lacks the countersignature",
  );
  const request = consumer.find(renewal.body.request);
  if (request?.kind !== "renewal-request") return [...faults, "the consumer's log lacks the request"];
  need(seqOf(request) < seqOf(actuation), "the request came after the actuation");
  need(equalBytes(request.body.nonce, renewal.body.nonce), "the renewal answers another nonce");
  need(equalBytes(request.body.bootId, bootId), "the request is of another boot");
  need(equalBytes(renewal.body.consumerBootId, bootId), "the renewal is for another boot");
  need(equalBytes(renewal.body.artifact, artifact), "the renewal is of another lease");
  need(interval.startBootUs > renewal.body.holderBootUs, "RF was on before the renewal was made");
  need(interval.startBootUs < actuation.body.deadlineBootUs, "RF came on after its deadline");
  const over = endsOf({ holder, consumer }, artifact);
  need(over.holderSeq > seqOf(renewal), "the renewal was made after the termination");
  need(over.consumerSeq > seqOf(actuation), "the actuation was made after the relinquishment");
  const { endBootUs } = interval;
  if (endBootUs === null) return [...faults, "RF is still on"];
  need(endBootUs <= grantedUntil({ holder, consumer }, artifact), "RF outlasted everything that was granted");
  need(endBootUs <= over.silentBootUs, "RF was on after the consumer had said that it was silent");
  return faults;
}

/** By the anchors of the requests that were answered, boot clock µs: this machine is both agents' host. */
function grantedUntil({ holder, consumer }: Logs, artifact: Uint8Array): number {
  const ends = holder.ownOf("renewal").flatMap((renewal) => {
    const request = consumer.find(renewal.body.request);
    if (!equalBytes(renewal.body.artifact, artifact) || request?.kind !== "renewal-request") return [];
    return [request.body.anchorBootUs + renewal.body.durationUs];
  });
  return Math.max(0, ...ends);
}

function endsOf(
  { holder, consumer }: Logs,
  artifact: Uint8Array,
): { readonly holderSeq: number; readonly consumerSeq: number; readonly silentBootUs: number } {
  const never = Number.POSITIVE_INFINITY;
  const termination = holder
    .ownOf("lease-termination")
    .find(({ body }) => equalBytes(body.artifact, artifact));
  const given = consumer.ownOf("relinquishment").find(({ body }) => equalBytes(body.artifact, artifact));
  return {
    holderSeq: termination === undefined ? never : seqOf(termination),
    consumerSeq: given === undefined ? never : seqOf(given),
    silentBootUs: given?.body.mutedBootUs ?? never,
  };
}

/** Both hold the same artifact, or both hold its termination. */
export function pairFaults({ holder, consumer }: Logs): readonly string[] {
  const faults: string[] = [];
  for (const [key, lease] of consumer.state.leases) {
    const theirs = holder.state.leases.get(key);
    if (theirs === undefined) faults.push(`${short(key)}: only the consumer holds it`);
    else if (!equalBytes(theirs.derived.bytes, lease.derived.bytes))
      faults.push(`${short(key)}: the artifacts differ`);
  }
  for (const [key, lease] of holder.state.leases) {
    const theirs = consumer.state.leases.get(key);
    if (theirs !== undefined && !isOver(theirs) && !isOver(lease)) continue;
    faults.push(...terminationFaults(consumer, key, lease));
  }
  return faults;
}

function terminationFaults(consumer: AgentLog, key: string, lease: Lease): readonly string[] {
  const { termination } = lease;
  if (termination === null) return [`${short(key)}: over or unconfirmed at the consumer, not terminated`];
  return consumer.storedUnder(termination.id) === undefined
    ? [`${short(key)}: the consumer lacks the termination (${termination.body.reason})`]
    : [];
}

/** Every record that a peer or the broker has seen of a lineage is in that lineage's log, under the same id. */
export function lostFaults({ holder, consumer }: Logs, heard: readonly AnyRecord[]): readonly string[] {
  const seen = [...holder.foreign, ...consumer.foreign].map(({ record }) => record).concat(heard);
  const faults = new Set<string>();
  for (const record of seen) {
    const author = [holder, consumer].find((log) => log.lineage === toHex(record.header.lineage));
    if (author !== undefined && author.find(record.id) === undefined)
      faults.add(`a ${record.kind} at seq ${record.header.seq} left its author, whose log lacks it`);
  }
  return [...faults];
}

/** The book, replayed up to each settlement: the block was free when it was allocated. */
export async function allocationFaults({ holder }: Logs): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const settlement of holder.ownOf("settlement")) {
    const lease = holder.state.leases.get(toHex(settlement.body.artifact));
    if (lease === undefined) continue;
    const state = await holder.stateBefore(seqOf(settlement));
    const { block, terms } = lease.derived.artifact;
    const now = {
      bootId: bootIdOf(holder),
      bootUs: Number.MAX_SAFE_INTEGER,
      earliestUs: settlement.header.time?.earliestUs ?? null,
    };
    for (const found of conflicts(block, terms, state.leases.values(), now))
      faults.push(`settlement at seq ${seqOf(settlement)}: ${found.code} to ${found.required["lease"]}`);
  }
  return faults;
}

/** Nobody reboots in these tests: any renewal names the boot. */
function bootIdOf(log: AgentLog): Uint8Array {
  return log.ownOf("renewal")[0]?.body.holderBootId ?? new Uint8Array(16);
}

function settlementOf(log: AgentLog, artifact: Uint8Array): RecordOf<"settlement"> | undefined {
  return log.ownOf("settlement").find(({ body }) => equalBytes(body.artifact, artifact));
}

function seqOf(record: AnyRecord): number {
  return record.header.seq;
}

function short(key: string): string {
  return key.slice(0, 8);
}

function bytesOf(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, "hex"));
}
