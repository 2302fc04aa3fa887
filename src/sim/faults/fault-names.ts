/** Everything that can go wrong in a simulated world, by the names that it is counted, printed and left out by. */
export const FAULT_NAMES = [
  "kill",
  "kill-and-start",
  "power-cut",
  "power-loss-in-opening",
  "power-cut-all",
  "freeze",
  "carried-away",
  "flush-error",
  "write-error",
  "failing-disk",
  "power-loss-in-disk-operation",
  "full-disk",
  "slow-disk",
  "rot-tail",
  "rot-old",
  "backup-taken",
  "backup-put-back",
  "disk-cloned",
  "gnss-outage",
  "gnss-jammed",
  "gnss-unplugged",
  "gnss-rollover",
  "gnss-drift",
  "spoof-noticed",
  "spoof-unnoticed",
  "wall-step",
  "oscillator-off",
  "tpm-lost",
  "tpm-lockout",
  "tpm-reset",
  "broker-restart",
  "cut-off",
  "partition",
  "broker-withholds",
  "broker-swallows",
  "slow-peer",
  "garbage",
  "flood",
  "key-rolled",
  "credential-revoked",
  "credential-expires",
  "recognition-revoked",
  "recognition-expires",
  "recognition-narrowed",
  "snapshot-issued",
  "snapshot-late",
  "preempted",
  "unacknowledged",
  // What every wake of a process and every delivery may run into, and everything that dishonest peers do.
  "late-wake",
  "loss",
  "late",
  "replay",
  "byzantine",
] as const;

/** Counted once for each delivery or wake that they befall: by far the most, and by far the mildest. */
const WEATHER: ReadonlySet<string> = new Set(["late-wake", "loss", "late", "replay", "reorder", "withheld"]);

/** Of what was counted, by name: what befell single deliveries and wakes, and all the rest. */
export function weatherAndStrikes(
  counted: Readonly<Record<string, number>>,
): Readonly<Record<"weather" | "strikes", Readonly<Record<string, number>>>> {
  const all = Object.entries(counted);
  return {
    weather: Object.fromEntries(all.filter(([name]) => WEATHER.has(name))),
    strikes: Object.fromEntries(all.filter(([name]) => !WEATHER.has(name))),
  };
}

export type FaultName = (typeof FAULT_NAMES)[number];

export function isFaultName(name: string): name is FaultName {
  return (FAULT_NAMES as readonly string[]).includes(name);
}

/** The name that leaves out what was counted under `counted`; null where it only follows from other faults. */
export function faultCountedAs(counted: string): FaultName | null {
  const name = counted.startsWith("byzantine-") ? "byzantine" : counted;
  return isFaultName(name) ? name : null;
}
