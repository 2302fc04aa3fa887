/**
 * Budget evasion by re-keying (issue of authority, Evidence): whoever takes a new lineage for each window's worth of uses is
 * stopped where the number is given, by the delegation's own book; a new key of the same lineage brings nothing either.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Authority } from "../../src/authority/authority.ts";
import { issue } from "../../src/authority/issue.ts";
import { renew } from "../../src/authority/renew.ts";
import { writeSnapshot } from "../../src/authority/revoke.ts";
import type { Subject } from "../../src/authority/subject.ts";
import { factsOf } from "../../src/core/budget/facts.ts";
import { emptyBook, timeOf, type UseBook, usedOf, withUse } from "../../src/core/budget/use-book.ts";
import type { BudgetTerm } from "../../src/core/record/budget-fields.ts";
import type { RecordOf } from "../../src/core/record/record.ts";
import {
  box,
  DAY_US,
  memoryParts,
  NOW_US,
  refused,
  root,
  subject,
  value,
  whole,
} from "../support/memory-authority.ts";

const ALLOWED = 3;
const WINDOW_US = 2 * DAY_US;
const term: BudgetTerm = {
  unit: "settlements",
  level: null,
  commodityClass: null,
  leaseClass: null,
  area: null,
  windowUs: WINDOW_US,
  window: "sliding",
  allowed: ALLOWED,
};

const ofAll = { ...whole, budgets: [term] };
/** Shared, so that nothing but the budget stands between two of them. */
const lets = (allowed: number, fromUs: number, untilUs: number) => ({
  ...whole,
  level: "licensee",
  verbs: ["allocate" as const],
  exclusive: false,
  depthLeft: 0,
  budgets: [{ ...term, allowed }],
  fromUs,
  untilUs,
});

/** Of bench-cabled: snapshots of a day, clocks within a second, mute within a second. */
const REACH_US = DAY_US + 2_000_000;

/** A credential, and the instant up to which somebody may still take it for valid. */
type Held = { readonly link: RecordOf<"credential">; takenUntilUs: number };

/** A lineage of the owner's. */
type Evader = { readonly who: Subject; key: Subject; held: readonly Held[]; book: UseBook };

/** Its book with one more use, as its fold counts it, where its credentials let it; else null. */
function withOneMore({ held, book }: Evader, nowUs: number): UseBook | null {
  const standing = held.filter(({ link, takenUntilUs }) => link.body.fromUs <= nowUs && nowUs < takenUntilUs);
  const [first] = standing;
  if (first === undefined) return null;
  const allowed = Math.max(...standing.map(({ link }) => link.body.budgets[0]?.allowed ?? 0));
  const eligibility = { level: "user", verb: "acquire" as const, eligibilityClass: "bench" };
  const block = { ...box, exclusive: false };
  const facts = factsOf("settlement", { eligibility, leaseClass: "bench" }, block, first.link);
  const moment = { interval: { earliestUs: nowUs, latestUs: nowUs }, boot: null };
  const used = usedOf(book, facts.authority, { ...term, allowed }, timeOf(book, moment));
  return used < allowed ? withUse(book, facts, moment) : null;
}

type Move = {
  readonly who: number;
  /** With a new key of the same lineage, first. */
  readonly rekeys: boolean;
  readonly asks: boolean;
  readonly allowed: number;
  readonly lastsUs: number;
  /** Between asking and using, and before the next move. */
  readonly waitsUs: readonly [number, number];
  readonly uses: number;
  readonly givesUp: boolean;
};

const quarters = (most: number) => fc.nat({ max: most }).map((n) => (n * DAY_US) / 4);
const move: fc.Arbitrary<Move> = fc.record({
  who: fc.nat({ max: 2 }),
  rekeys: fc.constantFrom(false, false, true),
  asks: fc.constantFrom(true, true, false),
  allowed: fc.constantFrom(1, ALLOWED - 1, ALLOWED),
  lastsUs: fc.integer({ min: 1, max: 3 }).map((days) => days * DAY_US),
  waitsUs: fc.tuple(quarters(4), quarters(4)),
  uses: fc.constantFrom(ALLOWED, 1),
  givesUp: fc.boolean(),
});

async function ask(authority: Authority, evader: Evader, { allowed, lastsUs }: Move, nowUs: number) {
  const given = await issue(authority, evader.key, lets(allowed, nowUs, nowUs + lastsUs), nowUs);
  if (given.ok) take(evader, given.value);
}

async function renewed(authority: Authority, evader: Evader, nowUs: number) {
  const last = evader.held.at(-1);
  if (last === undefined) return;
  const asked = { link: last.link, fromUs: nowUs, untilUs: null, subject: evader.key, keepOut: [] };
  const given = await renew(authority, asked, nowUs);
  if (given.ok) take(evader, given.value);
}

function take(evader: Evader, link: Held["link"]): void {
  evader.held = [...evader.held, { link, takenUntilUs: link.body.untilUs }];
}

async function giveUp(authority: Authority, { held }: Evader, nowUs: number) {
  const ids = held.map(({ link }) => link.id);
  value(await writeSnapshot(authority, ids, nowUs));
  for (const each of held) each.takenUntilUs = Math.min(each.takenUntilUs, nowUs + REACH_US);
}

describe("lineages of one owner below one delegation", () => {
  test("never use more together in a window than it has, however they are made, renewed, re-keyed and revoked", async () => {
    const evaders = await Promise.all([11, 12, 13].map((seed) => subject(seed, "one owner")));
    const { keyId } = await subject(21);
    const run = async (moves: readonly Move[]): Promise<void> => {
      const authority = await root(memoryParts(1), undefined, ofAll);
      const all = evaders.map((each): Evader => ({ who: each, key: each, held: [], book: emptyBook }));
      const used: number[] = [];
      let nowUs = NOW_US;
      for (const each of moves) {
        const evader = all[each.who] as Evader;
        if (each.rekeys) {
          evader.key = { ...evader.who, keyId };
          await renewed(authority, evader, nowUs);
        }
        if (each.asks) await ask(authority, evader, each, nowUs);
        nowUs += each.waitsUs[0];
        for (let i = 0; i < each.uses; i++) {
          nowUs += 1;
          const book = withOneMore(evader, nowUs);
          if (book === null) continue;
          evader.book = book;
          used.push(nowUs);
        }
        expect(used.filter((at) => at > nowUs - WINDOW_US).length).toBeLessThanOrEqual(ALLOWED);
        if (each.givesUp) await giveUp(authority, evader, nowUs);
        nowUs += each.waitsUs[1];
      }
    };
    await fc.assert(fc.asyncProperty(fc.array(move, { minLength: 2, maxLength: 8 }), run), { numRuns: 30 });
  });
});

describe("budget evasion by re-keying", () => {
  const DAYS_30_US = NOW_US + 30 * DAY_US;

  test("a new lineage of the same owner is given nothing while the old one holds the number", async () => {
    const authority = await root(memoryParts(1), undefined, ofAll);
    value(await issue(authority, await subject(2, "one owner"), lets(ALLOWED, NOW_US, DAYS_30_US), NOW_US));
    const again = await issue(authority, await subject(3, "one owner"), lets(1, NOW_US, DAYS_30_US), NOW_US);
    expect(again).toMatchObject({
      ok: false,
      rejections: [{ code: "budget-given-away", measured: { allowed: 1 }, required: { allowedMax: 0 } }],
    });
  });

  test("nor after it gave the old one up, until nobody takes that any more and its last use has left the window", async () => {
    const authority = await root(memoryParts(1), undefined, ofAll);
    const first = value(await issue(authority, await subject(2), lets(ALLOWED, NOW_US, DAYS_30_US), NOW_US));
    value(await writeSnapshot(authority, [first.id], NOW_US + 1));
    const freeUs = NOW_US + 1 + REACH_US + WINDOW_US;
    expect(freeUs).toBeLessThan(DAYS_30_US);
    const from = (fromUs: number) => lets(ALLOWED, fromUs, fromUs + DAY_US);
    const early = await issue(authority, await subject(3), from(freeUs - 1), freeUs - 1);
    expect(refused(early)).toEqual(["budget-given-away budgets"]);
    value(await issue(authority, await subject(3), from(freeUs), freeUs));
  });

  test("and a credential without the number, or with a greater one, is no way round it", async () => {
    const authority = await root(memoryParts(1), undefined, ofAll);
    const free = { ...lets(1, NOW_US, DAYS_30_US), budgets: [] };
    expect(refused(await issue(authority, await subject(2), free, NOW_US))).toEqual(["link-budget budgets"]);
    const more = lets(ALLOWED + 1, NOW_US, DAYS_30_US);
    expect(refused(await issue(authority, await subject(2), more, NOW_US))).toEqual(["link-budget budgets"]);
    const shorter = { ...free, budgets: [{ ...term, windowUs: 1, allowed: ALLOWED }] };
    expect(refused(await issue(authority, await subject(2), shorter, NOW_US))).toEqual([
      "link-budget budgets",
    ]);
  });
});
