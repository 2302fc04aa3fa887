import fc from "fast-check";
import { expect, test } from "vitest";
import { type Action, scene } from "./scene.ts";

const slot = fc.constantFrom(0, 0, 1, 2);
const lease = fc.constantFrom(1, 1, 2);

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant("connect" as const), slot }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("close" as const), slot }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constantFrom("read" as const, "deliver" as const), slot }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom("mute" as const, "heartbeat" as const, "read-back" as const),
      slot,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("arm" as const),
      slot,
      lease,
      cause: fc.nat(40),
      aheadUs: fc.integer({ min: -10, max: 900 }),
      emission: fc.constantFrom(1, 1, 1, 2),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("extend" as const),
      slot,
      lease,
      aheadUs: fc.integer({ min: -10, max: 900 }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant("settle" as const), which: fc.nat(5), fails: fc.constant(false) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("settle" as const), which: fc.nat(5), fails: fc.constant(true) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("wait" as const), us: fc.integer({ min: 1, max: 250 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "slept" as const }) },
);

type Counts = { on: number; muted: number; superseded: number };

function interleavings(counts: Counts) {
  return fc.property(fc.array(action, { minLength: 60, maxLength: 250, size: "max" }), (actions) => {
    const run = scene();
    // Two sessions are greeted, so that most of the run is about arms and mutes and not about greetings.
    for (const first of [0, 1]) {
      run.act({ do: "connect", slot: first });
      run.act({ do: "read", slot: first });
      run.act({ do: "settle", which: 0, fails: false });
      run.act({ do: "deliver", slot: first });
      run.act({ do: "deliver", slot: first });
    }
    for (const one of actions) run.act(one);
    run.drain();
    counts.on += run.counts.on;
    counts.muted += run.counts.muted;
    counts.superseded += run.counts.superseded;
  });
}

test("whatever is read, delivered and settled when: RF is on only for an arm sent after the last mute, before its deadline, with its owner alive", () => {
  const counts: Counts = { on: 0, muted: 0, superseded: 0 };
  fc.assert(interleavings(counts), { numRuns: 1500 });
  // The runs were about something.
  expect(counts.on).toBeGreaterThan(500);
  expect(counts.muted).toBeGreaterThan(500);
  expect(counts.superseded).toBeGreaterThan(200);
});

test("a spent cause does not switch another emission on (a run that once failed)", () => {
  const counts: Counts = { on: 0, muted: 0, superseded: 0 };
  fc.assert(interleavings(counts), { seed: 731_488_246, path: "975", endOnFailure: true });
  expect(counts.on).toBeGreaterThan(0);
});
