/** Every driver of the GNSS registry against the promises of the port, each with a receiver that the bench plays. */
import { describe, expect, test } from "vitest";
import { noFaults } from "../../hardware/gnss/faults.ts";
import { gnssDrivers } from "../../hardware/gnss/registry.ts";
import { simulatedGnss } from "../../hardware/gnss/simulated.ts";
import { feedReceiver, freePort, programMissing, startGpsd, startPtyPair } from "../support/gpsd.ts";
import { type GnssBench, gnssConformance } from "./gnss.ts";

type Bench = { readonly start: () => Promise<GnssBench>; readonly missing: string | null };

const benches: Readonly<Record<string, Bench>> = {
  gpsd: { start: gpsdBench, missing: programMissing("gpsd", "socat") },
  "nmea-serial": { start: serialBench, missing: programMissing("socat") },
  simulated: { start: simulatedBench, missing: null },
};

for (const entry of gnssDrivers) {
  const bench = benches[entry.id];
  if (bench !== undefined) gnssConformance(entry, bench.start, bench.missing);
}

describe("the GNSS registry", () => {
  test("has a bench for every driver, and no driver twice", () => {
    expect(gnssDrivers.map((entry) => entry.id).sort()).toEqual(Object.keys(benches).sort());
  });

  test("says of each driver and option what it is for", () => {
    for (const { summary, options } of gnssDrivers) {
      for (const text of [summary, ...Object.values(options).map(({ doc }) => doc)]) {
        expect(text.length).toBeGreaterThan(10);
      }
    }
  });
});

/** A real gpsd on a pty that the test feeds; taken away by its end, and given back on the same port. */
async function gpsdBench(): Promise<GnssBench> {
  const pty = await startPtyPair();
  const feeding = feedReceiver(pty);
  const port = await freePort();
  let gpsd = await startGpsd(pty.device(), port);
  return {
    options: { host: gpsd.host, port },
    open: null,
    absent: { port: await freePort() },
    blind: feeding.blind,
    lose: () => gpsd.stop(),
    async restore() {
      gpsd = await startGpsd(pty.device(), port);
    },
    async stop() {
      feeding.stop();
      await gpsd.stop();
      await pty.stop();
    },
  };
}

async function serialBench(): Promise<GnssBench> {
  const pty = await startPtyPair();
  const feeding = feedReceiver(pty);
  return {
    options: { path: pty.path },
    open: null,
    absent: { path: `${pty.path}-absent` },
    blind: feeding.blind,
    lose: pty.unplug,
    restore: pty.plug,
    async stop() {
      feeding.stop();
      await pty.stop();
    },
  };
}

async function simulatedBench(): Promise<GnssBench> {
  const faults = noFaults();
  const place = { latE7: 525_200_000, lonE7: 134_050_000, heightMm: 34_000 };
  return {
    options: { latitude: place.latE7, longitude: place.lonE7, period: 50_000 },
    open: async (context) =>
      simulatedGnss(context, {
        space: { seed: 1, epochUtcUs: 1_782_907_200_000_000, bodies: { mast: { kind: "fixed", place } } },
        body: "mast",
        periodUs: 50_000,
        horizontalErrorMm: 3_000,
        timeErrorUs: 1_000,
        faults,
      }),
    absent: {},
    blind(on) {
      faults.outage = on;
    },
    async lose() {
      faults.disconnected = true;
    },
    async restore() {
      faults.disconnected = false;
    },
    stop: async () => undefined,
  };
}
