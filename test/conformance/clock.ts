/** What every clock must keep of its port, real or virtual. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Clock } from "../../src/ports/clock.ts";

/** A clock and the way to let its time pass: waiting for a real one, turning a virtual one. At least `us` pass. */
export type ClockBench = { readonly clock: Clock; advance(us: number): Promise<void> };

export function clockConformance(name: string, makeBench: () => Promise<ClockBench>): void {
  describe(`clock conformance: ${name}`, () => {
    let clock: Clock;
    let advance: (us: number) => Promise<void>;

    beforeEach(async () => {
      const bench = await makeBench();
      clock = bench.clock;
      advance = (us) => bench.advance(us);
    });

    const pending: (() => void)[] = [];
    afterEach(() => {
      for (const cancel of pending.splice(0)) cancel();
    });
    /** Boot times at which a waker for `inUs` from now was called. */
    const wakings = (inUs: number): { readonly dueUs: number; readonly calledUs: number[] } => {
      const calledUs: number[] = [];
      const dueUs = clock.read().bootUs + inUs;
      pending.push(clock.at(dueUs, () => calledUs.push(clock.read().bootUs)));
      return { dueUs, calledUs };
    };

    it("names its boot by 16 bytes that stay the same", () => {
      expect(clock.bootId).toHaveLength(16);
      expect(clock.bootId).toEqual(clock.bootId);
    });

    it("reads whole microseconds, of a wall clock after 2020 and a boot clock that never goes back", async () => {
      let before = clock.read();
      for (let round = 0; round < 200; round++) {
        if (round % 50 === 0) await advance(1000);
        const now = clock.read();
        expect(Number.isSafeInteger(now.wallUs) && Number.isSafeInteger(now.bootUs)).toBe(true);
        expect(now.bootUs).toBeGreaterThanOrEqual(before.bootUs);
        before = now;
      }
      expect(before.wallUs).toBeGreaterThan(Date.UTC(2020, 0) * 1000);
    });

    it("passes by at least what was waited for", async () => {
      const before = clock.read();
      await advance(20_000);
      expect(clock.read().bootUs - before.bootUs).toBeGreaterThanOrEqual(20_000);
    });

    it("wakes once, at or after the instant, never before", async () => {
      const { dueUs, calledUs } = wakings(15_000);
      expect(calledUs).toEqual([]);
      await advance(60_000);
      await advance(20_000);
      expect(calledUs).toHaveLength(1);
      expect(calledUs[0]).toBeGreaterThanOrEqual(dueUs);
    });

    it("does not wake within the call for an instant that has passed, but soon after it", async () => {
      const { calledUs } = wakings(-5_000);
      expect(calledUs).toEqual([]);
      await advance(20_000);
      expect(calledUs).toHaveLength(1);
    });

    it("does not wake what was cancelled, before or after its instant, and cancels twice", async () => {
      const called: string[] = [];
      const now = clock.read().bootUs;
      const cancelEarly = clock.at(now + 10_000, () => called.push("early"));
      cancelEarly();
      cancelEarly();
      const cancelLate = clock.at(now + 10_000, () => called.push("late"));
      await advance(60_000);
      cancelLate();
      expect(called).toEqual(["late"]);
    });

    it("wakes in the order of the instants, not of the calls", async () => {
      const order: string[] = [];
      const now = clock.read().bootUs;
      pending.push(clock.at(now + 40_000, () => order.push("second")));
      pending.push(clock.at(now + 10_000, () => order.push("first")));
      await advance(120_000);
      expect(order).toEqual(["first", "second"]);
    });

    it("lets a waker ask for the next waking", async () => {
      let count = 0;
      const again = (): void => {
        count += 1;
        if (count < 3) pending.push(clock.at(clock.read().bootUs + 5_000, again));
      };
      pending.push(clock.at(clock.read().bootUs + 5_000, again));
      for (let round = 0; round < 6; round++) await advance(20_000);
      expect(count).toBe(3);
    });
  });
}
