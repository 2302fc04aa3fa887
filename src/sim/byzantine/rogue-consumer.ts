/** A consumer that takes more than it was offered, binds holders and falls silent, and gives up what is not its own. */
import { toHex } from "../../core/base/bytes.ts";
import { RULES_VERSION } from "../../core/pairing/rules-versions.ts";
import type { Acceptance } from "../../core/record/kinds/acceptance.ts";
import type { AnyRecord, RecordOf } from "../../core/record/record.ts";
import { recordOfBytes } from "../../core/record/record-of-bytes.ts";
import { type Rogue, RogueMesh, type RogueParts } from "./rogue.ts";
import { elsewhen } from "./settling.ts";

/** Offers and leases of others that it remembers: of older offers the pair's time window is over. */
const KEPT_MAX = 4;
const CONFIRM_WITHIN_US = 28_000_000;
const OFFER_TOPIC = /\/offer\/[0-9a-f]{64}$/;

export type RogueConsumerParts = RogueParts & {
  /** Of somebody honest: who else is dishonest binds nobody. */
  readonly isVictims: (offer: RecordOf<"offer">) => boolean;
};

export function rogueConsumer(parts: RogueConsumerParts): Rogue {
  const mesh = new RogueMesh(parts);
  const { pen, chance, wrote } = parts;
  const offers: RecordOf<"offer">[] = [];
  /** Settlements that came to it: of its own acceptances. */
  const bound: RecordOf<"settlement">[] = [];
  /** Artifacts of others, as far as what comes to it names them. */
  const strange: Uint8Array[] = [];

  async function accept(): Promise<void> {
    const offer = offers[chance.below(Math.max(1, offers.length))];
    if (offer === undefined) return;
    const manner = chance.pick([
      "fair",
      "fair",
      "fair",
      "fair",
      "fair",
      "wider",
      "longer",
      "louder",
      "late",
      "inside-out",
    ]);
    if (manner !== "fair") mesh.count(`acceptance-${manner}`);
    const record = await pen.write("acceptance", acceptanceOf(offer, manner, chance.bytes(16)));
    wrote(record as AnyRecord);
    mesh.send(record as AnyRecord, offer.header.lineage);
  }

  /** To the holder, or to anybody: its own lease, somebody else's, or one that nobody has. */
  async function giveUp(): Promise<void> {
    const own = bound[chance.below(Math.max(1, bound.length))];
    const offer = offers[chance.below(Math.max(1, offers.length))];
    if (offer === undefined) return;
    const isOwn = own !== undefined && chance.hits(300);
    if (!isOwn) mesh.count("relinquishes-others");
    const artifact = isOwn ? own.body.artifact : (strange.at(-1) ?? chance.bytes(32));
    const record = await pen.write("relinquishment", givenUp(artifact));
    if (isOwn) wrote(record as AnyRecord);
    mesh.send(record as AnyRecord, isOwn ? own.header.lineage : offer.header.lineage);
  }

  return {
    name: parts.name,
    pen,
    act: () => mesh.inTurn(chance.hits(700) ? accept : giveUp),
    heard(topic, bytes) {
      const offer = offerIn(topic, bytes, parts);
      if (offer !== null && parts.isVictims(offer)) keep(offers, offer);
      const record = mesh.take(topic, bytes);
      if (record !== null && "artifact" in record.body) keep(strange, record.body.artifact);
      if (record?.kind !== "settlement" || bound.some((each) => toHex(each.id) === toHex(record.id))) return;
      keep(bound, record);
      mesh.inTurn(() => countersign(mesh, record));
    },
  };
}

/** Two countersignatures at one position, one over another context, or none. */
async function countersign(mesh: RogueMesh, settlement: RecordOf<"settlement">): Promise<void> {
  const { pen, chance, wrote } = mesh.parts;
  const manner = chance.pick(["silence", "silence", "other-context", "other-context", "fair"]);
  if (manner !== "fair") mesh.count(manner);
  if (manner !== "silence") {
    const said = manner === "other-context" ? elsewhen(settlement.body) : settlement.body;
    const record = await pen.write("settlement", said);
    wrote(record as AnyRecord);
    mesh.send(record as AnyRecord, settlement.header.lineage);
  }
  // Whoever takes that for a countersignature renews what nobody confirmed.
  if (manner !== "fair") await askToGoOn(mesh, settlement, chance.bytes(16));
  else if (chance.hits(300)) {
    mesh.count("equivocation");
    const other = await pen.write("settlement", settlement.body, true);
    mesh.send(other as AnyRecord, settlement.header.lineage);
  }
}

function givenUp(artifact: Uint8Array): RecordOf<"relinquishment">["body"] {
  return { artifact, reason: "operator", bootId: new Uint8Array(16), mutedBootUs: 0, termination: null };
}

/** Under what it has not countersigned. */
async function askToGoOn(
  mesh: RogueMesh,
  settlement: RecordOf<"settlement">,
  nonce: Uint8Array,
): Promise<void> {
  const { id, body, header } = settlement;
  const boot = { bootId: new Uint8Array(16), anchorBootUs: 0, lastRenewal: null };
  const asking = { artifact: body.artifact, nonce, lastHolderRecord: id, ...boot };
  const request = await mesh.parts.pen.write("renewal-request", asking);
  mesh.send(request as AnyRecord, header.lineage);
}

/** `manner`: "fair", or what it asks for beyond the offer. */
export function acceptanceOf(offer: RecordOf<"offer">, manner: string, nonce: Uint8Array): Acceptance {
  const { block, price, resource } = offer.body;
  const nowUs = offer.header.time?.latestUs ?? 0;
  const confirmByUs = nowUs + (manner === "late" ? 10 * CONFIRM_WITHIN_US : CONFIRM_WITHIN_US);
  return {
    offer: offer.id,
    resource,
    block: changedBlock(block, manner),
    price,
    rulesVersion: RULES_VERSION,
    answers: [new Uint8Array(0)],
    confirmByUs,
    effectiveByUs: confirmByUs + CONFIRM_WITHIN_US,
    clockDriftPpm: 100,
    deadman: "guard",
    muteLatencyUs: 50_000,
    holdings: [],
    budgets: [],
    nonce,
  };
}

function offerIn(topic: string, bytes: Uint8Array, { world }: RogueParts): RecordOf<"offer"> | null {
  if (!OFFER_TOPIC.test(topic)) return null;
  const record = recordOfBytes(bytes, world.primitives);
  return record.ok && record.value.kind === "offer" ? record.value : null;
}

function changedBlock(block: Acceptance["block"], manner: string): Acceptance["block"] {
  switch (manner) {
    case "wider":
      return { ...block, lowerHz: block.lowerHz - 100_000, upperHz: block.upperHz + 100_000 };
    case "longer":
      return { ...block, untilUs: block.untilUs + 3_600_000_000 };
    case "louder":
      return { ...block, limits: block.limits.map((each) => ({ ...each, centiDbm: each.centiDbm + 1_000 })) };
    case "inside-out":
      return { ...block, lowerHz: block.upperHz, upperHz: block.lowerHz };
    default:
      return block;
  }
}

function keep<T>(kept: T[], value: T): void {
  kept.push(value);
  if (kept.length > KEPT_MAX) kept.shift();
}
