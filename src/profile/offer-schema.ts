/** The list `offers`: what a holder offers as long as it stands in the profile (PROTOCOL §6 Bodies). */
import type { RuleId } from "../core/record/kinds/offer.ts";
import type { OfferedTime, StandingOffer } from "./agent-profile.ts";
import { area } from "./area-schema.ts";
import { instant } from "./instant.ts";
import {
  type Complaining,
  choice,
  complain,
  firstTwice,
  flag,
  list,
  map,
  type Piece,
  token,
  word,
} from "./leaf.ts";
import { price } from "./price.ts";
import { complaint } from "./profile-error.ts";
import { powerLimit, quantity, type Range } from "./quantity.ts";
import { DURATION, FREQUENCY } from "./units.ts";

const RULES: readonly RuleId[] = ["content-match", "handshake", "derivation"];
const LIMITS_MAX = 8;
const RULES_MAX = 4;
const HZ: Range = { min: 1, max: FREQUENCY.max };
/** A standing offer costs a signature and a record each time. */
const REFRESH: Range = { min: 100_000, max: 86_400_000_000 };
const SECOND_US = 1_000_000;
const YEAR_US = 366 * 86_400 * SECOND_US;

export function standingOffer(): Piece<StandingOffer> {
  return map(
    {
      resource: token(64, "identifier of the resource; content-match compares it bytewise"),
      commodity: word(64, "name of the commodity's schema"),
      ...bandKeys(),
      area: area("where the block may be used"),
      from: instant("start of the block; left out, it starts with each issue").optional(),
      until: instant("end of the block, with `from`").optional(),
      duration: quantity(DURATION, "of the block, instead of `until`", {
        min: SECOND_US,
        max: YEAR_US,
      }).optional(),
      limits: list(powerLimit("a power limit"), 1, LIMITS_MAX, "power limits; all of them hold"),
      exclusive: flag("true: nobody else gets any of it; false: shared"),
      price: price("for the whole acceptance"),
      eligibility: map(
        {
          level: word(64, "least level of the consumer's credential"),
          class: word(32, "eligibility class that its credential names"),
        },
        "who may accept",
      ),
      rules: list(
        choice(RULES, "a recognition rule"),
        1,
        RULES_MAX,
        "in order; more than one is the composite rule",
      ),
      "lease-class": word(64, "a lease class of the common policy"),
      "end-after": quantity(DURATION, "no acceptance later than this after the issue", REFRESH),
      refresh: quantity(
        DURATION,
        "issue the offer anew so often; policy's temporal window has to leave room",
        REFRESH,
      ),
    },
    "an offer",
  ).transform((offer, context): StandingOffer => {
    const band = bandOf(offer, context);
    if (firstTwice(offer.rules, String) >= 0) {
      const told = complaint("field-twice", "each rule once");
      complain(context, ["rules", firstTwice(offer.rules, String)], told);
    }
    if (offer.refresh > offer["end-after"]) {
      complain(context, ["refresh"], complaint("fields-order", "at most `end-after`"));
    }
    const { resource, commodity, limits, exclusive, rules, eligibility } = offer;
    return {
      resource,
      commodity,
      ...band,
      area: offer.area,
      when: offeredTime(offer, context),
      limits,
      exclusive,
      price: offer.price,
      eligibility: { level: eligibility.level, verb: "acquire", eligibilityClass: eligibility.class },
      rules,
      leaseClass: offer["lease-class"],
      endAfterUs: offer["end-after"],
      refreshUs: offer.refresh,
    };
  });
}

/** A band is written as its edges, or as centre and width. */
type WrittenBand = {
  readonly band?: readonly number[] | undefined;
  readonly centre?: number | undefined;
  readonly width?: number | undefined;
};

type BandKeys = { readonly [K in keyof WrittenBand]-?: Piece<WrittenBand[K]> };

function bandKeys(): BandKeys {
  return {
    band: edges().optional(),
    centre: quantity(FREQUENCY, "middle of the block, with `width`", HZ).optional(),
    width: quantity(FREQUENCY, "width of the block, an even number of Hz, with `centre`", HZ).optional(),
  };
}

/** [lower, upper]. */
export function edges(): Piece<readonly number[]> {
  return list(quantity(FREQUENCY, "an edge"), 2, 2, "lower and upper edge, the upper one outside").transform(
    (pair, context): readonly number[] => {
      const [lower = 0, upper = 0] = pair;
      if (lower >= upper) complain(context, [1], complaint("fields-order", "above the lower edge"));
      return pair;
    },
  );
}

type Band = { readonly lowerHz: number; readonly upperHz: number };

function bandOf({ band, centre, width }: WrittenBand, context: Complaining): Band {
  const nothing: Band = { lowerHz: 0, upperHz: 1 };
  const form = complaint("fields-conflict", "either `band`, or `centre` and `width`");
  if (band !== undefined) {
    if (centre !== undefined || width !== undefined) complain(context, ["band"], form);
    return { lowerHz: band[0] ?? 0, upperHz: band[1] ?? 1 };
  }
  if (centre === undefined || width === undefined) {
    complain(context, [centre === undefined ? (width === undefined ? "band" : "centre") : "width"], form);
    return nothing;
  }
  if (width % 2 !== 0) {
    const told = complaint("number-not-exact", "an even number of Hz", "or write `band: [lower, upper]`");
    complain(context, ["width"], told);
  }
  if (width / 2 > centre) complain(context, ["width"], complaint("field-range", "at most twice `centre`"));
  return { lowerHz: centre - Math.floor(width / 2), upperHz: centre + Math.ceil(width / 2) };
}

type WrittenTime = {
  readonly from?: number | undefined;
  readonly until?: number | undefined;
  readonly duration?: number | undefined;
};

function offeredTime({ from, until, duration }: WrittenTime, context: Complaining): OfferedTime {
  const form = complaint("fields-conflict", "`duration`, or `from` and `until`, or `from` and `duration`");
  if (from === undefined) {
    if (until !== undefined) complain(context, ["until"], form);
    else if (duration === undefined) complain(context, ["duration"], form);
    return { kind: "from-issue", durationUs: duration ?? 0 };
  }
  if ((until === undefined) === (duration === undefined)) {
    complain(context, [until === undefined ? "from" : "duration"], form);
  }
  const untilUs = until ?? from + (duration ?? 0);
  if (until !== undefined && until <= from) {
    complain(context, ["until"], complaint("fields-order", "after `from`"));
  }
  return { kind: "fixed", fromUs: from, untilUs };
}
