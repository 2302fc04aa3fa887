/** One host's log read anew and worked out from nothing: what its agent and the checkers keep up to date must say the same. */
import { toHex } from "../core/base/bytes.ts";
import type { AnyRecord } from "../core/record/record.ts";
import type { Chronicle } from "./chronicle.ts";
import type { Host } from "./host.ts";
import { InvariantBroken } from "./invariants/invariant.ts";
import type { Ledger } from "./ledger.ts";
import type { LogReader, ReadLog } from "./read-logs.ts";
import { dumpState, sameState } from "./state-dump.ts";

export type LogRecheckParts = {
  readonly ledger: Ledger;
  readonly chronicle: Chronicle;
  readonly reader: LogReader;
};

/** What was read; null for a host that does not run, or is reading its log anew. Throws InvariantBroken. */
export async function recheckLog(host: Host, parts: LogRecheckParts): Promise<ReadLog | null> {
  const { ids } = parts.chronicle.chainOf(host.spec.name);
  if (ids.length < (host.agent()?.durable.nextSeq ?? 0)) return null;
  const log = await parts.reader.read(host);
  if (log === null) return null;
  const { durable } = log.agent;
  if (!sameState(durable, log.state)) {
    const text = firstDifference(host, dumpState(durable), dumpState(log.state));
    throw new InvariantBroken("log-folds-to-the-state", text);
  }
  for (const { record, isOwn } of log.fresh) if (isOwn) checkRecord(host, record, parts);
  return log;
}

function firstDifference({ spec }: Host, now: string, then: string): string {
  const [a, b] = [now.split("\n"), then.split("\n")];
  const at = a.findIndex((line, i) => line !== b[i]);
  return `${spec.name} has ${a[at]?.trim() ?? "less"}; its log folds to ${b[at]?.trim() ?? "less"}`;
}

function checkRecord({ spec }: Host, record: AnyRecord, { ledger, chronicle }: LogRecheckParts): void {
  const { name } = spec;
  const { seq } = record.header;
  const id = toHex(record.id);
  const isKnown = chronicle.chainOf(name).ids[seq] === id && isInLedger(name, record, ledger);
  if (isKnown) return;
  const text = `${name}'s ${record.kind} at ${seq} is in its log, and the checkers know of something else`;
  throw new InvariantBroken("checkers-know-the-logs", text, [id]);
}

function isInLedger(host: string, record: AnyRecord, ledger: Ledger): boolean {
  if (!("artifact" in record.body)) return true;
  const lease = ledger.leases.get(toHex(record.body.artifact));
  const { seq } = record.header;
  switch (record.kind) {
    case "settlement":
      if (lease?.consumer === host) return lease.held && lease.consumerSeq === seq;
      return lease?.holder === host && lease.holderSeq === seq;
    case "renewal":
      return lease?.renewals.has(toHex(record.id)) === true;
    case "lease-termination":
      return lease?.terminated === true;
    case "relinquishment":
      return lease?.relinquished === true;
    default:
      return true;
  }
}
