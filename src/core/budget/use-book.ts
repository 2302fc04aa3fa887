/**
 * What a subject has used of its budgets, folded from its own records (PROTOCOL §7): counted in its lineage, by the
 * authority whose number it is, never by credential or key.
 *
 * Times are intervals. A use counts from its earliest edge until its latest has left the window. The book's own time only
 * goes forward, and within one boot no faster than the boot clock: a clock that steps empties no window.
 */
import { equalBytes } from "../base/bytes.ts";
import { areasMeet } from "../commodity/block.ts";
import { BUDGET_WINDOW_US_MAX, type BudgetTerm } from "../record/budget-fields.ts";
import type { Interval } from "../record/shared-fields.ts";
import type { Block, Vertex } from "../record/spectrum-fields.ts";
import { shrunkUs, stretchedUs } from "../settlement/renewal-bounds.ts";

/** A settlement as holder or an acceptance, made or about to be, as terms look at it. */
export type Facts = {
  readonly deed: "settlement" | "acceptance";
  /** Lineage of the issuer whose numbers apply, in hex. */
  readonly authority: string;
  /** That the offer asks for. */
  readonly level: string;
  readonly leaseClass: string;
  readonly commodityClass: string;
  readonly area: readonly Vertex[];
  readonly hertzSeconds: number;
};

type Use = Facts & {
  /** True time was not after this when it was made, by the book's own time. */
  readonly latestUs: number;
};

/** Where the boot clock stood, and the latest that true time can have been then. */
export type Anchor = { readonly bootId: Uint8Array; readonly bootUs: number; readonly latestUs: number };

export type UseBook = {
  /** In the order of the lineage; what no window can hold any more has left. */
  readonly uses: readonly Use[];
  /** True time was not before this at the last use. */
  readonly timeUs: number;
  /** Of the last use that named a boot clock. */
  readonly anchor: Anchor | null;
};

export type Moment = {
  readonly interval: Interval;
  /** null: the record names none. */
  readonly boot: Omit<Anchor, "latestUs"> | null;
};

/** Far more than any oscillator is off; a constant, so that whoever has the records counts the same. */
const BOOT_DRIFT_PPM = 1_000;

export const emptyBook: UseBook = { uses: [], timeUs: 0, anchor: null };

/** Width in Hz × duration in seconds, a begun second whole; what no counter holds is the greatest that one does. */
export function hertzSecondsOf({ lowerHz, upperHz, fromUs, untilUs }: Block): number {
  // Peer-controlled: the edges of a block that is still to be judged may stand the wrong way round.
  const seconds = Math.max(0, Math.ceil((untilUs - fromUs) / 1_000_000));
  return saturated(Math.max(0, upperHz - lowerHz) * seconds);
}

/** The book after one more use. */
export function withUse(book: UseBook, facts: Facts, moment: Moment): UseBook {
  const timeUs = timeOf(book, moment);
  const [latestUs, mostUs] = [moment.interval.latestUs, ceilingUs(book, book.anchor, moment)];
  // A clock that was set back says nothing of now: then the boot clock alone does.
  const isSetBack = latestUs < timeUs && mostUs !== Number.POSITIVE_INFINITY;
  const leftUs = Math.max(timeUs, isSetBack ? mostUs : Math.min(latestUs, mostUs));
  const uses = book.uses.filter((each) => each.latestUs + BUDGET_WINDOW_US_MAX > timeUs);
  const anchor = moment.boot === null ? book.anchor : { ...moment.boot, latestUs: leftUs };
  return { uses: [...uses, { ...facts, latestUs: leftUs }], timeUs, anchor };
}

/** The book's own time at `moment`; `also` is what this run knows besides, and no record says. */
export function timeOf(book: UseBook, moment: Moment, also: Anchor | null = null): number {
  const anchors = [book.anchor, also].map((each) => ceilingUs(book, each, moment));
  return Math.max(floorUs(book, moment), Math.min(moment.interval.earliestUs, ...anchors));
}

/** True time was not before the book's at its last use, and the boot clock has run since. */
function floorUs({ timeUs, anchor }: UseBook, { boot }: Moment): number {
  if (anchor === null || boot === null || !equalBytes(anchor.bootId, boot.bootId)) return timeUs;
  return timeUs + shrunkUs(Math.max(0, boot.bootUs - anchor.bootUs), BOOT_DRIFT_PPM);
}

/** No later than this can true time be: an anchor of the same boot, and what its clock has run since at most. */
function ceilingUs(book: UseBook, anchor: Anchor | null, { boot }: Moment): number {
  if (anchor === null || boot === null || !equalBytes(anchor.bootId, boot.bootId))
    return Number.POSITIVE_INFINITY;
  // The book knows better: that clock stood in the past, and what is counted from it would stop the book.
  if (anchor.latestUs < book.timeUs) return Number.POSITIVE_INFINITY;
  return anchor.latestUs + stretchedUs(Math.max(0, boot.bootUs - anchor.bootUs), BOOT_DRIFT_PPM);
}

/** What counts of `term`, a number of `authority`, at the book's time `atUs`. */
export function usedOf({ uses }: UseBook, authority: string, term: BudgetTerm, atUs: number): number {
  let used = 0;
  for (const use of uses) {
    if (use.authority !== authority || leavesUs(term, use.latestUs) <= atUs) continue;
    used = saturated(used + amountOf(term, use));
  }
  return used;
}

/** What it takes of `term`; 0 where the term is about others. */
export function amountOf(term: BudgetTerm, facts: Facts): number {
  const isOf =
    (term.level === null || term.level === facts.level) &&
    (term.commodityClass === null || term.commodityClass === facts.commodityClass) &&
    (term.leaseClass === null || term.leaseClass === facts.leaseClass);
  const amount = isOf ? amountOfUnit(term.unit, facts) : 0;
  return amount === 0 || term.area === null || meet(term.area, facts.area) ? amount : 0;
}

function amountOfUnit(unit: BudgetTerm["unit"], { deed, hertzSeconds }: Facts): number {
  switch (unit) {
    case "settlements":
      return deed === "settlement" ? 1 : 0;
    case "hertz-seconds":
      return deed === "settlement" ? hertzSeconds : 0;
    case "acceptances":
      return deed === "acceptance" ? 1 : 0;
    default:
      return 0;
  }
}

type Area = readonly Vertex[];

/** `areasMeet`, once for each two areas: a memo keyed by lists that nobody changes once they are decoded. */
function meet(term: Area, of: Area): boolean {
  const under = MEETINGS.get(term) ?? new WeakMap<Area, boolean>();
  MEETINGS.set(term, under);
  const known = under.get(of) ?? areasMeet(term, of);
  under.set(of, known);
  return known;
}

const MEETINGS: WeakMap<Area, WeakMap<Area, boolean>> = new WeakMap();

/** When less than `allowed` will count, nothing being added; null: never. */
export function roomFromUs(book: UseBook, authority: string, term: BudgetTerm, atUs: number): number | null {
  const counting = book.uses
    .filter((use) => use.authority === authority)
    .map((use) => ({ untilUs: leavesUs(term, use.latestUs), amount: amountOf(term, use) }))
    .filter(({ untilUs }) => untilUs > atUs)
    .sort((a, b) => a.untilUs - b.untilUs);
  let used = usedOf(book, authority, term, atUs);
  if (used < term.allowed) return atUs;
  for (const { untilUs, amount } of counting) {
    used -= amount;
    if (used < term.allowed) return untilUs;
  }
  return null;
}

/** The first instant of which the window that ends there holds nothing of a use; fixed ones hold it to their end. */
export function leavesUs({ window, windowUs }: BudgetTerm, latestUs: number): number {
  return window === "sliding" ? latestUs + windowUs : latestUs - (latestUs % windowUs) + windowUs;
}

export function saturated(amount: number): number {
  return Math.min(Number.MAX_SAFE_INTEGER, amount);
}
