/** Mistakes in settling, renewing and ending a lease, written from the protocol and the agent alone. */
import type { PlantedBug } from "./planted-bug.ts";

export const settlingBugs: readonly PlantedBug[] = [
  {
    name: "expired-credential-accepted",
    by: ["no-over-grant"],
    promise: "§3: every link holds over the whole interval of evaluation",
    file: "src/core/authority/chain.ts",
    find: "const passed = fromUs <= interval.earliestUs && interval.latestUs < untilUs;",
    replace: "const passed = fromUs <= interval.earliestUs;",
  },
  {
    name: "book-reads-durable",
    by: ["block-let-once"],
    promise: "§2 Order: decisions see every queued record applied, so two acceptances never get one block",
    file: "src/core/agent/holder.ts",
    find: "liveLeases(agent.provisional), clock)",
    replace: "liveLeases(agent.durable), clock)",
  },
  {
    name: "guard-band-below-only",
    by: ["block-let-once"],
    promise: "§6 Gates: the book keeps blocks apart, with the schema's guard band on both sides",
    file: "src/core/commodity/block.ts",
    find: "if (a.lowerHz >= b.upperHz + guardHz || b.lowerHz >= a.upperHz + guardHz) return false;",
    replace: "if (a.lowerHz >= b.upperHz + guardHz || b.lowerHz >= a.upperHz) return false;",
  },
  {
    name: "nonce-forgotten-at-restart",
    by: ["one-renewal-a-request"],
    unfound: "a holder seldom restarts between two copies of one request: not within six seeds",
    promise: "§6 Renewals are asked for: one nonce is answered with one renewal, and that one is sent again",
    file: "src/core/agent/holder-lease.ts",
    find: `  if (lease.lastRequest !== null && equalBytes(lease.lastRequest.body.nonce, request.body.nonce)) {
    sendRenewalAgain(turn, lease);
    return;
  }
  // Answered long ago, and late or said again: an author's records are in order, and one nonce has one renewal.
  if (lease.lastRequest !== null && !isAfter(request, lease.lastRequest)) return;`,
    replace: `  const answeredSeq = lease.lastRenewal?.header.seq ?? -1;
  const answered = answeredSeq >= agent.volatile.startedSeq ? lease.lastRequest : null;
  if (answered !== null && equalBytes(answered.body.nonce, request.body.nonce)) {
    sendRenewalAgain(turn, lease);
    return;
  }
  if (answered !== null && !isAfter(request, answered)) return;`,
  },
  {
    name: "armed-before-append",
    by: ["rf-only-inside-a-lease"],
    promise: "§2 Order: switching on waits until its record is durable",
    file: "src/core/agent/renewing.ts",
    find: `  enqueue(
    turn,
    "actuation",
    {
      artifact: lease.derived.id,
      renewal: renewal.id,
      emission: emissionOf(turn, lease),
      bootId: agent.config.bootId,
      deadlineBootUs,
    },
    { foreign: [...otherBootRenewal(turn, lease), renewal], urgent: true },
  );`,
    replace: `  const made = enqueue(
    turn,
    "actuation",
    {
      artifact: lease.derived.id,
      renewal: renewal.id,
      emission: emissionOf(turn, lease),
      bootId: agent.config.bootId,
      deadlineBootUs,
    },
    { foreign: [...otherBootRenewal(turn, lease), renewal], urgent: true },
  );
  if (made !== null) armAfterAppend(turn, made);`,
  },
  {
    name: "renewal-without-countersignature",
    by: ["renewed-only-where-held"],
    promise: "§6: no RF unless both settlements are durable; the holder renews only what was countersigned",
    file: "src/core/agent/holder-lease.ts",
    find: "const countersignature = lease.consumerSettlement ?? agent.volatile.countersigned.get(key)?.record ?? null;",
    replace:
      "const countersignature = lease.consumerSettlement ?? agent.volatile.countersigned.get(key)?.record ?? lease.holderSettlement;",
  },
  {
    name: "other-boot-renewal-armed",
    by: ["armed-by-this-boot"],
    unfound:
      "covered: the fix that gives a new boot its time asks for a renewal at once, so an older request is not the last one any more",
    promise: "§6 Renewals are asked for: one that answers another boot's request is never armed",
    file: "src/core/agent/renewing.ts",
    find: `  if (isOfOtherBoot(agent, renewal)) {
    keepOtherBoot(turn, planned, renewal);
    return;
  }
  const request = planned.lastRequest;
  if (request === null || !answers(renewal, request) || !equalBytes(request.body.bootId, agent.config.bootId))
    return;`,
    replace: `  const request = planned.lastRequest;
  if (request === null || !answers(renewal, request)) return;`,
  },
  {
    name: "termination-frees-at-once",
    by: ["block-let-once", "logs-verify"],
    promise: "§3 Revocation, §6: a termination stops the renewing, it does not free the block",
    file: "src/core/settlement/book.ts",
    find: `  if (lease.termination === null) return false;
  return renewalsRunOut(lease, now);`,
    replace: "  return lease.termination !== null;",
  },
  {
    name: "relinquished-before-muted",
    by: ["silent-when-given-up"],
    promise: "§6: a relinquishment is appended only after the guard reports muted",
    file: "src/core/agent/silencing.ts",
    find: `  volatile.leaving.set(key, reason);
  emit(turn, { kind: "mute", reason });`,
    replace: `  volatile.leaving.set(key, reason);
  emit(turn, { kind: "mute", reason });
  relinquishLeft(turn, turn.now.bootUs);`,
  },
  {
    name: "snapshot-age-not-capping",
    by: ["no-over-grant"],
    promise:
      "§3 Revocation: transmit expiry is within each snapshot's issue time + the age that is tolerated",
    file: "src/core/authority/snapshots.ts",
    find: `    if (ageMaxUs === 0) continue;
    const snapshot = latestSnapshot(snapshots, link.header.lineage);
    expiryUs = Math.min(expiryUs, snapshot === null ? 0 : snapshot.body.issuedUs + ageMaxUs);`,
    replace: "",
  },
  {
    name: "withdrawn-offer-settled",
    by: ["let-only-while-offered"],
    promise: "§6: acceptances after a withdrawal's position are refused",
    file: "src/core/agent/holder.ts",
    find: `  if (offer.withdrawn) found.push(rejection("withdrawn", "acceptance.offer", {}, { offer: "not withdrawn" }));\n`,
    replace: "",
  },
  {
    name: "settled-acceptance-forgotten",
    by: ["settled-or-refused", "one-artifact-a-pair", "log-folds-to-the-state"],
    promise: "§6: never two artifacts for one offer and acceptance, after a restart neither",
    file: "src/core/agent/apply.ts",
    find: "  state.leaseOfAcceptance.set(idText(acceptance.id), key);",
    replace: "  if (context.derived !== undefined) state.leaseOfAcceptance.set(idText(acceptance.id), key);",
  },
  {
    name: "place-not-watched",
    by: ["on-air-inside-the-area"],
    promise: "§6 Invariant of emission: place inside the block's area while RF is on",
    file: "src/core/agent/renewing.ts",
    find: "return isAssured(turn, lease) && placeInsideArea(place, block.area).passed;",
    replace: "return isAssured(turn, lease);",
  },
  {
    name: "three-in-four-never-buy-again",
    by: ["honest-pairs-settle"],
    calm: true,
    promise: "§6: when faults stop, honest eligible pairs settle, and not some of them only",
    file: "src/core/agent/accepting.ts",
    find: `  const radio = agent.config.radio;
  if (radio === null) return no(`,
    replace: `  const radio = agent.config.radio;
  const worn = turn.now.bootUs > 90_000_000 && (ownLineage(agent)[0] ?? 0) >= 64;
  if (radio === null || worn) return no(`,
  },
  {
    name: "quarantined-never-buys-again",
    by: ["honest-pairs-settle"],
    calm: true,
    promise: "§2 Quarantine: it ends, and then its host trades as before",
    file: "src/core/agent/accepting.ts",
    find: `  const radio = agent.config.radio;
  if (radio === null) return no(`,
    replace: `  const radio = agent.config.radio;
  if (radio === null || agent.provisional.quarantineEndSeq >= 0) return no(`,
  },
];
