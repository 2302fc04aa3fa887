/** Contested blocks: at one instant every consumer accepts one offer; at times its holder changes its mind, and offers anew. */
import type { Command } from "../core/agent/input.ts";
import { equalBytes } from "../core/base/bytes.ts";
import type { RecordOf } from "../core/record/record.ts";
import type { Chance } from "./chance.ts";
import type { Host } from "./host.ts";
import type { Timeline } from "./timeline.ts";

export type Rush = {
  /** An offer became durable somewhere. */
  offered(offer: RecordOf<"offer">): void;
  /** One rush on one of the latest offers. */
  act(): void;
};

const OFFERS_KEPT = 32;
/** The latest offers: of older ones the pair's time window is over. */
const RUSHED_ON = 3;
/** Of a rush, how often its holder ends what it let, or takes the offer back; and how long a mind stands. */
const TERMINATES_PERMILLE = 300;
const WITHDRAWS_PERMILLE = 200;
const STANDS_US_MIN = 300_000;
const STANDS_US_MAX = 2_500_000;
/** From the change of mind to the next rushes on the same block, by whatever offer is the newest for it then. */
const AGAIN_US = [100_000, 1_100_000, 2_100_000] as const;

export type RushParts = {
  readonly hosts: readonly Host[];
  readonly timeline: Timeline;
  readonly chance: Chance;
};

export function newRush({ hosts, timeline, chance }: RushParts): Rush {
  const offers: RecordOf<"offer">[] = [];

  function holderOf(lineage: Uint8Array): Host | undefined {
    return hosts.find((host) => equalBytes(host.lineage(), lineage));
  }

  function newestLike(offer: RecordOf<"offer">): RecordOf<"offer"> {
    const isAlike = (each: RecordOf<"offer">): boolean =>
      each.body.resource === offer.body.resource && equalBytes(each.header.lineage, offer.header.lineage);
    return offers.findLast(isAlike) ?? offer;
  }

  function everybodyAccepts({ id: offer, header: { lineage } }: RecordOf<"offer">): void {
    const site = holderOf(lineage)?.spec.site;
    for (const host of hosts) {
      if (host.spec.role !== "consumer" || host.spec.site !== site) continue;
      void host.running()?.command({ verb: "accept", accept: { offer, block: null, insist: false } });
    }
  }

  function changeOfMind(offer: RecordOf<"offer">): void {
    const dice = chance.below(1_000);
    if (dice >= TERMINATES_PERMILLE + WITHDRAWS_PERMILLE) return;
    const afterUs = timeline.nowUs() + chance.between(STANDS_US_MIN, STANDS_US_MAX);
    timeline.at(afterUs, () => {
      const holder = holderOf(offer.header.lineage);
      const command = dice < TERMINATES_PERMILLE ? termination(holder, offer) : withdrawal(offer);
      const again = anew(holder, offer);
      for (const each of [command, again]) if (each !== null) void holder?.running()?.command(each);
    });
    for (const laterUs of AGAIN_US) timeline.at(afterUs + laterUs, () => everybodyAccepts(newestLike(offer)));
  }

  return {
    offered(offer) {
      // What lies ahead is no contest: nobody is on the air there, and a change of mind frees it at once.
      if (offer.body.block.fromUs > (offer.header.time?.latestUs ?? 0)) return;
      offers.push(offer);
      if (offers.length > OFFERS_KEPT) offers.shift();
    },
    act() {
      const latest = offers.slice(-RUSHED_ON);
      const offer = latest[chance.below(Math.max(1, latest.length))];
      if (offer === undefined) return;
      everybodyAccepts(offer);
      changeOfMind(offer);
    },
  };
}

/** Ends the lease that the offer led to, where it led to one. */
function termination(holder: Host | undefined, { id }: RecordOf<"offer">): Command | null {
  for (const lease of holder?.agent()?.provisional.leases.values() ?? []) {
    if (equalBytes(lease.offer.id, id) && lease.termination === null)
      return { verb: "terminate", artifact: lease.derived.id };
  }
  return null;
}

/** The same block, offered at once by an owner who does not wait until it is free. */
function anew(holder: Host | undefined, { body }: RecordOf<"offer">): Command | null {
  const standing = holder
    ?.agent()
    ?.config.standingOffers.find(({ offer }) => offer.resource === body.resource);
  const { fromUs, untilUs } = body.block;
  const left = standing === undefined ? null : { ...standing.offer.block, fromUs, untilUs };
  return standing === undefined || left === null
    ? null
    : { verb: "offer", offer: { ...standing.offer, block: left } };
}

function withdrawal({ id: offer }: RecordOf<"offer">): Command {
  return { verb: "withdraw", offer, reason: "owner's choice" };
}
