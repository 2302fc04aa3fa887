/** The GNSS drivers. One line here and one file add one; the conformance suite loops over this list. */
import type { DriverEntry, OptionSpec } from "../../src/ports/driver.ts";
import type { Gnss } from "../../src/ports/gnss.ts";

const SOURCE: OptionSpec = {
  kind: "text",
  required: false,
  doc: "`live` (the default), or `replay` where the receiver is a recorded log: its fixes are marked so",
};
const SILENCE: OptionSpec = {
  kind: "duration",
  required: false,
  doc: "connect anew after so long without an understood line; 10s by default",
};

export const gnssDrivers: readonly DriverEntry<Gnss>[] = [
  {
    id: "gpsd",
    summary: "a receiver behind gpsd, by its JSON protocol on TCP",
    simulated: false,
    options: {
      host: { kind: "text", required: false, doc: "where gpsd listens; 127.0.0.1 by default" },
      port: { kind: "tcp-port", required: false, doc: "2947 by default" },
      device: { kind: "text", required: false, doc: "the receiver's path in gpsd; the first one by default" },
      source: SOURCE,
      silence: SILENCE,
    },
    load: async () => (await import("./gpsd/client.ts")).openGpsd,
  },
  {
    id: "nmea-serial",
    summary: "a receiver that speaks NMEA 0183 on a serial port",
    simulated: false,
    options: {
      path: { kind: "path", required: true, doc: "the serial device, e.g. /dev/ttyACM0" },
      baud: { kind: "integer", required: false, doc: "bits per second; 9600 by default" },
      source: SOURCE,
      silence: SILENCE,
    },
    load: async () => (await import("./nmea-serial.ts")).openNmeaSerial,
  },
  {
    id: "simulated",
    summary: "a simulated receiver on the host's time, with seeded errors",
    simulated: true,
    options: {
      latitude: { kind: "degrees", required: true, doc: "north positive" },
      longitude: { kind: "degrees", required: true, doc: "east positive" },
      height: { kind: "length", required: false, doc: "above the WGS 84 ellipsoid; 0m by default" },
      period: { kind: "duration", required: false, doc: "between fixes; 1s by default" },
      "horizontal-error": { kind: "length", required: false, doc: "95 %; 3m by default" },
      "time-error": { kind: "duration", required: false, doc: "95 %; 1ms by default" },
      seed: { kind: "integer", required: false, doc: "of the errors; 0 by default" },
    },
    load: async () => (await import("./simulated.ts")).openSimulatedGnss,
  },
];
