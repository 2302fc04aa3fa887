/** Offers of what lies ahead: now and then the owner of a holder lets one of its blocks for a while that begins later. */
import type { Command } from "../core/agent/input.ts";
import type { Chance } from "./chance.ts";
import type { Host } from "./host.ts";
import { WORLD_BEGAN_US } from "./host-clock.ts";
import type { Timeline } from "./timeline.ts";

export type ForwardOffers = {
  /** One owner, drawn, offers one block, drawn. */
  act(): void;
};

export type ForwardOfferParts = {
  readonly hosts: readonly Host[];
  readonly timeline: Timeline;
  readonly chance: Chance;
};

/** Some begin before the settlement is done, some after everybody has rebooted. */
const AHEAD_US_MIN = 1_500_000;
const AHEAD_US_MAX = 20_000_000;
const LASTS_US_MIN = 6_000_000;
const LASTS_US_MAX = 15_000_000;

export function newForwardOffers({ hosts, timeline, chance }: ForwardOfferParts): ForwardOffers {
  const holders = hosts.filter(({ spec }) => spec.role === "holder");

  function command(host: Host): Command | null {
    const standing = host.agent()?.config.standingOffers ?? [];
    const chosen = standing[chance.below(Math.max(1, standing.length))];
    const fromUs = WORLD_BEGAN_US + timeline.nowUs() + chance.between(AHEAD_US_MIN, AHEAD_US_MAX);
    const untilUs = fromUs + chance.between(LASTS_US_MIN, LASTS_US_MAX);
    if (chosen === undefined) return null;
    return { verb: "offer", offer: { ...chosen.offer, block: { ...chosen.offer.block, fromUs, untilUs } } };
  }

  return {
    act() {
      const host = holders[chance.below(holders.length)];
      const offer = host === undefined ? null : command(host);
      if (offer !== null) void host?.running()?.command(offer);
    },
  };
}
