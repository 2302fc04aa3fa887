/** A holder that sells every block to all who come, equivocates about it, over-claims, and renews as it likes. */
import { put } from "../../core/agent/known.ts";
import { chainOf } from "../../core/authority/chain.ts";
import { assert } from "../../core/base/assert.ts";
import { sortedUnique, toHex } from "../../core/base/bytes.ts";
import { evaluateUnder } from "../../core/pairing/rules-versions.ts";
import type { Offer } from "../../core/record/kinds/offer.ts";
import type { AnyRecord, RecordOf } from "../../core/record/record.ts";
import { type Rogue, RogueMesh, type RogueParts } from "./rogue.ts";

/** Beyond what its credential lets. */
type Excess = "none" | "band" | "time";

export type RogueHolderParts = RogueParts & {
  /** From now on. */
  readonly offer: (excess: Excess) => Offer;
  readonly root: Uint8Array;
  /** Puts an offer where consumers hear it. */
  readonly broadcast: (offer: RecordOf<"offer">) => void;
};

/** What it says again to who asks again. */
const ANSWERS_MAX = 256;

export function rogueHolder(parts: RogueHolderParts): Rogue {
  const mesh = new RogueMesh(parts);
  const { pen, chance, wrote } = parts;
  /** By acceptance: what it was settled by. */
  const sold = new Map<string, RecordOf<"settlement">>();
  const answered = new Map<string, AnyRecord>();

  async function offer(): Promise<void> {
    const excess = chance.pick<Excess>(["none", "none", "none", "band", "time"]);
    if (excess !== "none") mesh.count("over-claim");
    const record = await pen.write("offer", parts.offer(excess));
    wrote(record as AnyRecord);
    parts.broadcast(record);
  }

  async function sell(acceptance: RecordOf<"acceptance">): Promise<void> {
    const { lineage } = acceptance.header;
    const standing = sold.get(toHex(acceptance.id));
    const offered = mesh.get(acceptance.body.offer);
    if (standing !== undefined) mesh.send(standing as AnyRecord, lineage);
    if (standing !== undefined || offered?.kind !== "offer") return;
    const missing = missingOf(acceptance);
    if (missing.length > 0) {
      mesh.want(missing, lineage);
      return;
    }
    const context = contextOf(offered, acceptance);
    const { primitives } = parts.world;
    const evaluation = evaluateUnder(offered, acceptance, context, mesh, primitives);
    if (!("derived" in evaluation)) return;
    const isTaken = sold.size > 0;
    if (isTaken) mesh.count("sold-twice");
    const again = isTaken && chance.hits(500);
    if (again) mesh.count("equivocation");
    const body = { offer: offered.id, acceptance: acceptance.id, context, artifact: evaluation.derived.id };
    const record = await pen.write("settlement", body, again);
    wrote(record as AnyRecord);
    put(sold, toHex(acceptance.id), record, ANSWERS_MAX);
    mesh.send(record as AnyRecord, lineage);
  }

  function missingOf(acceptance: RecordOf<"acceptance">): readonly Uint8Array[] {
    const { missing } = chainOf(acceptance.header.credential, mesh);
    const ids = [missing, acceptance.header.attestation].filter((id) => id !== null);
    return ids.filter((id) => mesh.get(id) === undefined);
  }

  function contextOf(
    offered: RecordOf<"offer">,
    acceptance: RecordOf<"acceptance">,
  ): RecordOf<"settlement">["body"]["context"] {
    const links = [offered, acceptance].flatMap((each) => chainOf(each.header.credential, mesh).links);
    const newest = parts.ground().findLast((each) => each.kind === "status-snapshot");
    const { time } = acceptance.header;
    assert(offered.header.place !== null, "a pen states a place");
    const none = { recognitions: [], corroborations: [], reputations: [], budgets: [] };
    return {
      ...none,
      interval: { earliestUs: time?.earliestUs ?? 0, latestUs: time?.latestUs ?? 0 },
      holderPlace: offered.header.place,
      roots: [parts.root],
      credentials: sortedUnique(links.map(({ id }) => id)),
      snapshots: newest === undefined ? [] : [newest.id],
      attestations: acceptance.header.attestation === null ? [] : [acceptance.header.attestation],
    };
  }

  async function renew(request: RecordOf<"renewal-request">): Promise<void> {
    const key = toHex(request.id);
    const standing = answered.get(key);
    const { lineage } = request.header;
    if (standing !== undefined) mesh.send(standing, lineage);
    if (standing !== undefined || chance.hits(150)) return;
    const manner = chance.pick(["fair", "fair", "fair", "endless", "other-nonce"]);
    if (manner !== "fair") mesh.count(`renewal-${manner}`);
    const { body, header } = request;
    const nowUs = header.time?.earliestUs ?? 0;
    const reachUs = manner === "endless" ? ENDLESS_US : FAIR_US;
    const newest = parts.ground().findLast((each) => each.kind === "status-snapshot");
    const again = chance.hits(250);
    if (again) mesh.count("equivocation");
    const renewal = {
      request: request.id,
      artifact: body.artifact,
      nonce: manner === "other-nonce" ? chance.bytes(16) : body.nonce,
      consumerBootId: body.bootId,
      durationUs: reachUs,
      transmitExpiryUs: nowUs + reachUs,
      snapshots: newest === undefined ? [] : [newest.id],
      holderBootId: new Uint8Array(16),
      holderBootUs: nowUs,
    };
    const record = await pen.write("renewal", renewal, again);
    wrote(record as AnyRecord);
    put(answered, key, record as AnyRecord, ANSWERS_MAX);
    mesh.send(record as AnyRecord, lineage);
  }

  return {
    name: parts.name,
    pen,
    act: () => mesh.inTurn(offer),
    heard(topic, bytes) {
      const record = mesh.take(topic, bytes);
      if (record?.kind === "acceptance") mesh.inTurn(() => sell(record));
      if (record?.kind === "renewal-request") mesh.inTurn(() => renew(record));
    },
  };
}

const FAIR_US = 3_000_000;
const ENDLESS_US = 600_000_000;
