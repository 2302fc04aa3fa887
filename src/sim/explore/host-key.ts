/** What makes two states of a host the same: everything that its next steps can depend on, as a text. */

import type { Agent } from "../../core/agent/turn.ts";
import type { Beyond, PendingMap } from "../../core/agent/volatile.ts";
import { idText } from "../../core/base/bytes.ts";
import type { AnyRecord } from "../../core/record/record.ts";
import type { HostDraft, Job, Log } from "./world.ts";

/** A short name for an id, the same for the same id in one exploration. */
export type NameId = (id: string) => string;

export type Wording = {
  readonly name: NameId;
  readonly nameLog: (log: Log | null) => string | number;
  /** Nothing is left out because no later step could tell. */
  readonly isWhole: boolean;
  /** A log may lack its end, so that its host asks the others for what they heard. */
  readonly asks: boolean;
};

export function hostKey(host: HostDraft, wording: Wording): string {
  const { agent, log, boot, onAir, jobs, ticked, mark, isAway } = host;
  const { name } = wording;
  const parts = [
    host.atUs,
    wording.nameLog(log),
    `${boot.number}@${boot.bootedUs}`,
    onAir === null ? "" : `${name(idText(onAir.actuation))} ${onAir.deadlineBootUs}`,
    jobs
      .filter((job) => wording.isWhole || isAwaited(job, host))
      .map((job) => jobKey(job, name))
      .join(" "),
    ticked ? "t" : "",
    mark === null ? "" : `${mark.seq} ${mark.reason}`,
    agent === null
      ? isAway
        ? "away"
        : "down"
      : `${heardKey(agent, host.heard, wording)}|${agentKey(agent, wording)}`,
  ];
  return parts.join("|");
}

/** What its log holds is in its caches anyway. */
function heardKey(
  { durable, volatile }: Agent,
  heard: readonly string[],
  { name, isWhole, asks }: Wording,
): string {
  const unstored = heard.filter((id) => !durable.stored.has(id));
  if (isWhole || asks) return unstored.map(name).join(" ");
  // Whose log lacks nothing asks nobody, and nobody asks it: of its caches only settlements are ever looked for again.
  const settlements = [...volatile.known.ofKind("settlement")].map(({ id }) => idText(id));
  return unstored
    .filter((id) => settlements.includes(id))
    .map(name)
    .join(" ");
}

/** Who has no radio never leaves a lease and never emits: its agent asks nothing of a radio's report. */
export function isAwaited(job: Job, { agent }: Pick<HostDraft, "agent">): boolean {
  return job.kind === "refold" || agent?.config.radio !== null;
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
function agentKey(agent: Agent, wording: Wording): string {
  const { queue, durable, volatile } = agent;
  const { name } = wording;
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
    runKey(agent, wording),
  ].join(";");
}

/** What this run of the process knows of itself and its radio. */
function runKey(agent: Agent, { name, isWhole }: Wording): string {
  const { volatile } = agent;
  const { armed, ordered, quarantine } = volatile;
  return [
    ...(isWhole ? [volatile.startedBootUs, volatile.startedSeq] : startKey(agent)),
    armed === null ? "" : `${name(idText(armed.actuation))} ${armed.deadlineBootUs} ${armed.verified}`,
    armed?.orderedBootUs ?? "",
    ordered === null ? "" : name(idText(ordered)),
    // Silence is asked about for one's own leases only, and who has no radio consumes none.
    ...(isWhole || agent.config.radio !== null ? [volatile.mutesUnderWay, volatile.mutedBootUs] : []),
    quarantine === null ? "" : `${quarantine.sinceBootUs} ${quarantine.reason}`,
    quarantine?.witness == null ? "" : name(idText(quarantine.witness.id)),
    quarantine?.beyond == null ? "" : beyondKey(quarantine.beyond, name),
  ].join(",");
}

/**
 * When the run began is asked for where no fix was admitted since, and its first position only to tell whether an
 * actuation without an end was an earlier run's.
 */
function startKey({ volatile, durable, provisional }: Agent): readonly (string | number)[] {
  const { startedBootUs, startedSeq, time } = volatile;
  const hasFix = time !== null && time.anchorBootUs >= startedBootUs;
  const leases = [...durable.leases.values(), ...provisional.leases.values()];
  const earlier = leases.map(({ actuation }) =>
    actuation !== null && actuation.header.seq < startedSeq ? "e" : "",
  );
  return [hasFix ? "" : startedBootUs, earlier.join(".")];
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
