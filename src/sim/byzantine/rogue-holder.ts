/** A holder that sells every block to all who come, equivocates about it, over-claims, and renews as it likes. */

import { put } from "../../core/agent/known.ts";
import { chainOf } from "../../core/authority/chain.ts";
import { toHex } from "../../core/base/bytes.ts";
import { evaluateUnder } from "../../core/pairing/rules-versions.ts";
import type { Offer } from "../../core/record/kinds/offer.ts";
import type { AnyRecord, RecordOf } from "../../core/record/record.ts";
import { clear } from "../../core/record/sealed.ts";
import { type Rogue, RogueMesh, type RogueParts } from "./rogue.ts";
import { contextOf, elsewhen, newestSnapshot } from "./settling.ts";

/** Beyond what its credential lets. */
type Excess = "none" | "band" | "time";

export type RogueHolderParts = RogueParts & {
  /** From now on. */
  readonly offer: (excess: Excess) => Offer;
  readonly root: Uint8Array;
  /** As `wrote`, of what nobody honest may rely on. */
  readonly forged: (record: AnyRecord) => void;
  /** Puts an offer where consumers hear it. */
  readonly broadcast: (offer: RecordOf<"offer">) => void;
};

/** What it says again to who asks again. */
const ANSWERS_MAX = 256;

export function rogueHolder(parts: RogueHolderParts): Rogue {
  return new RogueHolder(parts);
}

class RogueHolder implements Rogue {
  readonly name: string;
  readonly pen: RogueParts["pen"];
  readonly #parts: RogueHolderParts;
  readonly #mesh: RogueMesh;
  /** By acceptance: what it was settled by. */
  readonly #sold = new Map<string, RecordOf<"settlement">>();
  readonly #answered = new Map<string, AnyRecord>();

  constructor(parts: RogueHolderParts) {
    [this.name, this.pen, this.#parts] = [parts.name, parts.pen, parts];
    this.#mesh = new RogueMesh(parts);
  }

  async #offer(): Promise<void> {
    const excess = this.#parts.chance.pick<Excess>(["none", "none", "none", "band", "time"]);
    if (excess !== "none") this.#mesh.count("over-claim");
    const record = await this.pen.write("offer", this.#parts.offer(excess));
    this.#parts.wrote(record as AnyRecord);
    this.#parts.broadcast(record);
  }

  async #sell(acceptance: RecordOf<"acceptance">): Promise<void> {
    const { lineage } = acceptance.header;
    const standing = this.#sold.get(toHex(acceptance.id));
    const offered = this.#mesh.get(acceptance.body.offer);
    if (standing !== undefined) this.#mesh.send(standing as AnyRecord, lineage);
    if (standing !== undefined || offered?.kind !== "offer") return;
    const missing = this.#missingOf(acceptance);
    if (missing.length > 0) {
      this.#mesh.want(missing, lineage);
      return;
    }
    const { root, ground } = this.#parts;
    const context = contextOf(offered, acceptance, { bodies: this.#mesh, root, ground: ground() });
    const { primitives } = this.#parts.world;
    const evaluation = evaluateUnder(offered, acceptance, context, this.#mesh, primitives);
    if (!("derived" in evaluation)) return;
    const isTaken = this.#sold.size > 0;
    if (isTaken) this.#mesh.count("sold-twice");
    const again = isTaken && this.#parts.chance.hits(500);
    if (again) this.#mesh.count("equivocation");
    const body = {
      offer: offered.id,
      acceptance: acceptance.id,
      context,
      artifact: evaluation.derived.id,
      identifiers: clear([]),
    };
    const isOther = this.#parts.chance.hits(150);
    if (isOther) this.#mesh.count("other-context");
    const record = await this.pen.write("settlement", isOther ? elsewhen(body) : body, again);
    // No artifact comes out of that: who countersigns it is in breach.
    if (isOther) this.#parts.forged(record as AnyRecord);
    else this.#parts.wrote(record as AnyRecord);
    put(this.#sold, toHex(acceptance.id), record, ANSWERS_MAX);
    this.#mesh.send(record as AnyRecord, lineage);
  }

  #missingOf(acceptance: RecordOf<"acceptance">): readonly Uint8Array[] {
    const { missing } = chainOf(acceptance.header.credential, this.#mesh);
    const ids = [missing, acceptance.header.attestation].filter((id) => id !== null);
    return ids.filter((id) => this.#mesh.get(id) === undefined);
  }

  async #renew(request: RecordOf<"renewal-request">): Promise<void> {
    const key = toHex(request.id);
    const standing = this.#answered.get(key);
    const { lineage } = request.header;
    if (standing !== undefined) this.#mesh.send(standing, lineage);
    if (standing !== undefined || this.#parts.chance.hits(150)) return;
    const manner = this.#parts.chance.pick(["fair", "fair", "fair", "endless", "other-nonce"]);
    if (manner !== "fair") this.#mesh.count(`renewal-${manner}`);
    const { body, header } = request;
    const nowUs = header.time?.earliestUs ?? 0;
    const reachUs = manner === "endless" ? ENDLESS_US : FAIR_US;
    const again = this.#parts.chance.hits(250);
    if (again) this.#mesh.count("equivocation");
    const renewal = {
      request: request.id,
      artifact: body.artifact,
      nonce: manner === "other-nonce" ? this.#parts.chance.bytes(16) : body.nonce,
      consumerBootId: body.bootId,
      durationUs: reachUs,
      transmitExpiryUs: nowUs + reachUs,
      snapshots: newestSnapshot(this.#parts.ground()),
      holderBootId: new Uint8Array(16),
      holderBootUs: nowUs,
    };
    const record = await this.pen.write("renewal", renewal, again);
    this.#parts.wrote(record as AnyRecord);
    put(this.#answered, key, record as AnyRecord, ANSWERS_MAX);
    this.#mesh.send(record as AnyRecord, lineage);
  }

  act(): void {
    this.#mesh.inTurn(() => this.#offer());
  }

  heard(topic: string, bytes: Uint8Array): void {
    const record = this.#mesh.take(topic, bytes);
    if (record?.kind === "acceptance") this.#mesh.inTurn(() => this.#sell(record));
    if (record?.kind === "renewal-request") this.#mesh.inTurn(() => this.#renew(record));
  }
}

const FAIR_US = 3_000_000;
const ENDLESS_US = 600_000_000;
