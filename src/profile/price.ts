/** Prices in files: `12.50 EUR`, exact to the millionth of the currency's unit. */
import type { PriceTerms } from "../core/record/kinds/offer.ts";
import { leaf, type Piece, type Reading, read, refuse } from "./leaf.ts";
import { complaint } from "./profile-error.ts";

const PRICE = /^([0-9]{1,13})(?:[.]([0-9]+))? ([A-Z][A-Z0-9]{2,7})$/;
const MICRO_PLACES = 6;

export function price(description: string): Piece<PriceTerms> {
  const allowed = "an amount and a currency code, as in 12.50 EUR";
  const form = {
    type: "string",
    description,
    pattern: "^[0-9]{1,13}([.][0-9]{1,6})? [A-Z][A-Z0-9]{2,7}$",
    examples: ["12.50 EUR", "0 EUR"],
  } as const;
  return leaf(form, allowed, (value): Reading<PriceTerms> => {
    if (typeof value === "number")
      return refuse(complaint("unit-missing", allowed, "write the currency, as in `12.50 EUR`"));
    if (typeof value !== "string") return refuse(complaint("field-type", allowed));
    const parts = PRICE.exec(value);
    if (parts === null) return refuse(complaint("field-form", allowed, "an amount is never negative"));
    const [, whole = "", fraction = "", currency = ""] = parts;
    if (fraction.length > MICRO_PLACES)
      return refuse(complaint("number-not-exact", `${allowed}, at most ${MICRO_PLACES} places`));
    const microUnits = BigInt(whole + fraction.padEnd(MICRO_PLACES, "0"));
    return read({ form: "fixed", microUnits, currency });
  });
}
