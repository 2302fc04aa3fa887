/** Sentences that safety rests on, each taken away, with the scope in which its lack has to show. */
import type { Scope } from "../../../src/sim/explore/scope.ts";
import type { Change } from "./changed-copy.ts";
import { givingUp, lapsing, reletting, restored } from "./scopes.ts";

export type Planted = {
  /** The sentence that is missing. */
  readonly lacks: string;
  readonly changes: readonly Change[];
  readonly scope: Partial<Scope>;
  /** The invariant that has to find it. */
  readonly foundBy: string;
};

const HOLDER = "src/core/agent/holder.ts";
const HOLDER_LEASE = "src/core/agent/holder-lease.ts";
const RENEWING = "src/core/agent/renewing.ts";

export const planted: readonly Planted[] = [
  {
    lacks: "append before publish",
    changes: [
      {
        file: HOLDER,
        from: '  enqueue(turn, "settlement", body, {',
        to: '  const early = enqueue(turn, "settlement", body, {',
      },
      {
        file: HOLDER,
        from: "    policy,\n  });\n  suspendExhausted",
        to: `    policy,
  });
  const route = { to: "agent", lineage: acceptance.header.lineage } as const;
  if (early !== null) emit(turn, { kind: "publish", route, record: early as never });
  suspendExhausted`,
      },
    ],
    scope: { adverse: 0 },
    foundBy: "held-only-where-sold",
  },
  {
    lacks: "renewal only after the countersign",
    changes: [
      {
        file: HOLDER_LEASE,
        from: "if (countersignature === null || time === null) return;",
        to: "if (time === null) return;",
      },
      {
        file: HOLDER_LEASE,
        from: "foreign: [...grant.used, countersignature, request]",
        to: "foreign: [...grant.used, ...(countersignature === null ? [] : [countersignature]), request]",
      },
    ],
    scope: { adverse: 1 },
    foundBy: "rf-only-inside-a-lease",
  },
  {
    lacks: "arm only on a renewal of this boot",
    changes: [
      { file: RENEWING, from: "if (isOfOtherBoot(agent, renewal)) {", to: "if (isOver(planned)) {" },
      {
        file: RENEWING,
        from: "  const request = planned.lastRequest;\n",
        to: "  const request = lease.lastRequest;\n",
      },
      {
        file: RENEWING,
        from: "!answers(renewal, request) || !equalBytes(request.body.bootId, agent.config.bootId))",
        to: "!answers(renewal, request))",
      },
    ],
    scope: { adverse: 1, adverseKinds: ["reboot"] },
    foundBy: "rf-only-inside-a-lease",
  },
  {
    lacks: "wait out every renewal signed",
    changes: [
      {
        file: "src/core/settlement/renewal-bounds.ts",
        from: "  if (bounds === null) return {",
        to: "  if (bounds !== null) return bounds;\n  if (bounds === null) return {",
      },
    ],
    scope: { ...lapsing, adverse: 0 },
    foundBy: "block-let-once",
  },
  {
    lacks: "a termination frees nothing by itself",
    changes: [
      {
        file: "src/core/settlement/book.ts",
        from: "  if (lease.termination === null) return false;\n",
        to: "  if (lease.termination !== null) return true;\n",
      },
    ],
    scope: { ...reletting, adverse: 0 },
    foundBy: "block-let-once",
  },
  {
    lacks: "queued records are applied before arming",
    changes: [
      {
        file: RENEWING,
        from: "  const lease = leaseById(agent.provisional, artifact);\n  if (lease === undefined || isOver(lease) || agent",
        to: "  const lease = leaseById(agent.durable, artifact);\n  if (lease === undefined || isOver(lease) || agent",
      },
    ],
    scope: { ...givingUp, adverse: 0 },
    foundBy: "rf-only-inside-a-lease",
  },
  {
    lacks: "quarantine starts anew (its time goes on from the boot)",
    changes: [
      {
        file: "src/core/agent/quarantine.ts",
        from: "quarantine = { sinceBootUs: now.bootUs, reason",
        to: "quarantine = { sinceBootUs: 0 * now.bootUs, reason",
      },
    ],
    scope: { ...restored, adverse: 0 },
    foundBy: "block-let-once",
  },
  {
    lacks: "quarantine starts anew (a start takes no notice of its mark)",
    changes: [
      {
        file: "src/core/agent/step.ts",
        from: "  if (input.quarantine !== null) beginShown(turn, input.quarantine);\n",
        to: "",
      },
    ],
    scope: { ...restored, adverse: 0 },
    foundBy: "block-let-once",
  },
];
