/** What makes two states of a host the same: everything that its next steps can depend on, as a text. */

import type { Agent } from "../../core/agent/turn.ts";
import type { Beyond, PendingMap, Volatile } from "../../core/agent/volatile.ts";
import { idText } from "../../core/base/bytes.ts";
import type { AnyRecord } from "../../core/record/record.ts";
import type { HostState, Job } from "./world.ts";

/** A short name for an id, the same for the same id in one exploration. */
export type NameId = (id: string) => string;

export function hostKey(host: HostState, name: NameId): string {
  const { agent, log, boot, onAir, jobs, ticked, mark, heard, isAway } = host;
  const parts = [
    log?.key ?? 0,
    `${boot.number}@${boot.bootedUs}`,
    onAir === null ? "" : `${name(idText(onAir.actuation))} ${onAir.deadlineBootUs}`,
    jobs.map((job) => jobKey(job, name)).join(" "),
    ticked ? "t" : "",
    mark === null ? "" : `${mark.seq} ${mark.reason}`,
    agent === null
      ? isAway
        ? "away"
        : "down"
      : `${unstored(agent, heard).map(name).join(" ")}|${agentKey(agent, name)}`,
  ];
  return parts.join("|");
}

/** What its log holds is in its caches anyway. */
function unstored({ durable }: Agent, heard: readonly string[]): readonly string[] {
  return heard.filter((id) => !durable.stored.has(id));
}

function jobKey(job: Job, name: NameId): string {
  if (job.kind === "refold") return `refold ${job.reason}`;
  const { report } = job;
  if (report.kind === "muted") return `muted ${report.mutedBootUs} ${report.latencyUs} ${report.reason}`;
  return `${report.kind} ${name(idText(report.actuation))} ${report.bootUs}`;
}

/**
 * Durable state and documents follow from the log, the provisional state from both and the queue. What was sent when is
 * forgotten at each tick, which alone reads it; what was given is asked for only where a log lacks its end.
 */
function agentKey({ queue, durable, volatile }: Agent, name: NameId): string {
  const drafts = queue.map(({ draft }) => [draft.record, ...draft.foreign].map(({ id }) => name(idText(id))));
  return [
    drafts.map((each) => each.join("<")).join(" "),
    durable.nextSeq,
    `${volatile.time?.anchorBootUs} ${volatile.place?.anchorBootUs}`,
    ids(volatile.waiting, name),
    volatile.quarantine === null ? "" : ids(volatile.given, name),
    pendingKey(volatile.pendingAcceptances, name),
    pendingKey(volatile.pendingSettlements, name),
    pendingKey(volatile.pendingOffers, name),
    [...volatile.countersigned].map(([id, each]) => `${name(id)} ${each.heardBootUs}`).join(),
    [...volatile.unstoredRenewals].map(([id, each]) => recordKey(id, each, name)).join(),
    [...volatile.otherBootRenewals].map(([id, each]) => recordKey(id, each, name)).join(),
    [...volatile.unstoredTerminations].map(([id, each]) => recordKey(id, each, name)).join(),
    [...volatile.leaving].map(([id, reason]) => `${name(id)} ${reason}`).join(),
    runKey(volatile, name),
  ].join(";");
}

/** What this run of the process knows of itself and its radio. */
function runKey(volatile: Volatile, name: NameId): string {
  const { armed, ordered, quarantine } = volatile;
  return [
    volatile.startedBootUs,
    volatile.startedSeq,
    armed === null ? "" : `${name(idText(armed.actuation))} ${armed.deadlineBootUs} ${armed.verified}`,
    armed?.orderedBootUs ?? "",
    ordered === null ? "" : name(idText(ordered)),
    volatile.mutesUnderWay,
    volatile.mutedBootUs,
    quarantine === null ? "" : `${quarantine.sinceBootUs} ${quarantine.reason}`,
    quarantine?.witness == null ? "" : name(idText(quarantine.witness.id)),
    quarantine?.beyond == null ? "" : beyondKey(quarantine.beyond, name),
  ].join(",");
}

function beyondKey({ id, records, restoring, askedBootUs, asked }: Beyond, name: NameId): string {
  return `${name(idText(id))} ${ids(records, name)} ${restoring} ${askedBootUs} ${asked}`;
}

function ids(map: ReadonlyMap<string, unknown>, name: NameId): string {
  return [...map.keys()].map(name).sort().join(" ");
}

function pendingKey(map: PendingMap<AnyRecord>, name: NameId): string {
  return [...map].map(([id, each]) => `${name(id)} ${each.sinceBootUs} ${each.lookAgainBootUs}`).join();
}

function recordKey(id: string, record: AnyRecord, name: NameId): string {
  return `${name(id)} ${name(idText(record.id))}`;
}
