/** The radio drivers. One line here and one file add one; the conformance suite loops over this list. */
import type { DriverEntry, OptionSpec } from "../../src/ports/driver.ts";
import type { Radio } from "../../src/ports/radio.ts";

const TRANSMITTER: Readonly<Record<string, OptionSpec>> = {
  emitter: {
    kind: "text",
    required: false,
    doc: "name in the ether and its transmit log, 1 to 32 of a-z, 0-9 and -; `transmitter` by default",
  },
  lowest: { kind: "frequency", required: false, doc: "lower edge of the tuning range; 24MHz by default" },
  highest: { kind: "frequency", required: false, doc: "upper edge of the tuning range; 6GHz by default" },
  "power-max": { kind: "power", required: false, doc: "conducted, at the antenna port; 20dBm by default" },
};

export const radioDrivers: readonly DriverEntry<Radio>[] = [
  {
    id: "simulated",
    summary: "a simulated transmitter inside the agent's process; nobody mutes it when the process hangs",
    simulated: true,
    options: {
      ...TRANSMITTER,
      "mute-latency": {
        kind: "duration",
        required: false,
        doc: "bound from order to silence; 50ms by default",
      },
    },
    load: async () => (await import("./simulated.ts")).openSimulatedRadio,
  },
  {
    id: "guarded-simulated",
    summary: "a simulated transmitter of a world process, owned by the guard program",
    simulated: true,
    options: {
      ...TRANSMITTER,
      socket: { kind: "path", required: true, doc: "the guard's unix socket" },
      spawn: {
        kind: "boolean",
        required: false,
        doc: "start the guard as a child (the default); false attaches to one that runs already",
      },
      world: {
        kind: "text",
        required: false,
        doc: "the world process, unix:/path or tcp:127.0.0.1:port; required when the guard is started",
      },
      heartbeat: {
        kind: "duration",
        required: false,
        doc: "silence of this process after which the guard mutes; 2s by default",
      },
      "feed-period": {
        kind: "duration",
        required: false,
        doc: "silence of the guard after which the device mutes by itself; 500ms by default",
      },
      "mute-latency": {
        kind: "duration",
        required: false,
        doc: "bound from order to silence while the guard lives; 250ms by default",
      },
    },
    load: async () => (await import("./guarded.ts")).openGuardedRadio,
  },
];
