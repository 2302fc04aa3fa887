/** The search for a smaller world that breaks the same invariant (src/sim/shrink.ts). */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FAULT_NAMES, type FaultName } from "../../src/sim/faults/fault-names.ts";
import { type Broken, type ShrinkableWorld, shrink } from "../../src/sim/shrink.ts";

/** A breach that needs some faults, so many agents, and a storm of so many events. */
type Cause = { readonly needs: readonly FaultName[]; readonly agents: number; readonly events: number };

const ENOUGH = 10_000;
const isInterrupted = (): boolean => false;

function runOf({ needs, agents, events }: Cause, atEnd: boolean) {
  return async (world: ShrinkableWorld): Promise<Broken | null> => {
    const strikes = needs.every((name) => !world.without.includes(name));
    if (!strikes || world.agents < agents || world.events < events) return null;
    const struck = FAULT_NAMES.filter((name) => !world.without.includes(name));
    return { invariant: "one", atEvent: events, atEnd, struck };
  };
}

/** The cause, and a world in which it breaks something. */
const broken = fc
  .record({
    needs: fc.subarray([...FAULT_NAMES], { maxLength: 4 }),
    agents: fc.integer({ min: 2, max: 40 }),
    events: fc.integer({ min: 1, max: 100_000 }),
    moreAgents: fc.integer({ min: 0, max: 1_000 }),
    moreEvents: fc.integer({ min: 0, max: 1_000_000 }),
    atEnd: fc.boolean(),
  })
  .map(({ moreAgents, moreEvents, atEnd, ...cause }) => ({
    cause,
    atEnd,
    world: {
      agents: cause.agents + moreAgents,
      events: cause.events + moreEvents,
      until: null,
      without: [],
    },
  }));

async function shrunkFrom(run: ReturnType<typeof runOf>, world: ShrinkableWorld, triesMax: number) {
  const first = await run(world);
  expect(first, "the world breaks something to begin with").not.toBeNull();
  let tries = 0;
  const counted = (each: ShrinkableWorld): Promise<Broken | null> => {
    tries += 1;
    return run(each);
  };
  const result = await shrink(world, first as Broken, {
    run: counted,
    onTry: () => {},
    triesMax,
    isInterrupted,
  });
  expect(result.tries).toBe(tries);
  return result;
}

describe("a shrunk world", () => {
  test("has the agents, the events and the faults that its breach needs, and no others", async () => {
    await fc.assert(
      fc.asyncProperty(broken, async ({ cause, atEnd, world }) => {
        const { world: small } = await shrunkFrom(runOf(cause, atEnd), world, ENOUGH);
        expect(small.agents).toBe(cause.agents);
        expect(small.events).toBe(cause.events);
        expect(small.until).toBe(atEnd ? null : cause.events);
        const left = FAULT_NAMES.filter((name) => !small.without.includes(name));
        expect([...left].sort()).toEqual([...cause.needs].sort());
      }),
    );
  });

  test("breaks the same invariant after however few tries, and takes no more than it may", async () => {
    await fc.assert(
      fc.asyncProperty(broken, fc.integer({ min: 0, max: 30 }), async ({ cause, atEnd, world }, triesMax) => {
        const run = runOf(cause, atEnd);
        const { world: small, tries, broken: breach } = await shrunkFrom(run, world, triesMax);
        expect(tries).toBeLessThanOrEqual(triesMax);
        expect(await run(small)).toEqual(breach);
      }),
    );
  });

  test("is the found one, ended at its breach, where nothing smaller breaks anything", async () => {
    const world = { agents: 5, events: 900, until: null, without: [] };
    const first: Broken = { invariant: "one", atEvent: 700, atEnd: false, struck: ["kill"] };
    const { world: small } = await shrink(world, first, {
      run: async () => null,
      onTry: () => {},
      triesMax: ENOUGH,
      isInterrupted,
    });
    expect(small).toEqual({ agents: 5, events: 700, until: 700, without: [] });
  });

  test("never breaks another invariant instead", async () => {
    const first: Broken = { invariant: "one", atEvent: 700, atEnd: false, struck: ["kill", "loss"] };
    const run = async ({ agents, without }: ShrinkableWorld): Promise<Broken> =>
      agents < 9 || without.includes("loss") ? { ...first, invariant: "other" } : first;
    const tried: boolean[] = [];
    const { world: small } = await shrink({ agents: 20, events: 700, until: null, without: [] }, first, {
      run,
      onTry: (_, isBroken) => tried.push(isBroken),
      triesMax: ENOUGH,
      isInterrupted,
    });
    expect(small).toEqual({ agents: 9, events: 700, until: 700, without: ["kill"] });
    expect(tried).toContain(false);
  });

  test("is the smallest so far where the search is interrupted, and the run that was cut short counts for nothing", async () => {
    const cause = { needs: [], agents: 3, events: 500 };
    const world = { agents: 40, events: 900, until: null, without: [] };
    const first = (await runOf(cause, false)(world)) as Broken;
    let runs = 0;
    const tried: number[] = [];
    const { world: small, tries } = await shrink(world, first, {
      // The third run is cut short: whatever it broke by then is not known.
      run: async (each) => (++runs < 3 ? runOf(cause, false)(each) : null),
      onTry: (_world, _isBroken, count) => tried.push(count),
      triesMax: ENOUGH,
      isInterrupted: () => runs >= 3,
    });
    expect([runs, tries, tried]).toEqual([3, 2, [1, 2]]);
    expect(small.until).toBe(500);
    expect(await runOf(cause, false)(small)).not.toBeNull();
  });
});
