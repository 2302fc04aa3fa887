import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Renewal } from "../../../src/core/record/kinds/renewal.ts";
import {
  bootBoundPassed,
  expiryBoundPassed,
  muteDeadlineBootUs,
  type RenewalBounds,
  shrunkUs,
  stretchedUs,
  withRenewal,
} from "../../../src/core/settlement/renewal-bounds.ts";
import { named } from "../../support/pair-builder.ts";
import { clockOf, type Story, storyOf, told } from "./drifting-clocks.ts";

const boot = (number: number): Uint8Array => named(`boot ${number}`).slice(0, 16);

function renewal(change: Partial<Renewal> = {}): Renewal {
  return {
    request: named("request"),
    artifact: named("artifact"),
    nonce: named("nonce").slice(0, 16),
    consumerBootId: boot(9),
    durationUs: 30_000_000,
    transmitExpiryUs: 2_000_000_000,
    snapshots: [],
    holderBootId: boot(0),
    holderBootUs: 1_000,
    ...change,
  };
}

describe("the drift of a clock", () => {
  test.each<[number, number, number, number]>([
    [0, 10_000, 0, 0],
    [1, 1, 2, 0],
    [1_000_000, 50, 1_000_050, 999_950],
    [1_000_001, 50, 1_000_052, 999_950],
    [240_000_000, 50, 240_012_000, 239_988_000],
    [240_000_000, 0, 240_000_000, 240_000_000],
    [1_000_000, 10_000, 1_010_000, 990_000],
  ])("of %i µs at %i ppm is rounded against the one who counts", (us, ppm, stretched, shrunk) => {
    expect(stretchedUs(us, ppm)).toBe(stretched);
    expect(shrunkUs(us, ppm)).toBe(shrunk);
  });

  /** ceil(us × ppm ÷ 10^6), exactly. */
  const exact = (us: number, ppm: number): number =>
    Number((BigInt(us) * BigInt(ppm) + 999_999n) / 1_000_000n);
  const ppm = fc.integer({ min: 0, max: 10_000 });

  test("is exact, rounded up, for every duration of the field table", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.nat(1_000_000_000), fc.integer({ min: 0, max: 10 ** 15 })),
        ppm,
        (us, drift) => {
          expect(stretchedUs(us, drift)).toBe(us + exact(us, drift));
          expect(shrunkUs(us, drift)).toBe(us - exact(us, drift));
        },
      ),
      { numRuns: 1_000 },
    );
    // 106 days: in floating point the product came out 1 µs too small.
    expect(stretchedUs(9_172_893_448_134, 6_806)).toBe(9_235_324_160_943);
  });
});

describe("two clocks that drift", () => {
  /** When the consumer is silent for certain, and when the holder may let the block again, in true time. */
  function outcome(story: Story, alone: "boot" | "expiry", driftPpm = story.driftPpm) {
    const { muteLatencyUs } = story;
    let bounds: RenewalBounds | null = null;
    let armedUntil = 0n;
    for (const event of told(story, alone)) {
      const made = renewal({ ...event, holderBootId: boot(event.boot) });
      bounds = withRenewal(bounds, made, driftPpm, muteLatencyUs);
      const deadline = muteDeadlineBootUs(made, { ...event, driftPpm, muteLatencyUs });
      // The guard takes the later deadline; what is past already is not armed.
      if (deadline > event.nowBootUs && BigInt(deadline) > armedUntil) armedUntil = BigInt(deadline);
    }
    const silent = story.consumer.when(armedUntil + BigInt(muteLatencyUs));
    return { bounds, silent: armedUntil === 0n ? 0n : silent };
  }

  const { story } = storyOf;

  test("leave the consumer silent before the boot bound alone has passed, over reboots of the holder", () => {
    fc.assert(
      fc.property(story, (one) => {
        const { bounds, silent } = outcome(one, "boot");
        const holder = clockOf(one.lastBootUs, one.holderPpm);
        const before = Number(holder.read(silent - 1n));
        if (silent > BigInt(one.lastBootUs)) {
          expect(bootBoundPassed(bounds, boot(one.lastBoot), before)).toBe(false);
        }
        expect(bootBoundPassed(bounds, boot(one.lastBoot), Number.MAX_SAFE_INTEGER)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test("leave the consumer silent before the expiry bound alone has passed, by the holder's earliest edge", () => {
    fc.assert(
      fc.property(story, fc.nat(1_000_000), (one, widthUs) => {
        const { bounds, silent } = outcome(one, "expiry");
        const earliestUs = Number(silent) - 1 - widthUs;
        if (silent > 0n) expect(expiryBoundPassed(bounds, earliestUs)).toBe(false);
        expect(expiryBoundPassed(bounds, Number.MAX_SAFE_INTEGER)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each(["boot", "expiry"] as const)(
    "would not by the %s bound, were drift left out: the simulation can fail",
    (alone) => {
      const drifting = story.filter(({ driftPpm, renewals }) => driftPpm > 1_000 && renewals.length > 0);
      const unsafe = fc.check(
        fc.property(drifting, (one) => {
          const { bounds, silent } = outcome(one, alone, 0);
          if (silent === 0n) return true;
          if (alone === "expiry") return !expiryBoundPassed(bounds, Number(silent) - 1);
          const holder = clockOf(one.lastBootUs, one.holderPpm);
          const before = Number(holder.read(silent - 1n));
          return silent <= BigInt(one.lastBootUs) || !bootBoundPassed(bounds, boot(one.lastBoot), before);
        }),
        { numRuns: 2_000 },
      );
      expect(unsafe.failed).toBe(true);
    },
  );

  test("arm the radio in most stories, and over a reboot in many", () => {
    const told = fc.sample(story, { numRuns: 300, seed: 1 });
    const armed = told.filter((one) => outcome(one, "boot").silent > 0n);
    const late = told.filter(
      (one) => outcome(one, "boot").silent > BigInt(one.lastBootUs) && one.lastBoot > 0,
    );
    expect(armed.length).toBeGreaterThan(100);
    expect(late.length).toBeGreaterThan(30);
  });
});

describe("bounds of the renewals of a lease", () => {
  const first = withRenewal(null, renewal(), 50, 200);

  test("are the reach from signing on, and the expiry, each with the mute latency", () => {
    expect(first).toEqual({
      bootId: boot(0),
      untilBootUs: 1_000 + 30_001_500 + 200,
      reachUs: 30_001_700,
      earlierReachUs: 0,
      expiryUs: 2_000_000_200,
    });
  });

  test("keep the greatest of all, delivered or not, in whatever order they were signed", () => {
    const short = withRenewal(first, renewal({ durationUs: 1_000, transmitExpiryUs: 5 }), 50, 200);
    expect(short).toEqual(first);
    const later = withRenewal(
      first,
      renewal({ holderBootUs: 9_000, transmitExpiryUs: 2_000_000_001 }),
      50,
      200,
    );
    expect(later).toEqual({ ...first, untilBootUs: first.untilBootUs + 8_000, expiryUs: first.expiryUs + 1 });
  });

  test("pass at the bound itself, not 1 µs before", () => {
    expect(bootBoundPassed(first, boot(0), first.untilBootUs - 1)).toBe(false);
    expect(bootBoundPassed(first, boot(0), first.untilBootUs)).toBe(true);
    expect(expiryBoundPassed(first, first.expiryUs - 1)).toBe(false);
    expect(expiryBoundPassed(first, first.expiryUs)).toBe(true);
  });

  test("never pass by an expiry without any time of one's own", () => {
    expect(expiryBoundPassed(first, null)).toBe(false);
  });

  test("have passed where nothing was ever renewed", () => {
    expect(bootBoundPassed(null, boot(0), 0)).toBe(true);
    expect(expiryBoundPassed(null, null)).toBe(true);
  });

  test("are counted in full from a new boot, whatever its clock was before", () => {
    expect(bootBoundPassed(first, boot(1), first.reachUs - 1)).toBe(false);
    expect(bootBoundPassed(first, boot(1), first.reachUs)).toBe(true);
  });

  test("keep an earlier boot's longest reach through a short renewal of a new one", () => {
    const second = withRenewal(
      first,
      renewal({ holderBootId: boot(1), holderBootUs: 10, durationUs: 5_000 }),
      50,
      200,
    );
    expect(second).toMatchObject({
      bootId: boot(1),
      untilBootUs: 5_211,
      reachUs: 5_201,
      earlierReachUs: 30_001_700,
    });
    expect(bootBoundPassed(second, boot(1), 30_001_699)).toBe(false);
    expect(bootBoundPassed(second, boot(1), 30_001_700)).toBe(true);
    expect(bootBoundPassed(second, boot(2), 30_001_699)).toBe(false);
    const third = withRenewal(
      second,
      renewal({ holderBootId: boot(2), holderBootUs: 7, durationUs: 9_000 }),
      50,
      200,
    );
    expect(third).toMatchObject({ reachUs: 9_201, earlierReachUs: 30_001_700 });
    expect(bootBoundPassed(third, boot(2), 30_001_700)).toBe(true);
  });
});

describe("the consumer's deadline", () => {
  const times = {
    anchorBootUs: 500,
    nowBootUs: 800,
    latestUs: 1_999_000_000,
    driftPpm: 50,
    muteLatencyUs: 200,
  };

  test("is that of the request's anchor where it comes first", () => {
    expect(muteDeadlineBootUs({ durationUs: 900_000, transmitExpiryUs: 2_000_000_000 }, times)).toBe(
      500 + 899_955 - 200,
    );
  });

  test("is that of the transmit expiry where it comes first, by the latest edge of one's own time", () => {
    const granted = { durationUs: 30_000_000, transmitExpiryUs: 2_000_000_000 };
    expect(muteDeadlineBootUs(granted, times)).toBe(800 + 999_950 - 200);
    expect(muteDeadlineBootUs(granted, { ...times, latestUs: 1_999_999_999 })).toBe(800 + 0 - 200);
  });

  test("has passed where the expiry has, and where the anchor is too old", () => {
    const granted = { durationUs: 30_000_000, transmitExpiryUs: 1_998_999_999 };
    expect(muteDeadlineBootUs(granted, times)).toBe(600);
    const late = { ...times, nowBootUs: 40_000_000 };
    expect(muteDeadlineBootUs({ ...granted, transmitExpiryUs: 2_000_000_000 }, late)).toBeLessThan(
      late.nowBootUs,
    );
  });
});
