/** What a world asks of the time on the air, by its own count (PROTOCOL §6 Invariant of emission). */
import { expect, test } from "vitest";
import type { Transmission } from "../../src/sim/drivers.ts";
import { WORLD_BEGAN_US } from "../../src/sim/host-clock.ts";
import { dutyCycleInvariants } from "../../src/sim/invariants/duty-cycle-invariants.ts";
import { SECOND_US, scenePolicy } from "../support/scripted-authority.ts";
import { watchedWorld } from "../support/watched-world.ts";

const DUTY_CYCLE = {
  lowerHz: 433_150_000,
  upperHz: 434_000_000,
  shareCentiPercent: 1_000,
  windowUs: 60 * SECOND_US,
};
const BLOCK = { lowerHz: 433_100_000, upperHz: 433_200_000 };

/** `on` and `off` are told in seconds; six in sixty are the share. */
function watched(dutyCycles = [DUTY_CYCLE]) {
  let nowUs = 0;
  const utcUs = (): number => WORLD_BEGAN_US + nowUs;
  const policy = { ...scenePolicy, dutyCycles };
  const [invariant] = dutyCycleInvariants(watchedWorld({ policy, utcUs }));
  function switched(state: "on" | "off", second: number, change: Partial<Transmission> = {}): void {
    nowUs = second * SECOND_US;
    const told = { emitter: "consumer-1", lease: "aa", cause: "", eirpCentiDbm: 0, reason: "", ...BLOCK };
    invariant?.transmitted?.({ trueUs: nowUs, state, ...told, ...change });
  }
  return {
    send(from: number, until: number, change: Partial<Transmission> = {}): void {
      switched("on", from, change);
      switched("off", until, change);
    },
    on: (second: number) => switched("on", second),
    sweep(second: number): void {
      nowUs = second * SECOND_US;
      invariant?.sweep?.();
    },
  };
}

test("a window may be used to the last microsecond, and again once it has passed", () => {
  const { send } = watched();
  send(0, 3);
  send(10, 13);
  send(60, 63);
  send(70, 73);
});

test("one microsecond more is a breach, whichever leases and pauses the window holds", () => {
  const { send } = watched();
  send(0, 3);
  expect(() => send(10, 13.000001, { lease: "bb" })).toThrow(
    "consumer-1 was on the air 1 us longer than its share of 60000000 us",
  );
});

test("who is still on the air is judged by now", () => {
  const { on, sweep } = watched();
  on(0);
  sweep(6);
  expect(() => sweep(7)).toThrow("1000000 us longer");
});

test("a block that reaches into the band counts, one beside it does not, and each emitter counts for itself", () => {
  const { send } = watched();
  send(0, 50, { upperHz: DUTY_CYCLE.lowerHz });
  send(50, 56);
  send(56, 62, { emitter: "consumer-2" });
  expect(() => send(63, 64, { upperHz: DUTY_CYCLE.lowerHz + 1 })).toThrow("consumer-1");
});

test("without a duty cycle nothing is asked", () => {
  watched([]).send(0, 1_000);
});
