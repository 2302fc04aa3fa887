/** Every interleaving of small scopes over the production step, and what is found where a sentence is missing (PROTOCOL §2, §6). */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Scope } from "../../../src/sim/explore/scope.ts";
import {
  bootBoundAlone,
  bootBoundScopes,
  consumerTakesItsCentre,
  consumerTrustsItsClock,
  declaresTenth,
  expiryBoundAlone,
  expiryBoundScopes,
  HUNDREDTH,
  hasClocks,
  holderTakesItsCentre,
  holderTrustsItsClock,
  isFarthest,
  NINE_TEN_ELEVEN,
  OFFSET_US,
} from "./bounds-alone.ts";
import type { Comparison, Told } from "./explore-program.ts";
import { type Exploring, openExploring } from "./exploring.ts";
import { planted } from "./planted-changes.ts";
import { comparedScopes, contested, faultless, givingUp, lapsing, reletting, restored } from "./scopes.ts";

const LONG_MS = 600_000;
let exploring: Exploring;

beforeAll(() => {
  exploring = openExploring();
}, LONG_MS);

afterAll(() => exploring.close());

function expectClosed(found: readonly Told[], statesMin: number): void {
  const open = found.filter(
    ({ isClosed, breach, states }) => !isClosed || breach !== null || states < statesMin,
  );
  expect(open).toEqual([]);
  expect(found).not.toEqual([]);
}

describe("every interleaving holds the invariants, and the space closes", () => {
  test(
    "two agents and one offer with any two messages lost or doubled, crashes, reboots or expiries, at any effect",
    async () => {
      const found = await exploring.explored([{ adverse: 2 }]);
      expectClosed(found, 500_000);
      expect(found[0]?.agreements).toBeGreaterThan(5_000);
    },
    LONG_MS,
  );

  test(
    "three agents and one contested offer with any one of them",
    async () => expectClosed(await exploring.explored([{ ...contested, adverse: 1 }]), 100_000),
    LONG_MS,
  );

  test(
    "a holder in quarantine, on a log that lacks what it settled, and any one of them at anybody",
    async () => expectClosed(await exploring.explored([{ ...restored, adverse: 1 }]), 300_000),
    LONG_MS,
  );

  test(
    "nothing goes wrong while consumers relinquish, leases lapse or are ended, a log lacks its end, or an offer is contested",
    async () => expectClosed(await exploring.explored(faultless), 300),
    LONG_MS,
  );
});

describe("what is spared changes nothing", () => {
  test(
    "with nothing spared the same states are reached, and time ends in the same ones",
    async () => {
      const found = await exploring.explored(comparedScopes, { compares: true });
      expectClosed(found, 300);
      const compared = found.map(({ comparison }) => comparison as Comparison);
      for (const { states, missed, invented, breach, alike, endsAlike } of compared) {
        expect({ missed, invented, breach }).toEqual({ missed: 0, invented: 0, breach: null });
        expect(states).toBeGreaterThanOrEqual(alike);
        expect(endsAlike).toBeGreaterThan(0);
      }
    },
    LONG_MS,
  );
});

describe("a sentence that safety rests on is missed where it is taken away", () => {
  test.each(planted.map((each) => [each.lacks, each] as const))(
    "%s",
    async (_, { changes, scope, foundBy }) => {
      const [found] = await exploring.exploredWith(changes, [scope]);
      expect(found?.breach?.invariant).toBe(foundBy);
    },
    LONG_MS,
  );
});

/** Closed, and the block went to the second consumer in some history: before that no bound is asked for. */
function expectRelet(found: readonly Told[], statesMin: number): void {
  expectClosed(found, statesMin);
  expect(found.map(({ leasesMost }) => leasesMost)).toEqual(found.map(() => 2));
}

describe("each bound of a renewal holds alone, with the other one taken away", () => {
  const without = (scopes: readonly Partial<Scope>[]): readonly Partial<Scope>[] =>
    scopes.map((scope) => ({ ...scope, adverse: 0 }));

  test(
    "the boot-clock bound, at every pair of rates, and with a reboot of any host where the clocks differ most",
    async () => {
      const scopes = bootBoundScopes(NINE_TEN_ELEVEN);
      const far = scopes.filter(isFarthest);
      expect(far.length).toBe(2);
      const changes = [...bootBoundAlone, ...declaresTenth];
      expectRelet(await exploring.exploredWith(changes, [...without(scopes), ...far]), 400);
    },
    LONG_MS,
  );

  test(
    "the boot-clock bound with clocks as far off as records that ship may declare",
    async () => {
      const scopes = without(bootBoundScopes(HUNDREDTH));
      expectRelet(await exploring.exploredWith(bootBoundAlone, scopes), 400);
    },
    LONG_MS,
  );

  test(
    "the expiry bound, at every pair of rates, each receiver an instant early or late, and with a reboot at the farthest",
    async () => {
      const scopes = expiryBoundScopes(NINE_TEN_ELEVEN);
      const off = scopes.filter(({ clocks = [] }) => clocks.every(({ timeErrorUs }) => timeErrorUs !== 0));
      const far = scopes.filter(isFarthest);
      expect([off.length, far.length]).toEqual([36, 2]);
      const changes = [...expiryBoundAlone, ...declaresTenth];
      expectRelet(await exploring.exploredWith(changes, [...without(off), ...far]), 400);
    },
    LONG_MS,
  );

  test(
    "and clocks that are trusted too far are found under each bound, and hidden by the other",
    async () => {
      const trusting = [...declaresTenth, holderTrustsItsClock, consumerTrustsItsClock];
      // A fast holder and a slow consumer; a consumer whose guard is late.
      const boot = without(bootBoundScopes(NINE_TEN_ELEVEN).filter(hasClocks({ rates: [1_100, 900] })));
      const expiry = without(
        expiryBoundScopes(NINE_TEN_ELEVEN).filter(
          hasClocks({ rates: [1_000, 900], errors: [0, -OFFSET_US] }),
        ),
      );
      const [byBoot] = await exploring.exploredWith([...bootBoundAlone, ...trusting], boot);
      const [byExpiry] = await exploring.exploredWith([...expiryBoundAlone, ...trusting], expiry);
      const [both] = await exploring.exploredWith(trusting, boot);
      expect(byBoot?.breach?.invariant).toBe("block-let-once");
      expect(byExpiry?.breach?.invariant).toBe("silent-by-transmit-expiry");
      expect(both?.breach).toBeNull();
    },
    LONG_MS,
  );

  test.each([
    ["a holder", holderTakesItsCentre, "block-let-once", [OFFSET_US, 0]],
    ["a consumer", consumerTakesItsCentre, "silent-by-transmit-expiry", [0, -OFFSET_US]],
  ] as const)(
    "and %s that takes its receiver at its word is found where that is an instant off, and only there",
    async (_, changes, invariant, errors) => {
      const scopes = expiryBoundScopes(NINE_TEN_ELEVEN).filter(hasClocks({ rates: [1_000, 1_000] }));
      const off = scopes.filter(hasClocks({ errors }));
      const on = scopes.filter(hasClocks({ errors: [0, 0] }));
      const planted = [...expiryBoundAlone, ...declaresTenth, ...changes];
      // With radios that fall silent at once, so that what comes an instant too early comes at a stop of time.
      const atOnce = without([...off, ...on]).map((scope) => ({ ...scope, muteLatencyUs: 0 }));
      const found = await exploring.exploredWith(planted, atOnce);
      expect(found.map(({ breach }) => breach?.invariant)).toEqual([invariant, undefined]);
    },
    LONG_MS,
  );
});

const soakStates = Number(process.env["SPECTRUM_EXPLORE_STATES"] ?? 0);

describe("the soak (skipped unless SPECTRUM_EXPLORE_STATES says how many states at most)", () => {
  test.skipIf(soakStates === 0).each([
    ["three agents and one contested offer, any two adverse events", contested],
    ["a consumer that relinquishes, any one adverse event", { ...givingUp, adverse: 1 }],
    ["a lease that lapses, any one adverse event", { ...lapsing, adverse: 1 }],
    ["a lease that is ended, any one adverse event", { ...reletting, adverse: 1 }],
  ] as const)(
    "%s: no breach, to closure or the bound",
    async (_, scope) => {
      const [found] = await exploring.explored([scope], { statesMax: soakStates });
      const reached =
        found?.isClosed === true ? "closed" : `the bound of ${soakStates} states was reached, not closed`;
      process.stderr.write(`${found?.scope}: ${found?.states} states, ${found?.events} events, ${reached}\n`);
      expect(found?.breach).toBeNull();
    },
    0,
  );

  test.skipIf(soakStates === 0).each([
    [
      "boot-clock",
      "nine, ten and eleven",
      [...bootBoundAlone, ...declaresTenth],
      bootBoundScopes(NINE_TEN_ELEVEN),
    ],
    ["boot-clock", "99, 100 and 101", bootBoundAlone, bootBoundScopes(HUNDREDTH)],
    [
      "expiry",
      "nine, ten and eleven",
      [...expiryBoundAlone, ...declaresTenth],
      expiryBoundScopes(NINE_TEN_ELEVEN),
    ],
    ["expiry", "99, 100 and 101", expiryBoundAlone, expiryBoundScopes(HUNDREDTH)],
  ] as const)(
    "the %s bound alone, at every pair of %s and of offsets, with a reboot of any host",
    async (name, rates, changes, scopes) => {
      const found = await exploring.exploredWith(changes, scopes);
      const states = found.reduce((sum, each) => sum + each.states, 0);
      process.stderr.write(`the ${name} bound alone, ${rates}: ${found.length} spaces, ${states} states\n`);
      expectRelet(found, 10_000);
    },
    0,
  );
});
