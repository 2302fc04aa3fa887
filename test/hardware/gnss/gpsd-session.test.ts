import { describe, expect, test } from "vitest";
import { type GpsdSession, gpsdSession, type SessionOptions } from "../../../hardware/gnss/gpsd/session.ts";
import type { GnssEvent, GnssFix } from "../../../src/ports/gnss.ts";
import { fixesOf, silentLog } from "./context.ts";

const NOW = { wallUs: 1_500_000_000_400_000, bootUs: 1_000_000 };
const TIME = "2017-07-14T02:40:00.000Z";
const TIME_US = 1_500_000_000_000_000;

function session(options: Partial<SessionOptions> = {}): GpsdSession {
  return gpsdSession({ source: "live", device: null, log: silentLog, ...options });
}

function say(to: GpsdSession, report: object, now: typeof NOW = NOW): readonly GnssEvent[] {
  const { understood, events } = to.hear(JSON.stringify(report), now);
  expect(understood).toBe(true);
  return events;
}

function fixOf(fields: object, options: Partial<SessionOptions> = {}): GnssFix {
  const fix = fixesOf(
    say(session(options), { class: "TPV", mode: 3, time: TIME, lat: 1, lon: 2, ...fields }),
  )[0];
  if (fix === undefined) throw new Error("a TPV gives a fix");
  return fix;
}

describe("a TPV as a fix", () => {
  test("carries everything that gpsd gave, in the port's units", () => {
    expect(fixOf({ altHAE: 25.378, eph: 1.133, epv: 1.603 })).toEqual({
      source: "gnss",
      mode: 3,
      receivedBootUs: NOW.bootUs,
      timeUs: TIME_US,
      timeErrorUs: null,
      pps: false,
      leapPending: false,
      latE7: 10_000_000,
      lonE7: 20_000_000,
      heightMm: 25_378,
      horizontalErrorMm: 1_133,
      verticalErrorMm: 1_603,
      satellitesUsed: null,
      interference: "",
    });
  });

  test("has nulls for all that is missing", () => {
    const fix = fixesOf(say(session(), { class: "TPV" }))[0];
    expect(fix).toMatchObject({ mode: 0, timeUs: null, latE7: null, lonE7: null, heightMm: null });
    expect(fix).toMatchObject({ horizontalErrorMm: null, verticalErrorMm: null, timeErrorUs: null });
  });

  test("takes the height above the ellipsoid, else that above the geoid with the geoid's own, else none", () => {
    expect(fixOf({ altHAE: 10, altMSL: 1, alt: 1, geoidSep: 5 }).heightMm).toBe(10_000);
    expect(fixOf({ altMSL: 20, alt: 1, geoidSep: 5 }).heightMm).toBe(25_000);
    expect(fixOf({ alt: 20, geoidSep: -5 }).heightMm).toBe(15_000);
    expect(fixOf({ alt: 20 }).heightMm).toBeNull();
    expect(fixOf({ altHAE: 1e9 }).heightMm).toBeNull();
    expect(fixOf({ mode: 2, altHAE: 10 }).heightMm).toBeNull();
  });

  test("takes eph, else a circle around epx and epy, rounded up, else none", () => {
    expect(fixOf({ eph: 1.0001, epx: 9, epy: 9 }).horizontalErrorMm).toBe(1_001);
    expect(fixOf({ epx: 3, epy: 4 }).horizontalErrorMm).toBe(5_000);
    expect(fixOf({ epx: 3 }).horizontalErrorMm).toBeNull();
    expect(fixOf({ epx: -3, epy: 4 }).horizontalErrorMm).toBeNull();
    expect(fixOf({ eph: -1 }).horizontalErrorMm).toBeNull();
    expect(fixOf({ eph: 1e300 }).horizontalErrorMm).toBe(100_000_000);
  });

  test("has no position with mode below 2, though a receiver repeats its last one", () => {
    for (const mode of [0, 1]) {
      expect(fixOf({ mode, eph: 1 })).toMatchObject({ latE7: null, lonE7: null, horizontalErrorMm: null });
    }
    expect(fixOf({ mode: 2 }).latE7).toBe(10_000_000);
  });

  test("has no position beyond the poles or the antimeridian", () => {
    expect(fixOf({ lat: 90.1 })).toMatchObject({ latE7: null, lonE7: null });
    expect(fixOf({ lon: -180.1 })).toMatchObject({ latE7: null, lonE7: null });
    expect(fixOf({ lat: -90, lon: 180 })).toMatchObject({ latE7: -900_000_000, lonE7: 1_800_000_000 });
  });

  test("takes ept for an estimate unless it is gpsd's constant", () => {
    expect(fixOf({ ept: 0.005 }).timeErrorUs).toBeNull();
    expect(fixOf({ ept: 0.0000301 }).timeErrorUs).toBe(31);
    expect(fixOf({ ept: 1e300 }).timeErrorUs).toBe(86_400_000_000);
    expect(fixOf({ ept: -1 }).timeErrorUs).toBeNull();
  });

  test("is simulated with status 8, and a replay when the profile says so, whatever the status", () => {
    expect(fixOf({ status: 2 }).source).toBe("gnss");
    expect(fixOf({ status: 8 }).source).toBe("simulated");
    expect(fixOf({ status: 8 }, { source: "replay" }).source).toBe("replay");
  });

  test("says jamming from half of the indicator on", () => {
    expect(fixOf({ jam: 127, ant: 1 }).interference).toBe("");
    expect(fixOf({ jam: 128 }).interference).toBe("jamming");
  });

  test("shows a leap second only when the receiver names second 60", () => {
    expect(fixOf({ leapseconds: 18 }).leapPending).toBe(false);
    expect(fixOf({ time: "2016-12-31T23:59:60.000Z" })).toMatchObject({ leapPending: true });
  });

  test("carries the satellites of a fresh SKY and of no old one", () => {
    const gpsd = session();
    say(gpsd, { class: "SKY", uSat: 9 });
    say(gpsd, { class: "SKY", hdop: 1 });
    expect(fixesOf(say(gpsd, { class: "TPV", mode: 1 }))[0]?.satellitesUsed).toBe(9);
    const later = { ...NOW, bootUs: NOW.bootUs + 10_000_001 };
    expect(fixesOf(say(gpsd, { class: "TPV", mode: 1 }, later))[0]?.satellitesUsed).toBeNull();
  });
});

describe("a pulse per second", () => {
  /** The host's wall clock is 250 µs behind true time. */
  const pulse = {
    class: "PPS",
    real_sec: 1_500_000_000,
    real_nsec: 0,
    clock_sec: 1_499_999_999,
    clock_nsec: 999_750_000,
  };
  const fixAfter = (report: object, now: typeof NOW, precision: number | null = -20): GnssFix | undefined => {
    const gpsd = session();
    say(gpsd, { ...pulse, precision });
    return fixesOf(say(gpsd, report, now))[0];
  };
  const tpv = { class: "TPV", mode: 3, time: TIME };

  test("gives the true time of the report's receipt, with gpsd's own estimate", () => {
    expect(fixAfter(tpv, NOW)).toMatchObject({ pps: true, timeUs: NOW.wallUs + 250, timeErrorUs: 1 });
    expect(fixAfter(tpv, NOW, -10)).toMatchObject({ pps: true, timeErrorUs: 977 });
    expect(fixAfter(tpv, NOW, null)).toMatchObject({ pps: true, timeErrorUs: null });
  });

  test("counts no longer when it is old", () => {
    const later = { wallUs: NOW.wallUs + 2_500_001, bootUs: NOW.bootUs + 2_500_001 };
    const next = { ...tpv, time: "2017-07-14T02:40:02.000Z" };
    expect(fixAfter(next, later)).toMatchObject({ pps: false, timeUs: TIME_US + 2_000_000 });
    const intime = { wallUs: NOW.wallUs + 2_500_000, bootUs: NOW.bootUs + 2_500_000 };
    expect(fixAfter(next, intime)).toMatchObject({ pps: true });
  });

  test("counts no longer when the wall clock was stepped since", () => {
    expect(fixAfter(tpv, { wallUs: NOW.wallUs + 501, bootUs: NOW.bootUs })).toMatchObject({ pps: false });
    expect(fixAfter(tpv, { wallUs: NOW.wallUs + 500, bootUs: NOW.bootUs })).toMatchObject({ pps: true });
  });

  test("is not believed when it numbers another second than the message", () => {
    expect(fixAfter({ ...tpv, time: "2017-07-14T02:40:01.000Z" }, NOW)).toMatchObject({
      pps: false,
      timeUs: TIME_US + 1_000_000,
    });
    expect(fixAfter({ ...tpv, time: "2017-07-14T02:39:58.000Z" }, NOW)).toMatchObject({ pps: false });
  });

  test("gives no time to a report that names none", () => {
    expect(fixAfter({ class: "TPV", mode: 3 }, NOW)).toMatchObject({
      pps: false,
      timeUs: null,
      timeErrorUs: null,
    });
  });
});

describe("receivers that come and go", () => {
  const device = (path: string, activated: string | number) => ({ class: "DEVICE", path, activated });
  const tpv = (path: string) => ({ class: "TPV", device: path, mode: 1 });

  test("are found once and lost once", () => {
    const gpsd = session();
    expect(say(gpsd, { class: "DEVICES", devices: [] })).toEqual([
      { kind: "lost", reason: "gpsd has no open receiver" },
    ]);
    expect(say(gpsd, { class: "DEVICES", devices: [] })).toEqual([]);
    expect(say(gpsd, device("/dev/a", TIME))).toEqual([{ kind: "found", device: "/dev/a" }]);
    expect(say(gpsd, device("/dev/a", TIME))).toEqual([]);
    expect(say(gpsd, tpv("/dev/a")).map((event) => event.kind)).toEqual(["fix"]);
    expect(say(gpsd, device("/dev/a", 0))).toEqual([{ kind: "lost", reason: "gpsd let go of /dev/a" }]);
    expect(gpsd.ended("closed")).toEqual([]);
    expect(say(gpsd, tpv("/dev/a")).map((event) => event.kind)).toEqual(["found", "fix"]);
    expect(gpsd.ended("closed")).toEqual([{ kind: "lost", reason: "closed" }]);
  });

  test("are never mixed: the first one that reports is the one", () => {
    const gpsd = session();
    expect(say(gpsd, tpv("/dev/a"))).toHaveLength(2);
    expect(say(gpsd, tpv("/dev/b"))).toEqual([]);
    say(gpsd, { class: "SKY", device: "/dev/b", uSat: 30 });
    expect(fixesOf(say(gpsd, tpv("/dev/a")))[0]?.satellitesUsed).toBeNull();
    expect(say(gpsd, device("/dev/b", 0))).toEqual([]);
    say(gpsd, device("/dev/a", 0));
    expect(say(gpsd, tpv("/dev/b")).map((event) => event.kind)).toEqual(["found", "fix"]);
  });

  test("are only the one that the profile names", () => {
    const gpsd = session({ device: "/dev/b" });
    expect(say(gpsd, { class: "DEVICES", devices: [{ path: "/dev/a", activated: TIME }] })).toEqual([
      { kind: "lost", reason: "gpsd has no open /dev/b" },
    ]);
    expect(say(gpsd, tpv("/dev/a"))).toEqual([]);
    expect(say(gpsd, tpv("/dev/b")).map((event) => event.kind)).toEqual(["found", "fix"]);
  });

  test("end with gpsd's errors and unknown classes unharmed", () => {
    const gpsd = session();
    for (const name of ["ERROR", "VERSION", "WATCH", "TOFF-later", "RAW"]) {
      expect(say(gpsd, { class: name })).toEqual([]);
    }
    expect(gpsd.hear("garbage", NOW)).toEqual({ understood: false, events: [] });
    expect(gpsd.counts()).toEqual({ reports: 5, dropped: 1 });
  });
});
