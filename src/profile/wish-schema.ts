/** The list `accepts`: what a consumer accepts by itself as soon as an offer fits. */
import type { StandingWish } from "./agent-profile.ts";
import { complain, flag, map, type Piece, token, word } from "./leaf.ts";
import { edges } from "./offer-schema.ts";
import { price } from "./price.ts";
import { complaint } from "./profile-error.ts";
import { powerLimit, quantity } from "./quantity.ts";
import { DURATION, FREQUENCY } from "./units.ts";

const SECOND_US = 1_000_000;

export function standingWish(): Piece<StandingWish> {
  return map(
    {
      resource: token(64, "accept offers of this resource only").optional(),
      commodity: word(64, "accept offers of this commodity only").optional(),
      band: edges().optional(),
      width: quantity(FREQUENCY, "accept so much; left out, all that is offered", { min: 1 }).optional(),
      duration: quantity(DURATION, "of the lease", { min: SECOND_US }),
      power: powerLimit("what the radio will emit, EIRP on the whole carrier"),
      "price-max": price("the most for one acceptance; left out, only what is free").optional(),
      insist: flag("send even where the own check expects a refusal; for a bench").prefault(false),
    },
    "a wish",
  ).transform((wish, context): StandingWish => {
    if (wish.resource === undefined && wish.commodity === undefined) {
      const told = complaint(
        "fields-conflict",
        "`resource` or `commodity`, or both",
        "else anything would fit",
      );
      complain(context, ["resource"], told);
    }
    const { centiDbm, referenceHz, measure, detector } = wish.power;
    if (referenceHz !== 0 || measure !== "eirp" || detector !== "rms") {
      const told = complaint("field-form", "EIRP on the whole carrier, as in 10dBm EIRP");
      complain(context, ["power"], told);
    }
    const [lowerHz, upperHz] = wish.band ?? [];
    const band = lowerHz === undefined || upperHz === undefined ? null : { lowerHz, upperHz };
    const widthHz = wish.width ?? null;
    if (band !== null && widthHz !== null && widthHz > band.upperHz - band.lowerHz) {
      complain(context, ["width"], complaint("fields-order", "at most the width of `band`"));
    }
    return {
      resource: wish.resource ?? null,
      commodity: wish.commodity ?? null,
      band,
      widthHz,
      durationUs: wish.duration,
      eirpCentiDbm: centiDbm,
      priceMax: wish["price-max"] ?? null,
      insist: wish.insist,
    };
  });
}
