/** The driver nmea-serial over a pty of socat, fed with the sentences of a real receiver, and with what is none. */
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type NmeaSerial, nmeaSession, openNmeaSerial } from "../../hardware/gnss/nmea-serial.ts";
import type { GnssEvent, GnssFix } from "../../src/ports/gnss.ts";
import { fixesOf, runningContext } from "../hardware/gnss/context.ts";
import { logPath, vectorsMissing } from "../hardware/gnss/vectors.ts";
import { eventually, nmea, type PtyPair, programMissing, startPtyPair } from "../support/gpsd.ts";

const ptyMissing = programMissing("socat");
const logMissing = vectorsMissing ?? ptyMissing;
const RMC = "GPRMC,120000.00,A,5231.2000,N,01324.3000,E,0.0,0.0,010726,,,A";

describe.skipIf(ptyMissing !== null)(
  `a serial port${ptyMissing === null ? "" : ` (skipped: ${ptyMissing})`}`,
  () => {
    let pty: PtyPair;
    let driver: NmeaSerial;
    let events: GnssEvent[];

    beforeEach(async () => {
      pty = await startPtyPair();
      events = [];
      driver = await openNmeaSerial(runningContext(), { path: pty.path, source: "replay" });
      driver.listen((event) => events.push(event));
    });

    afterEach(async () => {
      await driver.close();
      await pty.stop();
    });

    const feedUntilFound = async (): Promise<void> => {
      // The port opens in its own time, and what a pty said before is gone.
      await eventually("the receiver", () => {
        if (events.some((event) => event.kind === "found")) return true;
        void pty.feed(nmea("GPTXT,01,01,02,READY"));
        return null;
      });
    };

    const title = "gives the fixes of a whole log, as the sentences alone do";
    test.skipIf(logMissing !== null)(logMissing === null ? title : `${title} (${logMissing})`, async () => {
      const text = readFileSync(logPath("bu353s4"), "latin1");
      const session = nmeaSession("x", "replay");
      const direct = text
        .split(/\r?\n/)
        .flatMap((line) => session.hear(line, { wallUs: 0, bootUs: 0 }).events);
      const expected = fixesOf([...direct, ...session.quiet()]).map(timeless);
      expect(expected.length).toBeGreaterThan(10);
      await feedUntilFound();
      for (const line of text.match(/.*\r?\n/g) ?? []) await pty.feed(line);
      await eventually("all fixes", () => (fixesOf(events).length >= expected.length ? true : null));
      expect(fixesOf(events).map(timeless)).toEqual(expected);
    });

    test("ends an epoch by itself when the receiver falls quiet", async () => {
      await feedUntilFound();
      await pty.feed(nmea(RMC));
      await eventually("the fix", () => (fixesOf(events).length > 0 ? true : null));
      expect(fixesOf(events)).toMatchObject([
        { mode: 2, latE7: 525_200_000, lonE7: 134_050_000, source: "replay" },
      ]);
    });

    test("counts binary, broken and endless lines, and goes on", async () => {
      await feedUntilFound();
      const before = driver.counts();
      await pty.feed("\u0001\u0002binary\n$GPRMC,1*00\n");
      await pty.feed(`${"y".repeat(5_000)}\n`);
      await pty.feed(nmea(RMC));
      await eventually("the fix", () => (fixesOf(events).length > 0 ? true : null));
      expect(driver.counts().dropped - before.dropped).toBe(2);
      expect(driver.counts().overlong - before.overlong).toBe(1);
    });
  },
);

/** The boot time of receipt is the one thing that a wire may change. */
function timeless(fix: GnssFix): Omit<GnssFix, "receivedBootUs"> {
  const { receivedBootUs: _, ...rest } = fix;
  return rest;
}
