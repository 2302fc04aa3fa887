/** A record is durable: only now it goes out, or switches anything (PROTOCOL §2 Order). */
import { equalBytes, toHex } from "../base/bytes.ts";
import type { AnyRecord, RecordOf } from "../record/record.ts";
import { isOver } from "../settlement/lease.ts";
import { emit, lookUp, ownLineage } from "./agent.ts";
import { asksForOthers, tellAdmissions } from "./corroborating.ts";
import { giveNotice } from "./overseeing.ts";
import { endQuarantine } from "./quarantine.ts";
import { armAfterAppend } from "./renewing.ts";
import { sendNow } from "./resend.ts";
import { tellSession } from "./session.ts";
import { tellDirectives } from "./standing.ts";
import { leaseById } from "./state.ts";
import type { Turn } from "./turn.ts";

export function afterAppend(turn: Turn, record: AnyRecord): void {
  const { agent } = turn;
  switch (record.kind) {
    case "offer": {
      const { eligibilityClass } = record.body.eligibility;
      emit(turn, { kind: "publish", route: { to: "class", eligibilityClass, kind: "offer" }, record });
      return;
    }
    case "withdrawal": {
      const offer = agent.durable.offers.get(toHex(record.body.offer));
      const eligibilityClass = offer?.record.body.eligibility.eligibilityClass;
      if (eligibilityClass === undefined) return;
      emit(turn, { kind: "publish", route: { to: "class", eligibilityClass, kind: "withdrawal" }, record });
      return;
    }
    case "actuation":
      armAfterAppend(turn, record);
      return;
    case "checkpoint":
      if (record.body.tpmCounter !== null) emit(turn, { kind: "count" });
      return;
    case "quarantine-end":
      endQuarantine(turn);
      return;
    case "session-key":
      tellSession(turn, record);
      return;
    default:
      sendToPeer(turn, record);
  }
}

/** What the other side of a pair waits for. */
function sendToPeer(turn: Turn, record: AnyRecord): void {
  const { durable } = turn.agent;
  switch (record.kind) {
    case "acceptance": {
      const holder = durable.acceptances.get(toHex(record.id))?.offer.header.lineage;
      if (holder === undefined) return;
      tellAdmissions(turn, holder);
      sendNow(turn, record, holder);
      return;
    }
    // Its peer shows it to others, where a policy asks what third parties saw.
    case "admission": {
      const law = record.header.policy === null ? undefined : lookUp(turn.agent, record.header.policy);
      if (law?.kind === "policy" && asksForOthers(law.body)) sendNow(turn, record, record.body.peer);
      return;
    }
    case "rejection":
      if (!equalBytes(record.body.peer, ownLineage(turn.agent))) sendNow(turn, record, record.body.peer);
      return;
    case "lease-state": {
      const lease = leaseById(durable, record.body.artifact);
      if (lease === undefined) return;
      const { lineage } = (lease.role === "holder" ? lease.acceptance : lease.offer).header;
      tellDirectives(turn, lease, lineage);
      sendNow(turn, record, lineage);
      return;
    }
    case "settlement":
    case "renewal-request":
    case "renewal":
    case "lease-termination":
    case "relinquishment": {
      const lease = leaseById(durable, record.body.artifact);
      if (lease === undefined || (record.kind === "renewal" && isEnding(turn, record))) return;
      const peer = lease.role === "holder" ? lease.acceptance : lease.offer;
      if (record.kind === "settlement") giveNotice(turn, lease);
      sendNow(turn, record, peer.header.lineage);
      return;
    }
    default:
      return;
  }
}

/** Its lease's end is in the queue already: what nobody may use any more is not sent. */
function isEnding({ agent }: Turn, { body }: RecordOf<"renewal">): boolean {
  const planned = leaseById(agent.provisional, body.artifact);
  return planned !== undefined && isOver(planned);
}
