/** The demo's story: one holder, three radios, one exclusive block, told in the order in which it happens. */
import type { Bench, BenchAgent, BenchAgentOptions } from "../compose-bench.ts";
import { square } from "../compose-bench.ts";
import type { Note } from "../core/agent/effect.ts";
import type { CommandAnswer, OfferCommand } from "../core/agent/input.ts";
import { equalBytes, toHex } from "../core/base/bytes.ts";
import type { Rejection } from "../core/base/rejection.ts";
import type { RecordOf } from "../core/record/record.ts";
import { hertz, metres, milliseconds } from "./quantities.ts";

export type Tell = (title: string, text: string) => void;

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
  readonly places: {
    readonly alpha: Place;
    readonly bravo: Place;
    readonly charlie: Place;
    readonly later: Place;
  };
  readonly tell: Tell;
};

export type Place = { readonly northMm: number; readonly eastMm: number };

const STEP_MS_MAX = 15_000;
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

/** An agent on stage, with the records that it has made durable so far. */
type Actor = { readonly agent: BenchAgent; readonly records: RecordList };
type RecordList = { readonly all: NoteRecord[]; wake: () => void };
type NoteRecord = Extract<Note, { readonly what: "record" }>["record"];
type Cast = { readonly holder: Actor; readonly alpha: Actor; readonly bravo: Actor; readonly charlie: Actor };

async function startAll({ bench, places, tell }: StoryParts): Promise<Cast> {
  const { box } = bench;
  const user = { level: "user", scope: [box], exclusive: false };
  const acquire = { ...user, verbs: ["acquire"] as const };
  const roles: readonly Omit<BenchAgentOptions, "onNote" | "offers">[] = [
    {
      name: "holder",
      owner: "Harbour Spectrum",
      northMm: 0,
      eastMm: 0,
      radio: false,
      credential: {
        ...user,
        level: "licensee",
        verbs: ["allocate"],
        eligibilityClasses: [],
        exclusive: true,
      },
    },
    {
      name: "alpha",
      owner: "Alpha Outside Broadcast",
      ...places.alpha,
      radio: true,
      credential: { ...acquire, eligibilityClasses: ["bench"] },
    },
    {
      name: "bravo",
      owner: "Bravo Visitors",
      ...places.bravo,
      radio: true,
      credential: { ...acquire, eligibilityClasses: ["visitor"] },
    },
    {
      name: "charlie",
      owner: "Charlie Crew",
      ...places.charlie,
      radio: true,
      credential: { ...acquire, eligibilityClasses: ["bench"] },
    },
  ];
  const enrolled = [];
  for (const role of roles) {
    const records: RecordList = { all: [], wake: () => {} };
    const onNote = (note: Note): void => {
      if (note.what !== "record") return;
      records.all.push(note.record);
      records.wake();
    };
    enrolled.push({ records, entry: await bench.enrolAgent({ ...role, offers: [], onNote }) });
    tell(
      "credential",
      `${role.name} (${role.owner}) may ${role.credential.verbs.join(", ")} ${classesOf(role.credential.eligibilityClasses)}in ${hertz(box.lowerHz)} to ${hertz(box.upperHz)}`,
    );
  }
  const actors = await Promise.all(
    enrolled.map(async ({ records, entry }) => ({ records, agent: await entry.start() })),
  );
  const [holder, alpha, bravo, charlie] = actors as [Actor, Actor, Actor, Actor];
  await Promise.all(actors.map((actor) => nextRecord(actor, "attestation", () => true)));
  return { holder, alpha, bravo, charlie };
}

function classesOf(classes: readonly string[]): string {
  return classes.length === 0 ? "" : `as ${classes.join(", ")} `;
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
    `holder offers ${hertz(block.lowerHz)} to ${hertz(block.upperHz)}, exclusive, for ${Number(price.value?.microUnits ?? 0n) / 1e6} ${price.value?.currency ?? ""}: ${short(offer.id)}`,
  );
  return offer;
}

/** Commands are refused until time, place and attestation stand: asked again, within the step's bound. */
async function untilAccepted(ask: () => Promise<CommandAnswer>): Promise<Uint8Array> {
  const deadline = performance.now() + STEP_MS_MAX;
  for (;;) {
    const answer = await ask();
    if (answer.ok) return answer.record;
    const codes = answer.rejections.map(({ code }) => code).join(", ");
    if (performance.now() > deadline) throw new Error(`the command was refused: ${codes}`);
    await pause(50);
  }
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
  tell(
    "refused",
    `${actor.agent.name}: ${finding.code}; measured ${words(measured)}; required ${words(required)}`,
  );
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
    `${actor.agent.name} and holder derived one artifact ${artifactId.slice(0, 16)} in ${milliseconds(elapsedMs * 1000)}: at most ${metres(distanceMm)} apart (required ${metres(Number(required[0]))}), skew at most ${milliseconds(skewUs)} (required ${milliseconds(Number(required[1]))})`,
  );
  const on = await nextRecord(actor, "actuation-outcome", ({ body }) => body.result === "on");
  const { emission } = on.body;
  tell(
    "RF on",
    `${actor.agent.name} transmits in ${hertz(emission?.lowerHz ?? 0)} to ${hertz(emission?.upperHz ?? 0)}, after both settlements and a renewal were durable`,
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
    `${alpha.agent.name} is silent ${milliseconds(lateUs)} after its guard's deadline (bound ${milliseconds(muteLatencyUs)}), which lies that bound before the transmit expiry; reason: ${last?.endReason ?? "?"}`,
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

async function nextRecord<K extends NoteRecord["kind"]>(
  actor: Actor,
  kind: K,
  fits: (record: RecordOf<K>) => boolean,
): Promise<RecordOf<K>> {
  let found: RecordOf<K> | undefined;
  await until(`${actor.agent.name} records ${kind}`, () => {
    found = actor.records.all.find((each) => each.kind === kind && fits(each as RecordOf<K>)) as
      | RecordOf<K>
      | undefined;
    return found !== undefined;
  });
  return found as RecordOf<K>;
}

async function until(what: string, done: () => boolean): Promise<void> {
  const deadline = performance.now() + STEP_MS_MAX;
  while (!done()) {
    if (performance.now() > deadline) throw new Error(`within ${STEP_MS_MAX} ms it did not happen: ${what}`);
    await pause(10);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

function words(measure: Rejection["measured"]): string {
  return Object.entries(measure)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(", ");
}

function short(id: Uint8Array): string {
  return toHex(id).slice(0, 16);
}
