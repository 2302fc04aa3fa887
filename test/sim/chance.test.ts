/** Seeded choices (src/sim/chance.ts). */
import { expect, test } from "vitest";
import { newChance } from "../../src/sim/chance.ts";

test("a seed and a name give the same stream again, and each name one of its own", () => {
  const drawn = (seed: number, name: string): readonly number[] => {
    const chance = newChance(seed, name);
    return Array.from({ length: 16 }, () => chance.below(1_000_000));
  };
  expect(drawn(1, "mesh")).toEqual(drawn(1, "mesh"));
  expect(drawn(1, "mesh")).not.toEqual(drawn(1, "disk"));
  expect(drawn(1, "mesh")).not.toEqual(drawn(2, "mesh"));
});

test("what a fork draws does not shift what its parent draws next", () => {
  const [quiet, busy] = [newChance(3), newChance(3)];
  quiet.fork("a");
  const fork = busy.fork("a");
  for (let i = 0; i < 10; i++) fork.below(10);
  expect(busy.below(1_000_000)).toBe(quiet.below(1_000_000));
});

test("draws stay in their range and reach both of its ends", () => {
  const chance = newChance(4);
  const drawn = Array.from({ length: 2_000 }, () => chance.between(-3, 3));
  expect([...new Set(drawn)].sort((a, b) => a - b)).toEqual([-3, -2, -1, 0, 1, 2, 3]);
});

test("a chance of 300 in 1000 hits about as often", () => {
  const chance = newChance(5);
  const hits = Array.from({ length: 10_000 }, () => chance.hits(300)).filter(Boolean).length;
  expect(hits).toBeGreaterThan(2_800);
  expect(hits).toBeLessThan(3_200);
});
