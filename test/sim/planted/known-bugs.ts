/** Mistakes written in knowledge of what the simulation checks: each aims at a check that the others may pass by. */
import type { PlantedBug } from "./planted-bug.ts";

export const knownBugs: readonly PlantedBug[] = [
  {
    name: "guard-ignores-its-deadline",
    by: ["silent-by-transmit-expiry"],
    unfound:
      "the guard then wakes for the passed deadline again and again at one instant, and no checker sees that time stands still",
    promise: "§6 The guard: it mutes on the deadline of the last arm or extension",
    file: "hardware/radio/guard/guard.ts",
    find: `  if (nowBootUs >= standing.deadlineBootUs) beginMute(step, "deadline");
  else if (limits.lookUs`,
    replace: "  if (limits.lookUs",
  },
  {
    name: "quarantine-without-clock-bounds",
    by: ["quarantine-in-full"],
    calm: true,
    promise: "§2 Quarantine: the longest reach, plus the clock bounds",
    file: "src/core/agent/quarantine.ts",
    find: "return Math.max(reachUs, policy.confirmByMaxUs) + 2 * policy.clockBoundUs;",
    replace: "return Math.max(reachUs, policy.confirmByMaxUs);",
  },
  {
    name: "renewed-after-the-end",
    by: ["renewed-only-before-the-end"],
    promise: "§6: no renewal is signed after a termination or a relinquishment is durable",
    file: "src/core/agent/holder-lease.ts",
    find: `  if (isOver(lease)) {
    answerTerminated(turn, lease);
    return;
  }
  if (lease.lastRequest !== null`,
    replace: "  if (lease.lastRequest !== null",
  },
  {
    name: "emission-over-the-edge",
    by: ["rf-only-inside-a-lease"],
    promise: "§6 Invariant of emission: occupied bandwidth inside the block",
    file: "src/core/agent/renewing.ts",
    find: "return { lowerHz, upperHz, eirpCentiDbm: Math.min(...caps, ...own), dutyCycles };",
    replace: "return { lowerHz, upperHz: upperHz + 1, eirpCentiDbm: Math.min(...caps, ...own), dutyCycles };",
  },
  {
    name: "settlement-without-inceptions",
    by: ["logs-verify"],
    calm: true,
    promise: "§2 Order: what an own record names is stored with it, so that a copy of the log verifies alone",
    file: "src/core/agent/agent.ts",
    find: "[...signers, ...records].map(",
    replace: "[...signers.slice(signers.length), ...records].map(",
  },
  {
    name: "checkpoint-counts-itself",
    by: ["logs-verify"],
    calm: true,
    promise: "§2: a checkpoint at seq n covers leaves 0…n−1",
    file: "src/core/agent/tick.ts",
    find: `enqueue(turn, "checkpoint", { size: state.nextSeq, root, tpmCounter });`,
    replace: `enqueue(turn, "checkpoint", { size: state.nextSeq + 1, root, tpmCounter });`,
  },
  {
    name: "ended-lease-leaves-the-book",
    by: ["block-let-once"],
    promise: "§6: until both bounds have passed the block stays occupied, terminated or not",
    file: "src/core/settlement/lease.ts",
    find: `return relinquishment !== null || (role === "holder" && bounds === null);`,
    replace: `return relinquishment !== null || role === "holder";`,
  },
  {
    name: "provisional-outlives-the-queue",
    by: ["log-follows", "log-folds-to-the-state"],
    promise: "§2 Order: queue and provisional state are lost together, never apart",
    file: "src/core/agent/agent.ts",
    find: `  agent.queue.length = 0;
  agent.provisional = cloneState(agent.durable);`,
    replace: "  agent.queue.length = 0;",
  },
  {
    name: "resent-from-the-queue",
    by: ["published-only-durable"],
    promise: "§2 Order: only what is appended and flushed is handed to the outbox",
    file: "src/core/agent/resend.ts",
    find: `  const { durable } = turn.agent;
  for (const pending`,
    replace: `  const { provisional: durable } = turn.agent;
  for (const pending`,
  },
  {
    name: "dead-acceptance-confirmed",
    by: ["logs-verify"],
    unfound: "nothing in a world is later than 20 s, and an acceptance lives for 30 s",
    promise: "§6: an acceptance is dead at the consumer once its earliest edge has passed confirmBy",
    file: "src/core/agent/consumer.ts",
    find: "return time !== null && time.earliestUs > record.body.confirmByUs;",
    replace: "return time === null && record.body.confirmByUs === 0;",
  },
  {
    name: "replaced-records-stay-in-the-index",
    by: ["bounds-hold"],
    promise: "STYLE 14: every cache has a bound; of a lease's renewals and requests the last ones are held",
    file: "src/core/agent/state.ts",
    find: "    if (gone !== null) state.leaseOfRecord.delete(idText(gone.id));\n",
    replace: "",
  },
  {
    name: "batch-not-waited-for",
    by: ["nothing-acknowledged-is-lost", "published-only-durable", "log-follows"],
    promise: "§2: a flush that failed is no flush; what waited behind it is not acknowledged",
    file: "src/adapters/store/group-commit.ts",
    find: "settle([...group, ...queue.splice(0)], (one) => one.reject(error));",
    replace: "settle([...group, ...queue.splice(0)], (one) => one.resolve());",
  },
  {
    name: "renewal-by-anybody",
    by: ["rf-only-inside-a-lease", "silent-by-transmit-expiry", "log-folds-to-the-state"],
    promise: "§6: only the lease's own holder renews it",
    file: "src/core/agent/renewing.ts",
    find: "if (!equalBytes(lease.offer.header.lineage, renewal.header.lineage) || isOver(planned)) return;",
    replace: "if (isOver(planned)) return;",
  },
  {
    name: "given-up-by-anybody",
    by: ["block-let-once"],
    promise: "§6: only the lease's own consumer relinquishes it",
    file: "src/core/agent/holder-lease.ts",
    find: "return equalBytes(lease.acceptance.header.lineage, record.header.lineage);",
    replace:
      'return record.kind === "relinquishment" || equalBytes(lease.acceptance.header.lineage, record.header.lineage);',
  },
  {
    name: "countersignature-of-another-context",
    by: ["renewed-only-where-held"],
    promise:
      "§6: the countersignature says what the holder's settlement says; the artifact's id alone is anybody's",
    file: "src/core/agent/holder-lease.ts",
    find: "  if (!saysTheSame(settlement, lease.holderSettlement)) return;\n",
    replace: "",
  },
  {
    name: "artifact-not-compared",
    by: ["held-only-where-sold", "no-agent-throws"],
    promise: "§6: both sides derive the artifact: the same bytes or nothing",
    file: "src/core/agent/consumer.ts",
    find: "if (!equalBytes(evaluation.derived.id, settlement.body.artifact)) {",
    replace: "if (evaluation.derived.id.length !== settlement.body.artifact.length) {",
  },
  {
    name: "emission-before-the-grant",
    by: ["rf-only-inside-a-lease"],
    promise: "§6 Invariant of emission: the grant has begun by the earliest edge of the own time",
    file: "src/core/agent/renewing.ts",
    find: "if (time.earliestUs < block.fromUs || time.latestUs >= block.untilUs) return false;",
    replace: "if (time.latestUs >= block.untilUs) return false;",
  },
  {
    name: "audit-without-expiry",
    by: ["collusion-shows"],
    promise: "§9: an auditor sees a renewal that reaches beyond the grant or a link",
    file: "src/core/audit/renewals.ts",
    find: "if (expiryUs > expiryUsMax) {",
    replace: "if (expiryUs > expiryUsMax + 86_400_000_000) {",
  },
  {
    name: "audit-without-settlement-times",
    by: ["collusion-shows"],
    promise: "§9: an auditor sees a settlement whose context lies in another time than its signature",
    file: "src/core/audit/settlements.ts",
    find: "if (overlaps && signedUs <= confirmByUs) return [];",
    replace: "if (signedUs <= confirmByUs) return [];",
  },
];
