/** True time of a simulated world, its hosts' clocks, and the lives of its processes. */
import { expect, test } from "vitest";
import { bootClock, hostClock } from "../../src/sim/host-clock.ts";
import { newLife } from "../../src/sim/life.ts";
import { newTimeline } from "../../src/sim/timeline.ts";

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("things happen in the order of their instants, then of asking; what is cancelled does not", async () => {
  const timeline = newTimeline(settle);
  const seen: string[] = [];
  timeline.at(20, () => seen.push("b"));
  timeline.at(10, () => seen.push("a"));
  timeline.at(20, () => seen.push("c"));
  timeline.at(15, () => seen.push("never"))();
  await timeline.run(30, () => false);
  expect(seen).toEqual(["a", "b", "c"]);
  expect([timeline.nowUs(), timeline.events()]).toEqual([30, 3]);
});

test("promises that follow from one event settle before the next", async () => {
  const timeline = newTimeline(settle);
  const seen: string[] = [];
  timeline.at(
    1,
    () =>
      void Promise.resolve().then(async () => {
        await Promise.resolve();
        seen.push("followed");
      }),
  );
  timeline.at(1, () => seen.push("next"));
  await timeline.run(1, () => false);
  expect(seen).toEqual(["followed", "next"]);
});

test.each([-200, 0, 37, 200])(
  "a boot clock with %i ppm of drift reads what it was asked to wake at",
  (driftPpm) => {
    const clock = bootClock(new Uint8Array(16), 5_000, driftPpm);
    for (const bootUs of [0, 1, 999_999, 1_000_000, 123_456_789_012]) {
      const trueUs = clock.trueUsAt(bootUs);
      expect(clock.bootUsAt(trueUs)).toBeGreaterThanOrEqual(bootUs);
      expect(clock.bootUsAt(trueUs - 1)).toBeLessThan(bootUs);
    }
  },
);

test("an oscillator that changes its speed goes on from where it was, and wakes nobody early", async () => {
  const timeline = newTimeline(settle);
  const boot = bootClock(new Uint8Array(16), 0, 0);
  const clock = hostClock({ timeline, boot, life: newLife(), wallErrorUs: () => 0, lateUs: () => 0 });
  const woken: number[] = [];
  clock.at(10_000_000, () => woken.push(clock.read().bootUs));
  clock.at(11_000_000, () => woken.push(-1))();
  timeline.at(5_000_000, () => boot.setDrift(5_000_000, -10_000));
  await timeline.run(5_000_000, () => false);
  expect(clock.read().bootUs).toBe(5_000_000);
  await timeline.run(10_000_000, () => false);
  expect(clock.read().bootUs).toBe(9_950_000);
  expect(woken).toEqual([]);
  await timeline.run(12_000_000, () => false);
  expect(woken).toEqual([10_000_000]);
});

test("what an ended life asked for never comes back; a frozen one hears of it when it is thawed", async () => {
  const [ended, frozen] = [newLife(), newLife()];
  const heard: string[] = [];
  void ended.keep(Promise.resolve("ended")).then((each) => heard.push(each));
  void frozen.keep(Promise.resolve("frozen")).then((each) => heard.push(each));
  ended.end();
  frozen.freeze();
  await settle();
  expect(heard).toEqual([]);
  frozen.thaw();
  await settle();
  expect(heard).toEqual(["frozen"]);
});
