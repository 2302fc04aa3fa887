/** Mistakes about the time that a transmitter may be on the air, written from the protocol alone. */
import type { PlantedBug } from "./planted-bug.ts";

export const dutyCycleBugs: readonly PlantedBug[] = [
  {
    name: "armed-without-its-duty-cycle",
    by: ["on-air-within-duty-cycle", "logs-verify"],
    promise: "§6 Invariant of emission: a lease's duty cycles go to the transmitter with each arm",
    file: "src/core/agent/renewing.ts",
    find: "const { dutyCycles } = terms;",
    replace: "const dutyCycles = terms.dutyCycles.slice(1);",
  },
  {
    name: "duty-cycle-of-whole-blocks",
    by: ["on-air-within-duty-cycle"],
    promise: "§6 Invariant of emission: a block that reaches into a band is under its duty cycle",
    file: "src/core/commodity/duty-cycle.ts",
    find: "return band.lowerHz < upperHz && lowerHz < band.upperHz;",
    replace: "return lowerHz <= band.lowerHz && band.upperHz <= upperHz;",
  },
  {
    name: "window-begins-anew-with-the-device",
    by: ["on-air-within-duty-cycle"],
    promise: "§6 Invariant of emission: what was on the air before a boot counts after it",
    file: "hardware/world/ether.ts",
    find: "const airtime = airtimes.get(name) ?? newAirtime();",
    replace: "const airtime = newAirtime();",
    unfound: "Not within seeds 1 to 6; test/hardware/world/airtime.test.ts finds it.",
  },
  {
    name: "window-begins-anew-with-each-arming",
    by: ["on-air-within-duty-cycle"],
    promise: "§6 Invariant of emission: what was on the air before an arming counts after it",
    file: "hardware/world/ether.ts",
    find: `sendBurst(clock, log, emitter, { emission, reason: "armed" });`,
    replace: `Object.assign(emitter, { airtime: newAirtime() });
  sendBurst(clock, log, emitter, { emission, reason: "armed" });`,
    unfound: "Not within seeds 1 to 6; test/hardware/world/airtime.test.ts finds it.",
  },
];
