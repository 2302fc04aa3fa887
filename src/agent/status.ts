/** What `status` shows of a running agent: plain JSON values, read from its state at this instant. */
import { awaitsAcknowledgement } from "../core/agent/overseen.ts";
import { ownPlace, ownTime } from "../core/agent/own-evidence.ts";
import { toHex } from "../core/base/bytes.ts";
import { type Lease, phaseOf } from "../core/settlement/lease.ts";
import type { RunningAgent } from "./agent-loop.ts";

export function statusOf({ agent, health, refusals, now }: RunningAgent): Readonly<Record<string, unknown>> {
  const turn = { agent, now: now(), effects: [] };
  const { durable, volatile } = agent;
  const reasons = health.reasons();
  return {
    schema: "spectrum-agent.status/1",
    ready: Object.keys(reasons).length === 0,
    notReady: reasons,
    lineage: durable.key === null ? null : toHex(durable.key.lineage),
    keyId: toHex(agent.keyId),
    records: durable.nextSeq,
    head: toHex(durable.head),
    queued: agent.queue.length,
    credentials: agent.config.credentials.map(toHex),
    policy: toHex(agent.config.policy),
    time: ownTime(turn),
    place: ownPlace(turn),
    quarantine: volatile.quarantine?.reason ?? null,
    radio:
      volatile.armed === null
        ? { on: false }
        : {
            on: volatile.armed.verified,
            lease: toHex(volatile.armed.artifact),
            deadlineBootUs: volatile.armed.deadlineBootUs,
          },
    offers: [...durable.offers.values()].map(({ record, withdrawn }) => ({
      id: toHex(record.id),
      resource: record.body.resource,
      withdrawn,
      endUs: record.body.endUs,
    })),
    leases: [...durable.leases.values()].map(leaseRow),
    refused: refusals.byCode(),
    dropped: Object.fromEntries(volatile.counters),
  };
}

function leaseRow(lease: Lease): Readonly<Record<string, unknown>> {
  const { block, terms } = lease.derived.artifact;
  return {
    artifact: toHex(lease.derived.id),
    role: lease.role,
    phase: phaseOf(lease),
    awaits: lease.role === "consumer" && awaitsAcknowledgement(lease) ? "acknowledgement" : null,
    holder: toHex(lease.derived.artifact.holder),
    consumer: toHex(lease.derived.artifact.consumer),
    lowerHz: block.lowerHz,
    upperHz: block.upperHz,
    fromUs: block.fromUs,
    untilUs: block.untilUs,
    leaseClass: terms.leaseClass,
    transmitExpiryUs: lease.lastRenewal?.body.transmitExpiryUs ?? null,
    termination: lease.termination?.body.reason ?? null,
    relinquishment: lease.relinquishment?.body.reason ?? null,
  };
}
