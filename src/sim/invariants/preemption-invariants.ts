/** Directives: silence at once, by the reach of a renewal without receipt, and for nobody who may not (PROTOCOL §7). */
import { hitsLease } from "../../core/agent/standing.ts";
import type { Agent } from "../../core/agent/turn.ts";
import { blockInsideScope } from "../../core/authority/scope.ts";
import { toHex } from "../../core/base/bytes.ts";
import type { RecordOf } from "../../core/record/record.ts";
import type { Block } from "../../core/record/spectrum-fields.ts";
import { WORLD_BEGAN_US } from "../host-clock.ts";
import { type Invariant, InvariantBroken, type Watched } from "./invariant.ts";

export function preemptionInvariants(watched: Watched): readonly Invariant[] {
  return [atOnce(watched), entitled(watched), withoutReceipt(watched), unrenewed(watched)];
}

/** There is no moment at which an agent holds a directive over what it has armed, and has not told its radio. */
function atOnce({ agentOf, running }: Watched): Invariant {
  function judge(host: string, agent: Agent | null): void {
    if (agent === null || agent.volatile.mutesUnderWay > 0) return;
    const { armed, directives } = agent.volatile;
    const lease = armed === null ? undefined : agent.durable.leases.get(toHex(armed.artifact));
    if (lease === undefined) return;
    for (const [id, standing] of directives) {
      if (!hitsLease(agent, standing, lease)) continue;
      const text = `${host} holds a directive over its block, and its radio was not told to be silent`;
      throw new InvariantBroken(once.name, text, [id, toHex(lease.derived.id)]);
    }
  }
  const once: Invariant = {
    name: "silent-at-once",
    appended: (host) => judge(host, agentOf(host)),
    published: (host) => judge(host, agentOf(host)),
    sweep() {
      for (const [host, agent] of running()) judge(host, agent);
    },
  };
  return once;
}

type Parties = {
  readonly consumer: string;
  readonly roots: readonly [holder: string, consumer: string];
  readonly block: Block;
};

/**
 * In scope, by somebody who may, and within its budget: nobody falls silent, and nobody records it, for another one; below
 * a root of others for what is let from that root's spectrum alone, where the own root recognises directives of it.
 */
function entitled({ ledger, register }: Watched): Invariant {
  const parties = new Map<string, Parties>();
  function settled({ body }: RecordOf<"settlement">): void {
    const pair = ledger.pairOf(body.acceptance);
    const holder = register.rootOf(ledger.offered(body.offer)?.link ?? "");
    const consumer = register.rootOf(pair?.credentials[0] ?? "");
    if (pair === null || holder === null || consumer === null) return;
    parties.set(toHex(body.artifact), {
      consumer: pair.consumer,
      roots: [holder, consumer],
      block: pair.block,
    });
  }

  function counts(host: string, { body }: RecordOf<"lease-state">): boolean {
    const root = register.rightfulRootOf(toHex(body.directive));
    const lease = parties.get(toHex(body.artifact));
    if (root === null || lease === undefined) return root !== null;
    const [seller, buyer] = lease.roots;
    const own = host === lease.consumer ? buyer : seller;
    if (root === own) return true;
    const recognised = register
      .recognitionsOf(root, own)
      .filter(
        ({ body: { verbs, scope } }) =>
          verbs.includes("preempt") && blockInsideScope(lease.block, scope).length === 0,
      );
    return root === seller && recognised.length > 0;
  }

  const rightful: Invariant = {
    name: "obeyed-only-where-entitled",
    appended(host, record) {
      if (record.kind === "settlement") settled(record);
      if (record.kind !== "lease-state" || counts(host, record)) return;
      const text = `${host} gave way to a directive that was not to be obeyed`;
      throw new InvariantBroken(rightful.name, text, [toHex(record.id), toHex(record.body.directive)]);
    },
  };
  return rightful;
}

/** From when its holder had recorded the directive, what was renewed before runs out, and the radio with it. */
function withoutReceipt({ ledger, policy, utcUs, isExempt }: Watched): Invariant {
  const dueUs = new Map<string, number>();
  const onAir = new Map<string, string>();
  function judge(emitter: string, artifact: string, nowUs: number): void {
    const overUs = nowUs - (dueUs.get(artifact) ?? Number.POSITIVE_INFINITY);
    if (overUs <= 0 || isExempt(emitter, "speed")) return;
    const text = `${emitter} was on ${overUs} us after the longest that a renewal reaches beyond a directive`;
    throw new InvariantBroken(silent.name, text, [artifact]);
  }
  const silent: Invariant = {
    name: "silent-without-receipt",
    appended(host, record) {
      if (record.kind !== "lease-state") return;
      const lease = ledger.leases.get(toHex(record.body.artifact));
      if (lease === undefined || lease.holder !== host) return;
      const terms = policy.leaseClasses.find(({ name }) => name === lease.leaseClass);
      if (terms !== undefined && !dueUs.has(lease.artifact))
        dueUs.set(lease.artifact, utcUs() + terms.reachUs + terms.muteLatencyMaxUs);
    },
    transmitted({ emitter, state, lease, trueUs }) {
      if (state === "on") {
        onAir.set(emitter, lease);
        dueUs.delete(lease);
        return;
      }
      const standing = onAir.get(emitter);
      onAir.delete(emitter);
      if (standing !== undefined) judge(emitter, standing, WORLD_BEGAN_US + trueUs);
    },
    sweep() {
      for (const [emitter, lease] of onAir) judge(emitter, lease, utcUs());
    },
  };
  return silent;
}

/** While a directive stands that a holder has recorded, it renews nothing of that lease. */
function unrenewed({ isExempt, utcUs }: Watched): Invariant {
  const until = new Map<string, number>();
  const key = (host: string, artifact: Uint8Array): string => `${host} ${toHex(artifact)}`;
  function keep(host: string, { body }: RecordOf<"lease-state">): void {
    const untilUs = body.untilUs ?? Number.POSITIVE_INFINITY;
    until.set(key(host, body.artifact), Math.max(untilUs, until.get(key(host, body.artifact)) ?? 0));
  }
  const kept: Invariant = {
    name: "unrenewed-while-preempted",
    appended(host, record) {
      if (record.kind === "lease-state") keep(host, record);
      if (record.kind !== "renewal" || isExempt(host, "time") || isExempt(host, "speed")) return;
      const untilUs = until.get(key(host, record.body.artifact)) ?? 0;
      // Of a false clock nothing is asked here; a true one may be early by what it says that it may be.
      if ((record.header.time?.earliestUs ?? utcUs()) >= untilUs) return;
      throw new InvariantBroken(kept.name, `${host} renewed what a directive had silenced`, [
        toHex(record.id),
      ]);
    },
  };
  return kept;
}
