/** All dishonest peers of one world: a holder and a consumer with credentials of its authority, and a stranger without. */
import { assert } from "../../core/base/assert.ts";
import { equalBytes } from "../../core/base/bytes.ts";
import { RULES_VERSION } from "../../core/pairing/rules-versions.ts";
import type { Offer } from "../../core/record/kinds/offer.ts";
import type { AnyRecord } from "../../core/record/record.ts";
import { clear } from "../../core/record/sealed.ts";
import type { Block } from "../../core/record/spectrum-fields.ts";
import { agentTopic, classTopic } from "../../core/wire/topic.ts";
import type { Chance } from "../chance.ts";
import type { Collusion } from "../collusion.ts";
import type { SimWorld } from "../drivers.ts";
import type { FaultCounts } from "../fault-counts.ts";
import type { Host } from "../host.ts";
import { WORLD_BEGAN_US } from "../host-clock.ts";
import { issue, WORLD_CLASS, WORLD_LEASE_CLASS, type WorldAuthority } from "../market.ts";
import type { Register } from "../register.ts";
import type { Timeline } from "../timeline.ts";
import { type Colluders, colluders } from "./colluders.ts";
import { newPen, type Pen } from "./pen.ts";
import type { Rogue } from "./rogue.ts";
import { rogueConsumer } from "./rogue-consumer.ts";
import { rogueHolder } from "./rogue-holder.ts";
import { stranger } from "./stranger.ts";

export type Underworld = {
  readonly collusion: Collusion;
  /** One of them does something. */
  act(): void;
  heard(topic: string, bytes: Uint8Array): void;
};

export type UnderworldParts = {
  readonly hosts: readonly Host[];
  readonly world: SimWorld;
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly counts: FaultCounts;
  readonly authority: WorldAuthority;
  readonly register: Register;
  /** A block of the holder's own, that no honest holder lets. */
  readonly sliceHz: number;
  readonly wrote: (name: string, record: AnyRecord) => void;
  /** Written for nobody honest to rely on. */
  readonly forged: (name: string, record: AnyRecord) => void;
};

const ROGUE_HOLDER = "rogue-holder";
const ROGUE_CONSUMER = "rogue-consumer";

const COLLUDING_HOLDER = "colluding-holder";
const COLLUDING_CONSUMER = "colluding-consumer";

const BLOCK_HZ = 100_000;
/** Within the slice of the dishonest: above what the other one sells. */
const COLLUDERS_ABOVE_HZ = 200_000;
const LASTS_US = 20_000_000;
const VALID_US = 8_000_000;

export async function openUnderworld(parts: UnderworldParts): Promise<Underworld> {
  const { chance, authority, world } = parts;
  const { author } = authority;
  const broadcast = (record: AnyRecord): void => {
    const [corner] = world.square(1);
    const [cell] = world.cellsAround(corner?.latE7 ?? 0, corner?.lonE7 ?? 0);
    assert(cell !== undefined, "every place has a cell");
    const topic = classTopic(cell, WORLD_CLASS, "offer", record.header.lineage);
    world.broker.retain(topic, world.pack(record.envelope));
  };
  const holder = rogueHolder({
    ...(await licensed(parts, ROGUE_HOLDER, "holder")),
    offer: (excess) => offerOf(parts, excess === "band" ? authority.box.upperHz : parts.sliceHz, excess),
    root: author.inception.header.lineage,
    forged: (record) => parts.forged(ROGUE_HOLDER, record),
    broadcast,
  });
  const consumer = rogueConsumer({
    ...(await licensed(parts, ROGUE_CONSUMER, "consumer")),
    isVictims: ({ header }) => parts.hosts.some((host) => equalBytes(host.lineage(), header.lineage)),
  });
  const nobody = stranger({
    ...parts,
    chance: chance.fork("stranger"),
    sybil: (name) => penOf(parts, name, () => null),
  });
  const pair = await openColluders(parts);
  const all: readonly [Pick<Rogue, "act" | "heard">, ...Pick<Rogue, "act" | "heard">[]] = [
    holder,
    consumer,
    nobody,
    pair,
  ];
  return {
    collusion: pair.collusion,
    act: () => chance.pick(all).act(),
    heard(topic, bytes) {
      for (const each of all) each.heard(topic, bytes);
    },
  };
}

/** Their credentials let them their own slice alone. */
async function openColluders(parts: UnderworldParts): Promise<Colluders> {
  const { authority, chance, forged, hosts } = parts;
  const lowerHz = parts.sliceHz + COLLUDERS_ABOVE_HZ;
  const box = { ...authority.box, lowerHz, upperHz: lowerHz + BLOCK_HZ };
  const within = { ...parts, authority: { ...authority, box }, wrote: forged };
  const [holder, consumer] = [
    await licensed(within, COLLUDING_HOLDER, "holder"),
    await licensed(within, COLLUDING_CONSUMER, "consumer"),
  ];
  return colluders({
    holder,
    consumer,
    root: authority.author.inception.header.lineage,
    offer: (whose) => ({
      ...offerOf(parts, whose === "own" ? lowerHz : authority.box.lowerHz, "none", whose === "anothers"),
      resource: "deal",
    }),
    anybody: () => {
      const host = hosts[chance.below(hosts.length)];
      assert(host !== undefined, "a world has hosts");
      return agentTopic(host.lineage(), "inbox");
    },
  });
}

function penOf(
  { world, timeline, authority }: UnderworldParts,
  name: string,
  credential: () => Uint8Array | null,
): Promise<Pen> {
  const policy = authority.author.records().find(({ kind }) => kind === "policy");
  assert(policy !== undefined, "a world has its policy");
  return newPen({ name, world, timeline, policy: policy.id, credential });
}

async function licensed(parts: UnderworldParts, name: string, role: "holder" | "consumer") {
  const { world, timeline, chance, counts, authority, register, wrote } = parts;
  let credential: AnyRecord | null = null;
  const pen = await penOf(parts, name, () => credential?.id ?? null);
  const { key, lineage } = pen;
  const subject = { name, role, owner: name, key, lineage, nowUs: timeline.nowUs() };
  const issued = await issue(authority, world, subject, null);
  register.issued(issued);
  credential = issued as AnyRecord;
  const ground = authority.author.records;
  const told = (record: AnyRecord): void => wrote(name, record);
  return { name, pen, world, chance: chance.fork(name), counts, ground, wrote: told };
}

function offerOf(
  { world, timeline, chance, authority }: UnderworldParts,
  lowerHz: number,
  excess: string,
  exclusive = true,
): Offer {
  const schema = authority.author.records().find((each) => each.kind === "schema");
  assert(schema?.kind === "schema", "a world has its schema");
  const nowUs = WORLD_BEGAN_US + timeline.nowUs();
  const block: Block = {
    ...authority.box,
    lowerHz,
    upperHz: lowerHz + BLOCK_HZ,
    area: world.square(500_000),
    fromUs: nowUs - LASTS_US,
    untilUs: excess === "time" ? authority.box.untilUs + LASTS_US : nowUs + LASTS_US,
    limits: [{ centiDbm: 1_000, referenceHz: 0, measure: "eirp", detector: "rms" }],
    exclusive,
  };
  return {
    schema: schema.id,
    resource: "bargain",
    block,
    steps: schema.body.steps,
    price: clear({ form: "fixed", microUnits: 0n, currency: "EUR" }),
    eligibility: { level: "user", verb: "acquire", eligibilityClass: WORLD_CLASS },
    rules: ["content-match"],
    challenge: chance.bytes(32),
    leaseClass: WORLD_LEASE_CLASS,
    rulesVersions: [RULES_VERSION],
    endUs: nowUs + VALID_US,
  };
}
