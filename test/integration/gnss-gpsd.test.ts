/** The driver gpsd against a real gpsd that plays the receiver logs of gpsd's own tests. */
import { describe, expect, test } from "vitest";
import { type GpsdClient, openGpsd } from "../../hardware/gnss/gpsd/client.ts";
import type { OptionValues } from "../../src/ports/driver.ts";
import type { GnssEvent, GnssFix } from "../../src/ports/gnss.ts";
import { fixesOf, runningContext } from "../hardware/gnss/context.ts";
import { logPath, VECTOR_LOGS, vectorsMissing } from "../hardware/gnss/vectors.ts";
import {
  eventually,
  feedReceiver,
  freePort,
  programMissing,
  startGpsd,
  startGpsfake,
  startPtyPair,
} from "../support/gpsd.ts";

const FIXES = 5;
const fakeMissing = vectorsMissing ?? programMissing("gpsd", "gpsfake");
const ptyMissing = programMissing("gpsd", "socat");

/** What gpsd 3.22 makes of each log; other releases differ, so a fact is only asserted where the README names it. */
const EXPECTED: Readonly<Record<(typeof VECTOR_LOGS)[number], (fix: GnssFix) => void>> = {
  bu353s4(fix) {
    // 3.22 takes the log of 2014 for one of 2034 (GPS week rollover), with a good fix: only the core can refuse it.
    // A client that comes in mid-epoch sees mode 2 until the receiver names its height again.
    expect(fix.mode).toBeGreaterThanOrEqual(2);
    expect(yearOf(fix)).toBe(2034);
    expect(fix.latE7).toBeCloseTo(-377_847_900, -4);
    expect(fix.heightMm === null).toBe(fix.mode === 2);
  },
  "quectel-eg25-g"(fix) {
    expect([0, 1, 2, 3]).toContain(fix.mode);
    if (fix.mode < 2) expect(fix).toMatchObject({ latE7: null, lonE7: null, heightMm: null });
  },
  "u-blox-m8t-time"(fix) {
    // A surveyed-in receiver gives time; 3.22 reports it without a mode, later releases with mode 3.
    expect([0, 3]).toContain(fix.mode);
    expect(yearOf(fix)).toBe(2021);
    if (fix.mode === 0) expect(fix).toMatchObject({ latE7: null, lonE7: null, horizontalErrorMm: null });
  },
  "ublox-neo-m8n"(fix) {
    expect(fix.mode).toBe(3);
    expect(yearOf(fix)).toBe(2017);
    expect(fix.latE7).toBeCloseTo(-349_062_266, -3);
    expect(fix.lonE7).toBeCloseTo(1_386_081_199, -3);
  },
  "ublox-zed-f9p-rtk"(fix) {
    expect(fix.mode).toBe(3);
    expect(yearOf(fix)).toBe(2022);
  },
};

describe("a real gpsd that plays a receiver's log", () => {
  for (const name of VECTOR_LOGS) {
    const title = `gives fixes from ${name}, marked as replay, without a time error of its own`;
    test.skipIf(fakeMissing !== null)(
      fakeMissing === null ? title : `${title} (${fakeMissing})`,
      async () => {
        const gpsd = await startGpsfake(logPath(name));
        try {
          const events = await hear({ host: gpsd.host, port: gpsd.port, source: "replay" }, timedFixes(name));
          // gpsd may begin without an open receiver, and says so.
          const kinds = events.map((event) => event.kind);
          expect(kinds.slice(0, kinds.indexOf("fix"))).toEqual(
            kinds[0] === "lost" ? ["lost", "found"] : ["found"],
          );
          const fixes = fixesOf(events).filter((fix) => fix.timeUs !== null);
          for (const fix of fixes) {
            expect(fix).toMatchObject({ source: "replay", timeErrorUs: null, pps: false });
            EXPECTED[name](fix);
          }
          if (name === "bu353s4") expect(fixes.some((fix) => fix.mode === 3)).toBe(true);
        } finally {
          await gpsd.stop();
        }
      },
    );
  }

  const twice = "gives two clients the same fixes in the same order";
  test.skipIf(fakeMissing !== null)(fakeMissing === null ? twice : `${twice} (${fakeMissing})`, async () => {
    const gpsd = await startGpsfake(logPath("bu353s4"));
    try {
      const options = { host: gpsd.host, port: gpsd.port };
      const heard = await Promise.all([hear(options, 40), hear(options, 40)]);
      const [first = [], second = []] = heard.map((events) => fixesOf(events).map((fix) => fix.timeUs));
      // They begin at different reports and share all from the later beginning on.
      const shift = first.indexOf(second[0] ?? null) >= 0 ? first.indexOf(second[0] ?? null) : 0;
      const start = second.indexOf(first[shift] ?? null);
      expect(start).toBeGreaterThanOrEqual(0);
      const overlap = Math.min(first.length - shift, second.length - start);
      expect(overlap).toBeGreaterThan(0);
      expect(first.slice(shift, shift + overlap)).toEqual(second.slice(start, start + overlap));
    } finally {
      await gpsd.stop();
    }
  });
});

describe("a real gpsd that goes away and comes back", () => {
  const title = "is reported lost with its address, found again, and its fixes go on";
  test.skipIf(ptyMissing !== null)(ptyMissing === null ? title : `${title} (${ptyMissing})`, async () => {
    const pty = await startPtyPair();
    const port = await freePort();
    const feeding = feedReceiver(pty);
    let gpsd = await startGpsd(pty.device(), port);
    const client = await openGpsd(runningContext(), { host: gpsd.host, port });
    const events: GnssEvent[] = [];
    client.listen((event) => events.push(event));
    try {
      await eventually("a first fix", () => (fixesOf(events).length > 0 ? true : null));
      await gpsd.stop();
      const lost = await eventually("the loss", () => events.find((event) => event.kind === "lost") ?? null);
      expect(lost).toMatchObject({ reason: expect.stringContaining(`127.0.0.1:${port}`) });
      const before = events.length;
      gpsd = await startGpsd(pty.device(), port);
      await eventually("another fix", () => (fixesOf(events.slice(before)).length > 0 ? true : null));
      const again = events.slice(before).map((event) => event.kind);
      expect(again.indexOf("found")).toBeLessThan(again.indexOf("fix"));
      const boot = fixesOf(events).map((fix) => fix.receivedBootUs);
      expect(boot).toEqual([...boot].sort((a, b) => a - b));
    } finally {
      feeding.stop();
      await client.close();
      await gpsd.stop();
      await pty.stop();
    }
  });
});

/** Hears at least `fixes` fixes that name a time, then closes. */
async function hear(options: OptionValues, fixes: number): Promise<readonly GnssEvent[]> {
  const client: GpsdClient = await openGpsd(runningContext(), options);
  const events: GnssEvent[] = [];
  client.listen((event) => events.push(event));
  try {
    await eventually(`${fixes} fixes with a time`, () =>
      fixesOf(events).filter((fix) => fix.timeUs !== null).length >= fixes ? true : null,
    );
    expect(client.counts()).toMatchObject({ dropped: 0, overlong: 0 });
  } finally {
    await client.close();
  }
  return events;
}

/** The quectel log is long and has few timed fixes near its start. */
function timedFixes(name: string): number {
  return name === "quectel-eg25-g" ? 1 : FIXES;
}

function yearOf(fix: GnssFix): number {
  return new Date(Math.floor((fix.timeUs ?? 0) / 1000)).getUTCFullYear();
}
