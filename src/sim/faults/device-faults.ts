/** Receivers that hear nothing or a lie, clocks that step or run away, and TPMs that go, refuse, or start anew. */
import { CLEAR_SKY, type SkyFault } from "../drivers.ts";
import { type Fault, type FaultParts, LASTS_US_MAX } from "./fault.ts";
import type { FaultName } from "./fault-names.ts";

/** How long a lie may act on after it ended: until its last renewal has run out, and true fixes are believed again. */
const AFTER_US = 60_000_000;
/** What a receiver loses whose week counter runs over: 1024 weeks. */
const ROLLOVER_US = 1_024 * 7 * 86_400_000_000;
/** Slower than what anybody would notice from one fix to the next. */
const WALK_MM_PER_S_MAX = 20_000;
const WALK_US_PER_S_MAX = 300_000;
/** A hundred times what a host declares. */
const DRIFT_PPM_MAX = 10_000;

export function deviceFaults(parts: FaultParts): readonly Fault[] {
  return [...skyFaults(parts), ...clockFaults(parts), ...tpmFaults()];
}

function skyFaults({ chance, harm }: FaultParts): readonly Fault[] {
  const sky = (name: FaultName, weight: number, fault: () => Partial<SkyFault>): Fault => ({
    name,
    weight,
    strike({ machine: { receiver } }) {
      receiver.setSky({ ...CLEAR_SKY, ...fault() });
      return () => receiver.setSky(CLEAR_SKY);
    },
  });
  /** By what nobody can tell from the truth. */
  const lie = (name: FaultName, weight: number, fault: () => Partial<SkyFault>): Fault => ({
    name,
    weight,
    strike(host) {
      harm.misled(host, LASTS_US_MAX + AFTER_US);
      host.machine.receiver.setSky({ ...CLEAR_SKY, ...fault() });
      return () => host.machine.receiver.setSky(CLEAR_SKY);
    },
  });
  const still = { northMm: 0, eastMm: 0, detected: false };
  return [
    sky("gnss-outage", 8, () => ({ outage: true })),
    sky("gnss-jammed", 8, () => ({ jammed: true })),
    sky("gnss-unplugged", 5, () => ({ disconnected: true })),
    sky("spoof-noticed", 5, () => ({
      spoof: { northMm: 200_000, eastMm: 0, timeUs: chance.between(-10_000_000, 10_000_000), detected: true },
    })),
    // Nobody is misled by it: the wall clock contradicts it.
    sky("gnss-rollover", 5, () => ({
      spoof: { ...still, timeUs: chance.hits(500) ? -ROLLOVER_US : ROLLOVER_US },
    })),
    lie("spoof-unnoticed", 4, () => ({
      spoof: {
        northMm: chance.between(-300_000, 300_000),
        eastMm: chance.between(-300_000, 300_000),
        timeUs: chance.between(-5_000_000, 5_000_000),
        detected: false,
      },
    })),
    lie("gnss-drift", 4, () => ({
      drift: {
        northMmPerS: chance.between(-WALK_MM_PER_S_MAX, WALK_MM_PER_S_MAX),
        eastMmPerS: chance.between(-WALK_MM_PER_S_MAX, WALK_MM_PER_S_MAX),
        timeUsPerS: chance.between(-WALK_US_PER_S_MAX, WALK_US_PER_S_MAX),
      },
    })),
  ];
}

function clockFaults({ chance, harm }: FaultParts): readonly Fault[] {
  return [
    {
      name: "wall-step",
      weight: 5,
      strike({ weather }) {
        weather.wallErrorUs = chance.between(-100_000_000, 100_000_000);
        return () => {
          weather.wallErrorUs = 0;
        };
      },
    },
    {
      name: "oscillator-off",
      weight: 5,
      strike(host) {
        harm.offSpeed(host, LASTS_US_MAX + AFTER_US);
        host.setDrift(chance.between(-DRIFT_PPM_MAX, DRIFT_PPM_MAX));
        return () => host.setDrift(host.spec.driftPpm);
      },
    },
  ];
}

function tpmFaults(): readonly Fault[] {
  return [
    {
      name: "tpm-lost",
      weight: 6,
      strike({ machine: { tpm } }) {
        tpm.setLost(true);
        return () => tpm.setLost(false);
      },
    },
    {
      name: "tpm-lockout",
      weight: 6,
      strike({ machine: { tpm } }) {
        tpm.setLockedOut(true);
        return () => tpm.setLockedOut(false);
      },
    },
    {
      name: "tpm-reset",
      weight: 4,
      strike({ machine: { tpm } }) {
        tpm.powerCut();
        return null;
      },
    },
  ];
}
