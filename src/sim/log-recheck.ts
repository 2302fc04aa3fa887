/** One host's log read anew and worked out from nothing: what its agent and the checkers keep up to date must say the same. */
import { fold } from "../agent/fold.ts";
import { toHex } from "../core/base/bytes.ts";
import type { Primitives } from "../core/base/primitives.ts";
import type { AnyRecord } from "../core/record/record.ts";
import { recordOfBytes } from "../core/record/record-of-bytes.ts";
import { PortError } from "../ports/port-error.ts";
import type { Frame } from "../ports/store.ts";
import type { Chronicle } from "./chronicle.ts";
import type { Host } from "./host.ts";
import { InvariantBroken } from "./invariants/invariant.ts";
import type { Ledger } from "./ledger.ts";
import { dumpState, sameState } from "./state-dump.ts";

export type LogRecheckParts = {
  readonly ledger: Ledger;
  readonly chronicle: Chronicle;
  readonly primitives: Primitives;
};

/** Throws InvariantBroken; a host that does not run, or is reading its log anew, is left for the next time. */
export async function recheckLog(host: Host, parts: LogRecheckParts): Promise<void> {
  const [agent, frames] = [host.agent(), host.frames()];
  const { ids } = parts.chronicle.chainOf(host.spec.name);
  if (agent === null || frames === null || ids.length < agent.durable.nextSeq) return;
  const { durable, config } = agent;
  const own: AnyRecord[] = [];
  const upTo = firstOwn(frames, durable.nextSeq, own, parts.primitives);
  const folded = await fold(upTo, parts.primitives, config.clockDriftPpm).catch(unlessPortError);
  if (folded === null) return;
  if (!sameState(durable, folded.state)) {
    const text = firstDifference(host, dumpState(durable), dumpState(folded.state));
    throw new InvariantBroken("log-folds-to-the-state", text);
  }
  for (const [seq, record] of own.entries()) checkRecord(host, seq, record, parts);
}

function unlessPortError(error: unknown): null {
  if (error instanceof PortError) return null;
  throw error;
}

/** The entries that the agent knows to be durable; `own` gets their own records. */
async function* firstOwn(
  frames: AsyncIterable<Frame>,
  count: number,
  own: AnyRecord[],
  primitives: Primitives,
): AsyncGenerator<Frame> {
  for await (const frame of frames) {
    if (own.length >= count) return;
    if (frame.kind === "own") {
      const record = recordOfBytes(frame.bytes, primitives);
      if (record.ok) own.push(record.value);
    }
    yield frame;
  }
}

function firstDifference({ spec }: Host, now: string, then: string): string {
  const [a, b] = [now.split("\n"), then.split("\n")];
  const at = a.findIndex((line, i) => line !== b[i]);
  return `${spec.name} has ${a[at]?.trim() ?? "less"}; its log folds to ${b[at]?.trim() ?? "less"}`;
}

function checkRecord(
  host: Host,
  seq: number,
  record: AnyRecord,
  { ledger, chronicle }: LogRecheckParts,
): void {
  const { name } = host.spec;
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
