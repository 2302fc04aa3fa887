/** The demo's story: one holder, three radios, one exclusive block, told in the order in which it happens. */
import type { Bench } from "../compose/bench.ts";
import { square } from "../compose/bench-credentials.ts";
import type { OfferCommand } from "../core/agent/input.ts";
import { equalBytes, toHex } from "../core/base/bytes.ts";
import type { Rejection } from "../core/base/rejection.ts";
import type { RecordOf } from "../core/record/record.ts";
import { type Actor, nextRecord, pause, until, untilAccepted } from "./demo-actor.ts";
import { type Cast, type CastPlaces, startAll, type Tell } from "./demo-cast.ts";
import { band, comparison, dbm, duration, ID_DIGITS, metres } from "./quantities.ts";

export type StorySettlement = {
  readonly artifactId: string;
  readonly holder: string;
  readonly consumer: string;
  readonly lowerHz: number;
  readonly upperHz: number;
  readonly elapsedMs: number;
};

export type StoryRefusal = Pick<Rejection, "code" | "measured" | "required">;

export type Story = {
  readonly settlements: readonly StorySettlement[];
  readonly refusals: readonly StoryRefusal[];
  readonly emissionsOutsideLease: number;
};

export type StoryParts = {
  readonly bench: Bench;
  readonly schema: Uint8Array;
  readonly pack: (record: RecordOf<"offer">) => Uint8Array;
  /** Places in mm from the bench's centre, from the seed. */
  readonly places: CastPlaces;
  readonly tell: Tell;
};

const LEASE_CLASS = "bench-demo";

export async function tellStory(parts: StoryParts): Promise<Story> {
  const { bench, tell } = parts;
  const cast = await startAll(parts);
  const { holder, alpha, bravo, charlie } = cast;
  try {
    const offer = await offerBlock(parts, holder);
    await heard([alpha, charlie], offer);
    bravo.agent.composed.running.input({ kind: "document", bytes: parts.pack(offer) });

    const far = await refusedAs(charlie, offer, "outside-spatial-window", tell);
    const stranger = await refusedAs(bravo, offer, "not-eligible", tell);
    const settled = await settle(holder, alpha, offer, tell);
    charlie.agent.move(parts.places.later.northMm, parts.places.later.eastMm);
    await nearer(charlie, parts);
    const taken = await refusedAs(charlie, offer, "already-allocated", tell);
    await renewed(alpha, tell);
    await runOut(bench, cast, tell);
    return {
      settlements: [settled],
      refusals: [far, stranger, taken],
      emissionsOutsideLease: emissionsOutsideLease(bench, alpha),
    };
  } finally {
    await Promise.allSettled([holder, alpha, bravo, charlie].map(({ agent }) => agent.stop()));
  }
}

async function offerBlock({ schema, tell, bench }: StoryParts, holder: Actor): Promise<RecordOf<"offer">> {
  const { running } = holder.agent.composed;
  const command: OfferCommand = {
    schema,
    resource: "bench-433",
    block: {
      ...bench.box,
      lowerHz: 433_500_000,
      upperHz: 433_600_000,
      area: square(bench.centre, 400_000),
      fromUs: running.now().wallUs - 2_000_000,
      untilUs: running.now().wallUs + 600_000_000,
      exclusive: true,
    },
    price: { form: "fixed", microUnits: 12_500_000n, currency: "EUR" },
    eligibility: { level: "user", verb: "acquire", eligibilityClass: "bench" },
    rules: ["content-match", "handshake", "derivation"],
    leaseClass: LEASE_CLASS,
    validUs: 60_000_000,
  };
  const answer = await untilAccepted(() => running.command({ verb: "offer", offer: command }));
  const offer = await nextRecord(holder, "offer", ({ id }) => equalBytes(id, answer));
  const { block, price } = offer.body;
  tell(
    "offer",
    `holder offers ${band(block.lowerHz, block.upperHz)} for ${duration(block.untilUs - block.fromUs)}, exclusive, at ${(Number(price.value?.microUnits ?? 0n) / 1e6).toFixed(2)} ${price.value?.currency ?? ""}: offer ${short(offer.id)}`,
  );
  return offer;
}

async function heard(actors: readonly Actor[], offer: RecordOf<"offer">): Promise<void> {
  for (const { agent } of actors) {
    await until(
      `${agent.name} hears the offer`,
      () => agent.composed.running.agent.volatile.known.get(offer.id) !== undefined,
    );
  }
}

/** The actor accepts in spite of its own check, so that the holder's refusal is seen. */
async function refusedAs(
  actor: Actor,
  offer: RecordOf<"offer">,
  code: string,
  tell: Tell,
): Promise<StoryRefusal> {
  const { running } = actor.agent.composed;
  const accept = { offer: offer.id, block: null, insist: true };
  const id = await untilAccepted(() => running.command({ verb: "accept", accept }));
  const refusal = await nextRecord(
    actor,
    "rejection",
    ({ body }) => body.subject !== null && equalBytes(body.subject, id),
  );
  const finding = refusal.body.findings.find((each) => each.code === code) ?? refusal.body.findings[0];
  if (finding === undefined) throw new Error("a rejection holds at least one finding");
  const { measured, required } = finding;
  tell("refused", `${actor.agent.name}: ${finding.code}; ${comparison(measured, required)}`);
  return { code: finding.code, measured, required };
}

async function settle(
  holder: Actor,
  actor: Actor,
  offer: RecordOf<"offer">,
  tell: Tell,
): Promise<StorySettlement> {
  const begun = performance.now();
  const accept = { offer: offer.id, block: null, insist: false };
  await untilAccepted(() => actor.agent.composed.running.command({ verb: "accept", accept }));
  const settlement = await nextRecord(actor, "settlement", ({ body }) => equalBytes(body.offer, offer.id));
  const elapsedMs = performance.now() - begun;
  const artifactId = toHex(settlement.body.artifact);
  const lease = actor.agent.composed.running.agent.durable.leases.get(artifactId);
  if (lease === undefined) throw new Error("a settled pair is a lease");
  const { artifact } = lease.derived;
  const { distanceMm, skewUs } = artifact.descriptor.proximity;
  const windows = artifact.checks.filter(({ field }) => field === "pair.distance" || field === "pair.skew");
  const required = windows.map((each) => Object.values(each.required)[0]);
  tell(
    "settled",
    `${actor.agent.name} and holder derived one artifact ${short(settlement.body.artifact)} in ${duration(Math.round(elapsedMs * 1000))}: antennas at most ${metres(distanceMm)} apart (allowed ${metres(Number(required[0]))}), clocks at most ${duration(skewUs)} (allowed ${duration(Number(required[1]))})`,
  );
  const on = await nextRecord(actor, "actuation-outcome", ({ body }) => body.result === "on");
  const { emission } = on.body;
  tell(
    "RF on",
    `${actor.agent.name} transmits in ${band(emission?.lowerHz ?? 0, emission?.upperHz ?? 0)} at ${dbm(emission?.eirpCentiDbm ?? 0)} EIRP, now that both settlements and a renewal are on disk`,
  );
  return {
    artifactId,
    holder: toHex(holder.agent.identity.lineage),
    consumer: toHex(actor.agent.identity.lineage),
    lowerHz: artifact.block.lowerHz,
    upperHz: artifact.block.upperHz,
    elapsedMs: Math.round(elapsedMs * 10) / 10,
  };
}

/** The receiver has moved; its next fixes say so. */
async function nearer({ agent }: Actor, { places }: StoryParts): Promise<void> {
  const { running } = agent.composed;
  const before = running.agent.volatile.place?.latE7 ?? 0;
  await until(
    `${agent.name} arrives`,
    () => Math.abs((running.agent.volatile.place?.latE7 ?? 0) - before) > 100 || places.later.northMm === 0,
  );
  await pause(250);
}

async function renewed(actor: Actor, tell: Tell): Promise<void> {
  const count = (): number =>
    actor.records.all.filter(
      ({ kind, body }) => kind === "renewal-request" && "lastRenewal" in body && body.lastRenewal !== null,
    ).length;
  await until("two renewals", () => count() >= 2);
  tell(
    "renewed",
    `${actor.agent.name} asked for ${count() + 1} renewals and got them; each extends its guard's deadline`,
  );
}

/** The holder falls silent: no renewal comes, and the radio is muted by its guard at the deadline it was given. */
async function runOut(bench: Bench, { holder, alpha }: Cast, tell: Tell): Promise<void> {
  const { running } = alpha.agent.composed;
  await holder.agent.stop();
  tell("silence", "holder's host is gone: nobody renews any more");
  const isOff = (): boolean => bench.transmissions().intervals.every(({ endBootUs }) => endBootUs !== null);
  const deadlines: number[] = [];
  await until("RF off", () => {
    const standing = running.agent.volatile.armed?.deadlineBootUs;
    if (standing !== undefined) deadlines.push(standing);
    return isOff();
  });
  const last = bench.transmissions().intervals.at(-1);
  const lateUs = (last?.endBootUs ?? 0) - Math.max(...deadlines);
  const muteLatencyUs = alpha.agent.composed.radio?.capabilities.muteLatencyUs ?? 0;
  tell(
    "RF off",
    `${alpha.agent.name} is silent ${duration(Math.round(lateUs))} after its guard's deadline (allowed ${duration(muteLatencyUs)}: the deadline lies that much before the transmit expiry); muted by: ${last?.endReason ?? "?"}`,
  );
  await nextRecord(alpha, "actuation-outcome", ({ body }) => body.result === "muted");
}

/** Emissions of the world's own log that no actuation of a settled lease covers, deadline and mute latency included. */
function emissionsOutsideLease(bench: Bench, { agent }: Actor): number {
  const { durable } = agent.composed.running.agent;
  const muteLatencyUs = agent.composed.radio?.capabilities.muteLatencyUs ?? 0;
  return bench.transmissions().intervals.filter((interval) => {
    const lease = durable.leases.get(interval.lease);
    const actuation = lease?.actuation ?? null;
    if (lease === undefined || actuation === null || toHex(actuation.id) !== interval.cause) return true;
    const { block } = lease.derived.artifact;
    const inside = interval.lowerHz >= block.lowerHz && interval.upperHz <= block.upperHz;
    const request = lease.lastRequest?.body.anchorBootUs ?? 0;
    const endUs = interval.endBootUs ?? Number.POSITIVE_INFINITY;
    return !inside || endUs > request + lease.derived.artifact.terms.reachUs + muteLatencyUs;
  }).length;
}

function short(id: Uint8Array): string {
  return toHex(id).slice(0, ID_DIGITS);
}
