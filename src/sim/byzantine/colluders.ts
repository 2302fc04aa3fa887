/** A holder and a consumer who are of one mind: between them they sign whatever they like, and try it on the honest. */

import { toHex } from "../../core/base/bytes.ts";
import { evaluateUnder } from "../../core/pairing/rules-versions.ts";
import type { Offer } from "../../core/record/kinds/offer.ts";
import type { Settlement } from "../../core/record/kinds/settlement.ts";
import type { AnyRecord, RecordOf } from "../../core/record/record.ts";
import { recordOfBytes } from "../../core/record/record-of-bytes.ts";
import { clear } from "../../core/record/sealed.ts";
import { agentTopic } from "../../core/wire/topic.ts";
import { isWant } from "../../core/wire/want.ts";
import type { Affair, Collusion, Misdeed } from "../collusion.ts";
import { WORLD_LEASE_CLASS } from "../market.ts";
import { type Rogue, RogueMesh, type RogueParts } from "./rogue.ts";
import { acceptanceOf } from "./rogue-consumer.ts";
import { type Bodies, carriedUntilUs, contextOf, newestSnapshot } from "./settling.ts";

export type ColludersParts = {
  readonly holder: RogueParts;
  readonly consumer: RogueParts;
  readonly root: Uint8Array;
  /** From now on: of the holder's own slice, or of an honest holder's, which its credential does not cover. */
  readonly offer: (whose: "own" | "anothers") => Offer;
  /** The inbox of some honest host, drawn. */
  readonly anybody: () => string;
};

export type Colluders = Pick<Rogue, "act" | "heard"> & { readonly collusion: Collusion };

const MISDEEDS: readonly (Misdeed | null)[] = [
  null,
  "artifact-of-no-offer",
  "settled-in-the-past",
  "renewed-past-the-end",
  "sold-anothers-block",
];
/** Whatever they wrote is in the auditor's hands in the end: so much of it, and no more. */
const AFFAIRS_MAX = 60;
const FORGED_MAX = 400;
const FORGES_PERMILLE = 300;
const REACH_US = 3_000_000;
/** From the first record of a deal to the end of its renewal, with what a stated time may be off. */
const FAIR_WITHIN_US = REACH_US + 2_000_000;
const PAST_US = 60_000_000;
const BEYOND_US = 3_600_000_000;
const NO_BOOT = new Uint8Array(16);

export function colluders(parts: ColludersParts): Colluders {
  return new Pair(parts);
}

class Pair implements Colluders {
  readonly collusion: Collusion;
  readonly #parts: ColludersParts;
  readonly #affairs: Affair[] = [];
  readonly #meshes: readonly RogueMesh[];
  #forged = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: ColludersParts) {
    this.#parts = parts;
    // Whoever wants to know who they are is told: what nobody can check the signature of, nobody reads.
    this.#meshes = [new RogueMesh(parts.holder), new RogueMesh(parts.consumer)];
    const [holder, consumer] = [parts.holder.pen, parts.consumer.pen];
    this.collusion = {
      affairs: () => this.#affairs,
      logs: () =>
        [holder, consumer].map(({ lineage, written }) => ({ lineage, records: [...written.values()] })),
    };
  }

  act(): void {
    if (this.#affairs.length >= AFFAIRS_MAX) return;
    const misdeed = this.#parts.holder.chance.pick<Misdeed | null>(MISDEEDS as readonly [null, ...Misdeed[]]);
    this.#inTurn(() => this.#affair(misdeed));
  }

  /** Null: a fair deal, which no auditor may doubt. */
  async #affair(misdeed: Misdeed | null): Promise<void> {
    const { holder, consumer, offer } = this.#parts;
    if ((misdeed === null || misdeed === "renewed-past-the-end") && !this.#isCarried()) return;
    if (misdeed !== null) holder.counts.count(`byzantine-${misdeed}`);
    const offered = await holder.pen.write(
      "offer",
      offer(misdeed === "sold-anothers-block" ? "anothers" : "own"),
    );
    const body = acceptanceOf(offered, "fair", holder.chance.bytes(16));
    const accepted = await consumer.pen.write("acceptance", body);
    const settled = this.#settlement(offered, accepted, misdeed);
    const sold = await holder.pen.write("settlement", settled);
    const held = await consumer.pen.write("settlement", settled);
    const said = [offered, accepted, sold, held].map((each) => each as AnyRecord);
    if (misdeed === null || misdeed === "renewed-past-the-end")
      said.push(...(await this.#renewal(sold, offered, misdeed)));
    for (const each of said) this.#say(each);
    this.#affairs.push({ misdeed, artifact: toHex(settled.artifact), records: said });
  }

  /** Long enough for a renewal: under a snapshot that is too old nobody can deal fairly. */
  #isCarried(): boolean {
    const { ground, pen } = this.#parts.holder;
    return carriedUntilUs(ground(), WORLD_LEASE_CLASS) > pen.utcUs() + FAIR_WITHIN_US;
  }

  /** Where the artifact does not come out of what they wrote, they name one that they made up. */
  #settlement(
    offered: RecordOf<"offer">,
    accepted: RecordOf<"acceptance">,
    misdeed: Misdeed | null,
  ): Settlement {
    const { holder, root } = this.#parts;
    const { chance, world, ground } = holder;
    const bodies = this.#bodies();
    const context = contextOf(offered, accepted, { bodies, root, ground: ground() });
    const madeUp = chance.bytes(32);
    const { earliestUs, latestUs } = context.interval;
    const past = { earliestUs: earliestUs - PAST_US, latestUs: latestUs - PAST_US };
    const common = { acceptance: accepted.id, context, offer: offered.id, identifiers: clear([]) };
    if (misdeed === "artifact-of-no-offer") return { ...common, offer: chance.bytes(32), artifact: madeUp };
    if (misdeed === "settled-in-the-past")
      return { ...common, context: { ...context, interval: past }, artifact: madeUp };
    const evaluation = evaluateUnder(offered, accepted, context, bodies, world.primitives);
    return { ...common, artifact: "derived" in evaluation ? evaluation.derived.id : madeUp };
  }

  async #renewal(
    sold: RecordOf<"settlement">,
    { body: { block } }: RecordOf<"offer">,
    misdeed: Misdeed | null,
  ): Promise<readonly AnyRecord[]> {
    const { holder, consumer } = this.#parts;
    const { artifact } = sold.body;
    const nonce = holder.chance.bytes(16);
    const asking = {
      artifact,
      nonce,
      bootId: NO_BOOT,
      anchorBootUs: 0,
      lastHolderRecord: sold.id,
      lastRenewal: null,
    };
    const request = await consumer.pen.write("renewal-request", asking);
    const untilUs =
      misdeed === null ? (sold.header.time?.latestUs ?? 0) + REACH_US : block.untilUs + BEYOND_US;
    const renewal = await holder.pen.write("renewal", this.#renewalOf(request, untilUs));
    return [request as AnyRecord, renewal as AnyRecord];
  }

  #renewalOf(
    { id, body }: RecordOf<"renewal-request">,
    transmitExpiryUs: number,
  ): RecordOf<"renewal">["body"] {
    const { artifact, nonce, bootId: consumerBootId } = body;
    const snapshots = newestSnapshot(this.#parts.holder.ground());
    const holderBoot = { holderBootId: NO_BOOT, holderBootUs: 0 };
    return {
      request: id,
      artifact,
      nonce,
      consumerBootId,
      durationUs: REACH_US,
      transmitExpiryUs,
      snapshots,
      ...holderBoot,
    };
  }

  /** Leases of honest parties that they heard of: renewed, asked for and given up by those who are no party to them. */
  heard(topic: string, bytes: Uint8Array): void {
    const { holder } = this.#parts;
    for (const mesh of this.#meshes) mesh.take(topic, bytes);
    if (!topic.endsWith("/inbox") || isWant(bytes) || this.#forged >= FORGED_MAX) return;
    if (!holder.chance.hits(FORGES_PERMILLE)) return;
    const record = recordOfBytes(bytes, holder.world.primitives);
    if (!record.ok || !("artifact" in record.value.body)) return;
    const heard = record.value;
    this.#forged += 1;
    this.#inTurn(() => this.#forge(heard, topic));
  }

  async #forge(heard: AnyRecord, topic: string): Promise<void> {
    const { holder, consumer } = this.#parts;
    if (heard.kind === "renewal-request") {
      const untilUs = (heard.header.time?.latestUs ?? 0) + REACH_US;
      const renewal = await holder.pen.write("renewal", this.#renewalOf(heard, untilUs));
      this.#say(renewal as AnyRecord, agentTopic(heard.header.lineage, "inbox"));
      holder.counts.count("byzantine-renewal-of-anothers");
    }
    if (heard.kind === "renewal") {
      const { artifact } = heard.body;
      const gone = {
        artifact,
        reason: "operator" as const,
        bootId: NO_BOOT,
        mutedBootUs: 0,
        termination: null,
      };
      const relinquishment = await consumer.pen.write("relinquishment", gone);
      this.#say(relinquishment as AnyRecord, agentTopic(heard.header.lineage, "inbox"));
      const ended = { artifact, reason: "operator" as const, cause: null, link: null };
      this.#say((await holder.pen.write("lease-termination", ended)) as AnyRecord, topic);
      holder.counts.count("byzantine-end-of-anothers");
    }
  }

  /** To a party of the lease that it is about, or to any honest holder or consumer. */
  #say(record: AnyRecord, topic: string | null = null): void {
    const { holder } = this.#parts;
    holder.wrote(record);
    const bytes = holder.world.pack(record.envelope);
    holder.world.broker.inject(topic ?? this.#parts.anybody(), bytes);
  }

  #bodies(): Bodies {
    const { holder, consumer } = this.#parts;
    const ground = new Map(holder.ground().map((each) => [toHex(each.id), each]));
    const get = (id: Uint8Array): AnyRecord | undefined => {
      const key = toHex(id);
      return holder.pen.written.get(key) ?? consumer.pen.written.get(key) ?? ground.get(key);
    };
    return { get };
  }

  #inTurn(act: () => Promise<void>): void {
    this.#last = this.#last.then(act);
  }
}
