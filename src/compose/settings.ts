/** Profile words as the agent's settings: the profile knows nothing of the agent, nor the agent of profiles. */
import type { AgentSettings } from "../agent/agent-settings.ts";
import type { AgentProfile, StandingOffer, StandingWish } from "../profile/agent-profile.ts";

export function settingsOf(profile: AgentProfile): AgentSettings {
  const { speedMmPerS, climbMmPerS, transportUs, unestimatedErrorMm } = profile.place;
  return {
    owner: profile.owner,
    production: profile.production,
    identifiers: profile.identifiers,
    policy: profile.policy,
    timeRules: profile.time,
    placeRules: { speedMmPerS, climbMmPerS, transportUs, unestimatedErrorMm },
    clockDriftPpm: profile.time.driftPpm,
    antenna: profile.radio?.offset ?? { northMm: 0, eastMm: 0, upMm: 0 },
    placeHoldUs: profile.place.holdUs,
    offers: profile.offers.map(offerSetting),
    wishes: profile.accepts.map(wishSetting),
  };
}

function offerSetting(offer: StandingOffer, i: number): AgentSettings["offers"][number] {
  const { lowerHz, upperHz, area, limits: powerLimits, exclusive, when, commodity, resource } = offer;
  const times =
    when.kind === "fixed" ? { fromUs: when.fromUs, untilUs: when.untilUs } : { fromUs: 0, untilUs: 1 };
  return {
    name: `${i} ${resource}`,
    commodity,
    durationUs: when.kind === "fixed" ? null : when.durationUs,
    refreshUs: offer.refreshUs,
    offer: {
      resource,
      block: { lowerHz, upperHz, area, ...times, limits: powerLimits, commodityClass: "", exclusive },
      price: offer.price,
      eligibility: offer.eligibility,
      rules: offer.rules,
      leaseClass: offer.leaseClass,
      validUs: offer.endAfterUs,
    },
  };
}

const ANY_BAND = { lowerHz: 0, upperHz: 3_000_000_000_000 };

function wishSetting(wish: StandingWish, i: number): AgentSettings["wishes"][number] {
  const { lowerHz, upperHz } = wish.band ?? ANY_BAND;
  return {
    name: `${i} ${wish.resource ?? wish.commodity ?? "any"}`,
    commodity: wish.commodity ?? "",
    resource: wish.resource ?? "",
    lowestHz: lowerHz,
    highestHz: upperHz,
    widthHz: wish.widthHz,
    durationUs: wish.durationUs,
    priceMaxMicroUnits: wish.priceMax?.microUnits ?? 0n,
    currency: wish.priceMax?.currency ?? "",
    insist: wish.insist,
  };
}
