/** Grants and licences as files: what a credential entitles to, with units (PROTOCOL §3 Link, Scope). */
import * as z from "zod";
import type { BudgetTerm } from "../core/record/budget-fields.ts";
import type { RegisteredIdentifier, Verb } from "../core/record/kinds/credential.ts";
import { limits } from "../core/wire/limits.ts";
import { budgets, holdingsMax } from "./budget-schema.ts";
import type { Grant, GrantEnd, GrantedBox } from "./grant.ts";
import { instant } from "./instant.ts";
import {
  type Complaining,
  choice,
  complain,
  count,
  firstTwice,
  flag,
  freeText,
  list,
  map,
  type Piece,
  printableText,
  word,
} from "./leaf.ts";
import { edges } from "./offer-schema.ts";
import { complaint } from "./profile-error.ts";
import { powerLimit, quantity } from "./quantity.ts";
import { DURATION } from "./units.ts";
import { type WrittenArea, writtenArea } from "./written-area.ts";

export const GRANT_SCHEMA = "spectrum-agent.grant/1";

export const VERBS: readonly Verb[] = ["allocate", "acquire", "issue", "audit", "preempt"];
const POWER_LIMITS_MAX = 8;
const CLASSES_MAX = 16;
const IDENTIFIERS_MAX = 8;
const KEEP_OUT_MAX = 16;
const SECOND_US = 1_000_000;
/** Nobody's licence lasts longer, and a slip in the unit would. */
const LIFE_US_MAX = 100 * 366 * 86_400 * SECOND_US;

/** Flags of a command, which go before the file's own words. */
export type GrantGiven = {
  readonly level?: string | undefined;
  readonly verbs?: readonly Verb[] | undefined;
  readonly eligibilityClasses?: readonly string[] | undefined;
  readonly exclusive?: boolean | undefined;
  readonly depthLeft?: number | undefined;
  readonly fromUs?: number | undefined;
  readonly end?: GrantEnd | undefined;
};

export type WrittenBox = Omit<GrantedBox, "area"> & { readonly area: WrittenArea };

/** A grant whose GeoJSON files are still to be read. */
export type WrittenGrant = Omit<Grant, "scope" | "keepOut"> & {
  readonly scope: readonly WrittenBox[];
  readonly keepOut: readonly WrittenArea[];
};

export function grantDocument(given: GrantGiven): Piece<WrittenGrant> {
  return map({ schema: z.literal(GRANT_SCHEMA), ...grantKeys() }).transform((written, context) =>
    grantOf(written, given, context),
  );
}

/** What the keys of a grant say, each as far as it stands there. */
export type GrantWords = {
  readonly level: string | undefined;
  readonly verbs: readonly Verb[] | undefined;
  readonly classes: readonly string[] | undefined;
  readonly exclusive: boolean | undefined;
  readonly depth: number | undefined;
  readonly from: number | undefined;
  readonly until: number | undefined;
  readonly duration: number | undefined;
  readonly budgets: readonly BudgetTerm[] | undefined;
  readonly "holdings-max": number | undefined;
  readonly scope: readonly WrittenBox[];
  readonly "keep-out": readonly WrittenArea[] | undefined;
  readonly identifiers: readonly RegisteredIdentifier[] | undefined;
  readonly contact: string | undefined;
  readonly "revocation-channel": string | undefined;
};

type GrantKeys = { readonly [K in keyof GrantWords]: Piece<GrantWords[K]> };

export function grantKeys(): GrantKeys {
  return {
    level: word(64, "a level of the common policy").optional(),
    verbs: list(choice(VERBS, "a verb"), 1, VERBS.length, "what the subject may do").optional(),
    classes: list(word(32, "an eligibility class"), 0, CLASSES_MAX, "as offers ask for").optional(),
    exclusive: flag("true: nobody else may let any of it; false, or left out: shared").optional(),
    depth: count(
      0,
      limits.CHAIN_LINKS_MAX - 1,
      "links that may follow below; 0, or left out: none",
    ).optional(),
    budgets: budgets("how much the subject may do in a window").optional(),
    "holdings-max": holdingsMax("bandwidth that it may hold at one time, over all sellers").optional(),
    from: instant("begin of the validity; left out: at once").optional(),
    until: instant("end of the validity").optional(),
    duration: quantity(DURATION, "of the validity, instead of `until`", {
      min: SECOND_US,
      max: LIFE_US_MAX,
    }).optional(),
    scope: list(boxSection(), 1, limits.SCOPE_BOXES_MAX, "boxes; each block lies inside one of them"),
    "keep-out": list(
      writtenArea("an area", "protects"),
      0,
      KEEP_OUT_MAX,
      "areas that no box may touch",
    ).optional(),
    identifiers: list(identifierSection(), 0, IDENTIFIERS_MAX, "call sign, lease id, …").optional(),
    contact: freeText(200, "whom to call at any hour").optional(),
    "revocation-channel": freeText(200, "where status snapshots are found").optional(),
  };
}

/** A call sign, an FRN, an FCC ID, a lease id. */
export function identifierSection(): Piece<RegisteredIdentifier> {
  return map({
    scheme: printableText(64, "whose register, or what kind of number"),
    value: freeText(200, "the number or name"),
  });
}

function boxSection(): Piece<WrittenBox> {
  return map(
    {
      band: edges(),
      area: writtenArea("where", "grants"),
      from: instant("begin; left out: that of the validity").optional(),
      until: instant("end; left out: that of the validity").optional(),
      limits: list(powerLimit("a power limit"), 1, POWER_LIMITS_MAX, "power limits; all of them hold"),
      "commodity-class": word(64, "class of the commodity's schema"),
    },
    "a box of spectrum",
  ).transform((written, context): WrittenBox => {
    const { band, area, from = null, until = null } = written;
    if (from !== null && until !== null && until <= from) {
      complain(context, ["until"], complaint("fields-order", "after `from`"));
    }
    const [lowerHz = 0, upperHz = 1] = band;
    return {
      lowerHz,
      upperHz,
      area,
      fromUs: from,
      untilUs: until,
      limits: written.limits,
      commodityClass: written["commodity-class"],
    };
  });
}

export function grantOf(written: GrantWords, given: GrantGiven, context: Complaining): WrittenGrant {
  const absent = (key: string, allowed: string): void =>
    complain(context, [key], complaint("field-absent", allowed, `write it, or give --${key}`));
  const level = given.level ?? written.level;
  const verbs = given.verbs ?? written.verbs;
  if (level === undefined) absent("level", "a level of the common policy");
  if (verbs === undefined) absent("verbs", VERBS.join(" | "));
  for (const [key, words] of [
    ["verbs", written.verbs],
    ["classes", written.classes],
  ] as const) {
    const twice = firstTwice<string>(words ?? [], (each) => each);
    if (twice >= 0) complain(context, [key, twice], complaint("field-twice", "each word once"));
  }
  return {
    level: level ?? "",
    verbs: verbs ?? [],
    eligibilityClasses: given.eligibilityClasses ?? written.classes ?? [],
    exclusive: given.exclusive ?? written.exclusive ?? false,
    depthLeft: given.depthLeft ?? written.depth ?? 0,
    budgets: written.budgets ?? [],
    holdingsMaxHz: written["holdings-max"] ?? null,
    ...validityOf(written, given, context),
    scope: written.scope,
    keepOut: written["keep-out"] ?? [],
    identifiers: written.identifiers ?? [],
    contact: written.contact ?? null,
    revocationChannel: written["revocation-channel"] ?? null,
  };
}

function validityOf(
  { from, until, duration }: GrantWords,
  given: GrantGiven,
  context: Complaining,
): Pick<WrittenGrant, "fromUs" | "end"> {
  const fromUs = given.fromUs ?? from ?? null;
  const form = complaint("fields-conflict", "either `until` or `duration`", "or give --until");
  if (until !== undefined && duration !== undefined) complain(context, ["duration"], form);
  if (until === undefined && duration === undefined && given.end === undefined)
    complain(context, ["until"], form);
  const written: GrantEnd =
    until === undefined
      ? { kind: "duration", durationUs: duration ?? SECOND_US }
      : { kind: "instant", untilUs: until };
  const end = given.end ?? written;
  if (end.kind === "instant" && fromUs !== null && end.untilUs <= fromUs) {
    complain(context, ["until"], complaint("fields-order", "after `from`"));
  }
  return { fromUs, end };
}
