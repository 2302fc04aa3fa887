/** Two hosts' clocks against true time, in exact arithmetic, and a story of renewals between them. */
import fc from "fast-check";

const PPM = 1_000_000n;

export type DriftingClock = {
  /** What it shows at a true time: whole µs since its start. */
  readonly read: (trueUs: bigint) => bigint;
  /** The first true time at which it shows at least that. */
  readonly when: (shownUs: bigint) => bigint;
};

export function clockOf(startUs: number, ppm: number): DriftingClock {
  const start = BigInt(startUs);
  const rate = PPM + BigInt(ppm);
  return {
    read: (trueUs) => ((trueUs - start) * rate) / PPM,
    when: (shownUs) => start + (shownUs * PPM + rate - 1n) / rate,
  };
}

/** True times in µs; a message takes at least 1 µs. */
export type Story = {
  /** What both clocks are declared to keep within. */
  readonly driftPpm: number;
  readonly holderPpm: number;
  readonly muteLatencyUs: number;
  readonly consumer: DriftingClock;
  readonly renewals: readonly {
    readonly requestedUs: number;
    readonly signedUs: number;
    readonly armedUs: number;
    /** Number of the holder's boot, and its start. */
    readonly boot: number;
    readonly bootStartUs: number;
    readonly durationUs: number;
    readonly transmitExpiryUs: number;
    /** From true time to the latest edge of the consumer's. */
    readonly latestByUs: number;
  }[];
  /** The boot in which the holder wonders whether the block is free. */
  readonly lastBoot: number;
  readonly lastBootUs: number;
};

/** Short and long spans alike. */
const span = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 400_000_000 }));
const step = fc.record({
  pause: span,
  reboots: fc.boolean(),
  sign: span,
  arm: span,
  durationUs: fc.oneof(span, fc.integer({ min: 1, max: 10_000_000_000 })),
  reachUs: fc.oneof(span, fc.integer({ min: 1, max: 10_000_000_000 })),
  latestByUs: fc.oneof(fc.constant(0), span),
});
const clocks = fc.integer({ min: 0, max: 10_000 }).chain((driftPpm) => {
  const ppm = fc.oneof(fc.constantFrom(-driftPpm, driftPpm), fc.integer({ min: -driftPpm, max: driftPpm }));
  return fc.record({ driftPpm: fc.constant(driftPpm), holderPpm: ppm, consumerPpm: ppm });
});

const story: fc.Arbitrary<Story> = fc
  .tuple(clocks, fc.array(step, { maxLength: 5 }), fc.oneof(fc.constant(0), span), fc.boolean())
  .map(([{ driftPpm, holderPpm, consumerPpm }, steps, muteLatencyUs, rebootsAtEnd]) => {
    const renewals: Story["renewals"][number][] = [];
    let nowUs = 5_000_000;
    let [boot, bootStartUs] = [0, 1_000];
    for (const each of steps) {
      nowUs += each.pause;
      if (each.reboots) [boot, bootStartUs] = [boot + 1, nowUs];
      const requestedUs = nowUs;
      const signedUs = requestedUs + each.sign;
      renewals.push({
        requestedUs,
        signedUs,
        armedUs: signedUs + each.arm,
        boot,
        bootStartUs,
        durationUs: each.durationUs,
        transmitExpiryUs: signedUs + each.reachUs,
        latestByUs: each.latestByUs,
      });
      nowUs = signedUs;
    }
    if (rebootsAtEnd) [boot, bootStartUs] = [boot + 1, nowUs + 1];
    const consumer = clockOf(0, consumerPpm);
    return {
      driftPpm,
      holderPpm,
      muteLatencyUs,
      consumer,
      renewals,
      lastBoot: boot,
      lastBootUs: bootStartUs,
    };
  });

export const storyOf: { readonly story: fc.Arbitrary<Story> } = { story };

/** Beyond every duration and instant of a story: the bound that is taken away. */
const NEVER_US = 1_000_000_000_000;

/** What the clocks show at each renewal, with one of the two bounds alone. */
export function told(one: Story, alone: "boot" | "expiry") {
  return one.renewals.map((each) => {
    const holder = clockOf(each.bootStartUs, one.holderPpm);
    return {
      boot: each.boot,
      durationUs: alone === "boot" ? each.durationUs : NEVER_US,
      transmitExpiryUs: alone === "expiry" ? each.transmitExpiryUs : NEVER_US,
      holderBootUs: Number(holder.read(BigInt(each.signedUs))),
      anchorBootUs: Number(one.consumer.read(BigInt(each.requestedUs))),
      nowBootUs: Number(one.consumer.read(BigInt(each.armedUs))),
      latestUs: each.armedUs + each.latestByUs,
    };
  });
}
