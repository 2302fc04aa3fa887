/** Power lost at every operation of the store, and again during the recovery from it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Disk } from "../../../src/adapters/store/disk.ts";
import { openSegmentStore } from "../../../src/adapters/store/segment-store.ts";
import { PortError } from "../../../src/ports/port-error.ts";
import type { Store, Tail } from "../../../src/ports/store.ts";
import { numbered } from "../../conformance/store-frames.ts";
import { codeOf, type Layout, Ledger, type World, world } from "./simulated-store.ts";

type Step =
  /** Appends made at the same time, as lists of frame lengths. */
  { readonly append: readonly (readonly number[])[] } | "close and open" | { readonly mark: number | null };

type Scenario = { readonly name: string; readonly layout: Layout; readonly steps: readonly Step[] };

const SCENARIOS: readonly Scenario[] = [
  {
    name: "one frame after the other",
    layout: {},
    steps: [{ append: [[10]] }, { append: [[600]] }, { append: [[10]] }, { append: [[2000]] }],
  },
  {
    name: "groups over small segments with nothing set aside",
    layout: { segmentBytes: 4096 + 2048, setAsideBytes: 0 },
    steps: [
      { append: [[700, 20], [30], [900]] },
      { append: [[1500]] },
      { append: [[5000]] },
      { append: [[100], [100]] },
    ],
  },
  {
    name: "lives with a clean end, with zeros set aside",
    layout: { segmentBytes: 4096 + 4096, setAsideBytes: 1024 },
    steps: [
      { append: [[100, 100, 100]] },
      "close and open",
      { append: [[1200], [10]] },
      "close and open",
      "close and open",
      { append: [[3000]] },
      { append: [[40]] },
    ],
  },
  {
    name: "marks between appends",
    layout: { segmentBytes: 4096 + 1024, setAsideBytes: 512 },
    steps: [
      { mark: 1 },
      { append: [[300]] },
      { mark: 2 },
      { append: [[900]] },
      { mark: null },
      { append: [[9]] },
    ],
  },
];

const SEEDS = 6;

describe("a loss of power", () => {
  for (const { name, layout, steps } of SCENARIOS) {
    it(`at every operation of "${name}" loses nothing that was acknowledged`, async () => {
      const calm = await live(world(0, layout), steps, new Ledger());
      expect(calm.operations).toBeGreaterThan(steps.length);
      const tails = { clean: 0, torn: 0, damaged: 0 };
      for (let operation = 0; operation < calm.operations; operation++) {
        for (let seed = 0; seed < SEEDS; seed++) {
          const here = world(seed, layout);
          here.disk.failAt(operation, "power-loss");
          const ledger = new Ledger();
          const marks = (await live(here, steps, ledger)).marks;
          here.disk.crash();
          tails[await recover(here, ledger, marks, `operation ${operation}, seed ${seed}`)] += 1;
        }
      }
      expect(tails.damaged).toBe(0);
      expect(Math.min(tails.clean, tails.torn)).toBeGreaterThan(0);
    });
  }

  it("is noticed by these checks where a disk only pretends to flush", async () => {
    const { layout, steps } = SCENARIOS[0] as Scenario;
    let noticed = 0;
    for (let seed = 0; seed < 20; seed++) {
      const honest = world(seed, layout);
      const here = {
        ...honest,
        open: () => openSegmentStore({ ...honest, disk: pretender(honest.disk), ...layout }),
      };
      const ledger = new Ledger();
      const { marks } = await live(here, steps, ledger);
      here.disk.crash();
      await recover(here, ledger, marks, "pretender").catch(() => {
        noticed += 1;
      });
    }
    expect(noticed).toBeGreaterThan(5);
  });

  it("at every operation of a recovery from another one loses nothing either", async () => {
    const { layout, steps } = SCENARIOS[1] as Scenario;
    const calm = await live(world(0, layout), steps, new Ledger());
    for (let first = 0; first < calm.operations; first++) {
      for (let second = 0; second < 12; second++) {
        const here = world(first * 16 + second, layout);
        here.disk.failAt(first, "power-loss");
        const ledger = new Ledger();
        const marks = (await live(here, steps, ledger)).marks;
        here.disk.crash();
        here.disk.failAt(here.disk.operations + second, "power-loss");
        await recover(here, ledger, marks, "first").catch(expectNoPower);
        here.disk.crash();
        await recover(here, ledger, marks, `operation ${first}, then ${second}`);
      }
    }
  });

  it("at any operation of any sequence loses nothing that was acknowledged", async () => {
    const append = fc.array(fc.nat(1800), { minLength: 1, maxLength: 4 });
    const step: fc.Arbitrary<Step> = fc.oneof(
      { weight: 5, arbitrary: fc.record({ append: fc.array(append, { minLength: 1, maxLength: 3 }) }) },
      { weight: 1, arbitrary: fc.constant("close and open" as const) },
    );
    const layout = fc.record({
      segmentBytes: fc.integer({ min: 4097, max: 20_000 }),
      setAsideBytes: fc.constantFrom(0, 512, 3000),
    });
    const steps = fc.array(step, { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(layout, steps, fc.nat(120), fc.nat(60_000), async (shape, life, operation, seed) => {
        const here = world(seed, shape);
        here.disk.failAt(operation, "power-loss");
        const ledger = new Ledger();
        const marks = (await live(here, life, ledger)).marks;
        here.disk.crash();
        await recover(here, ledger, marks, "property");
      }),
      { numRuns: 400 },
    );
  });
});

type Life = {
  readonly operations: number;
  /** Values that the mark may have: the last one acknowledged and those asked for since. */
  readonly marks: readonly (number | null)[];
};

/** Walks the steps until they end or the disk fails. */
async function live(here: World, steps: readonly Step[], ledger: Ledger): Promise<Life> {
  let marks: (number | null)[] = [null];
  let number = 0;
  try {
    let store = await here.open();
    for (const step of steps) {
      if (step === "close and open") {
        await store.close();
        store = await here.open();
      } else if ("mark" in step) {
        marks.push(step.mark);
        await store.writeMark("test", step.mark === null ? null : Uint8Array.of(step.mark));
        marks = [step.mark];
      } else {
        const batches = step.append.map((lengths) => lengths.map((length) => numbered(number++, length)));
        const results = await Promise.allSettled(batches.map((frames) => ledger.append(store, frames)));
        for (const result of results) if (result.status === "rejected") throw result.reason;
      }
    }
    await store.close();
  } catch (error) {
    expectNoPower(error);
  }
  return { operations: here.disk.operations, marks };
}

/** Opens what is left, judges it, cuts it under a mark as the agent does, and works on. */
async function recover(
  here: World,
  ledger: Ledger,
  marks: Life["marks"],
  where: string,
): Promise<Tail["kind"]> {
  const store = await here.open();
  const { kind } = store.tail;
  expect(["clean", "torn"], where).toContain(kind);
  await ledger.check(store);
  expect(marks, where).toContain((await store.readMark("test"))?.[0] ?? null);
  if (store.tail.kind === "torn") {
    expect(await codeOf(store.append([numbered(0)]))).toBe("store-tail-uncut");
    await store.writeMark("quarantine", Uint8Array.of(1));
    await store.cutTail();
    expect(store.tail, where).toEqual({ kind: "clean" });
  }
  await workOn(store, ledger);
  const again = await here.open();
  expect(again.tail, where).toEqual({ kind: "clean" });
  await ledger.check(again);
  await again.close();
  return kind;
}

async function workOn(store: Store, ledger: Ledger): Promise<void> {
  for (let number = 1000; number < 1004; number++) await ledger.append(store, [numbered(number, 700)]);
  await store.close();
}

function expectNoPower(error: unknown): void {
  if (!(error instanceof PortError)) throw error;
  expect(["store-flush-failed", "store-mark-failed"]).toContain(error.code);
}

function pretender(disk: Disk): Disk {
  return {
    list: () => disk.list(),
    open: async (name, mode) => {
      const file = await disk.open(name, mode);
      return { ...file, writeFlushed: (offset, bytes) => file.writeAt(offset, bytes) };
    },
    rename: (from, to) => disk.rename(from, to),
    remove: (name) => disk.remove(name),
    syncDirectory: () => disk.syncDirectory(),
    close: () => disk.close(),
  };
}
