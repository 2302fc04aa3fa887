import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseReport } from "../../../hardware/gnss/gpsd/report.ts";
import { gpsdSession } from "../../../hardware/gnss/gpsd/session.ts";
import { fixesOf, silentLog } from "./context.ts";
import { expectedLines, VECTOR_LOGS, vectorsMissing } from "./vectors.ts";

describe("the reports that gpsd's own tests expect", () => {
  for (const name of VECTOR_LOGS) {
    const title = `all parse, and give one fix a TPV, in ${name}`;
    test.skipIf(vectorsMissing !== null)(
      vectorsMissing === null ? title : `${title} (${vectorsMissing})`,
      () => {
        const lines = expectedLines(name);
        const reports = lines.filter((line) => line.startsWith("{"));
        const tpvs = reports.filter((line) => line.startsWith('{"class":"TPV"'));
        expect(tpvs.length).toBeGreaterThan(0);
        const session = gpsdSession({ source: "replay", device: null, log: silentLog });
        const events = lines.flatMap((line, i) => session.hear(line, { wallUs: 0, bootUs: i }).events);
        expect(session.counts()).toEqual({ reports: reports.length, dropped: lines.length - reports.length });
        expect(fixesOf(events)).toHaveLength(tpvs.length);
        fixesOf(events).forEach((fix, i) => {
          const said = JSON.parse(tpvs[i] ?? "") as Record<string, number | string | undefined>;
          expect(fix.mode).toBe(said["mode"]);
          expect(fix.timeErrorUs).toBeNull();
          expect(fix.timeUs).toBe(
            said["time"] === undefined ? null : Date.parse(String(said["time"])) * 1000,
          );
          const placed = fix.mode >= 2 && said["lat"] !== undefined;
          expect(fix.latE7 === null ? null : fix.latE7 / 1e7).toBe(placed ? rounded(said["lat"]) : null);
          expect(fix.lonE7 === null ? null : fix.lonE7 / 1e7).toBe(placed ? rounded(said["lon"]) : null);
        });
      },
    );
  }
});

describe("one line of gpsd", () => {
  test("becomes a report of its class", () => {
    expect(parseReport('{"class":"VERSION","release":"3.22","proto_major":3,"proto_minor":14}')).toEqual({
      kind: "version",
      release: "3.22",
      protocol: "3.14",
    });
    expect(parseReport('{"class":"ERROR","message":"Unrecognized request"}')).toEqual({
      kind: "error",
      message: "Unrecognized request",
    });
    expect(parseReport('{"class":"POLL","time":1}')).toEqual({ kind: "other", name: "POLL" });
  });

  test("tells open devices from those that gpsd let go of", () => {
    const devices =
      '{"class":"DEVICES","devices":[{"path":"/dev/a","activated":"2026-01-01T00:00:00Z"},{"path":"/dev/b"},{},7]}';
    expect(parseReport(devices)).toEqual({
      kind: "devices",
      devices: [
        { path: "/dev/a", active: true },
        { path: "/dev/b", active: false },
      ],
    });
    expect(parseReport('{"class":"DEVICE","path":"/dev/a","activated":0}')).toMatchObject({
      device: { path: "/dev/a", active: false },
    });
    expect(parseReport('{"class":"DEVICE","path":"/dev/a","activated":1269959537.2}')).toMatchObject({
      device: { active: true },
    });
    expect(parseReport('{"class":"DEVICE"}')).toBeNull();
  });

  test("reads pulses and offsets with negative nanoseconds", () => {
    const times =
      '"device":"/dev/pps0","real_sec":1330212592,"real_nsec":-343182,"clock_sec":1330212592,"clock_nsec":343182';
    expect(parseReport(`{"class":"TOFF",${times}}`)).toEqual({
      kind: "toff",
      device: "/dev/pps0",
      realUs: 1_330_212_591_999_656,
      clockUs: 1_330_212_592_000_343,
    });
    expect(parseReport(`{"class":"PPS",${times},"precision":-20}`)).toMatchObject({
      kind: "pps",
      precision: -20,
    });
    expect(
      parseReport('{"class":"PPS","real_sec":1.5,"real_nsec":0,"clock_sec":1,"clock_nsec":0}'),
    ).toBeNull();
    expect(
      parseReport('{"class":"TOFF","real_sec":1e300,"real_nsec":0,"clock_sec":1,"clock_nsec":0}'),
    ).toBeNull();
  });

  test("counts the used satellites where the release does not", () => {
    const satellites =
      '"satellites":[{"PRN":1,"used":true},{"PRN":2,"used":false},{"PRN":3,"used":"true"},null]';
    expect(parseReport(`{"class":"SKY",${satellites}}`)).toMatchObject({ used: 1 });
    expect(parseReport(`{"class":"SKY","uSat":8,${satellites}}`)).toMatchObject({ used: 8 });
    expect(parseReport('{"class":"SKY","uSat":-1}')).toMatchObject({ used: null });
    const none = parseReport('{"class":"SKY","uSat":-0}');
    expect(none?.kind === "sky" && Object.is(none.used, 0)).toBe(true);
    expect(parseReport('{"class":"SKY"}')).toMatchObject({ used: null });
  });

  test("takes a field of another type for a missing one", () => {
    const report = parseReport(
      '{"class":"TPV","mode":"3","time":1,"lat":"52","lon":[],"altHAE":null,"eph":1e999,"jam":true,"device":{}}',
    );
    expect(report).toMatchObject({
      mode: 0,
      time: null,
      lat: null,
      lon: null,
      altHAE: null,
      eph: null,
      jam: null,
    });
  });

  test("is dropped when it is no object with a class", () => {
    for (const line of ["", "{", "[]", "null", "7", '"TPV"', "{}", '{"class":7}', "[".repeat(30_000)]) {
      expect(parseReport(line), line.slice(0, 20)).toBeNull();
    }
  });

  test("takes nothing from prototypes", () => {
    expect(parseReport('{"__proto__":{"class":"TPV","mode":3}}')).toBeNull();
    expect(parseReport('{"class":"toString"}')).toEqual({ kind: "other", name: "toString" });
  });
});

describe("hostile lines", () => {
  const KEYS =
    "class mode status time ept lat lon altHAE alt geoidSep eph epv uSat satellites devices path".split(" ");
  const CLASSES = ["TPV", "SKY", "PPS", "TOFF", "DEVICE", "DEVICES", "VERSION", "ERROR", "GST"];

  test("never throw, whatever JSON stands in whatever field, and keep every fix within the port's ranges", () => {
    const report = fc
      .tuple(fc.constantFrom(...CLASSES), fc.dictionary(fc.constantFrom(...KEYS), fc.jsonValue()), numbers())
      .map(([name, fields, some]) => JSON.stringify({ ...fields, ...some, class: name }));
    fc.assert(fc.property(fc.array(report, { maxLength: 20 }), holdsPort), { numRuns: 500 });
  });

  test("never throw when true reports are cut, doubled and overwritten at random", () => {
    const mutated = fc
      .tuple(
        fc.constantFrom(...TRUE_REPORTS),
        fc.nat(),
        fc.nat(),
        fc.string({ unit: "binary", maxLength: 8 }),
      )
      .map(([line, from, length, text]) => {
        const start = from % line.length;
        return line.slice(0, start) + text + line.slice(start + (length % 12));
      });
    fc.assert(fc.property(fc.array(mutated, { maxLength: 20 }), holdsPort), { numRuns: 500 });
  });

  test("never throw when they are any bytes", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 }), (lines) =>
        holdsPort(lines.map((line) => Buffer.from(line).toString("utf8"))),
      ),
    );
  });
});

const TRUE_REPORTS = [
  '{"class":"TPV","device":"/dev/pts/1","status":2,"mode":3,"time":"2017-07-19T08:50:01.000Z","leapseconds":18,"ept":0.005,"lat":-34.9062266,"lon":138.6081199,"altHAE":25.378,"altMSL":28.849,"epv":1.603,"eph":1.133}',
  '{"class":"SKY","device":"/dev/pts/1","nSat":2,"uSat":1,"satellites":[{"PRN":1,"used":true},{"PRN":2,"used":false}]}',
  '{"class":"DEVICE","path":"/dev/pts/1","activated":"2026-01-01T00:00:00.000Z"}',
  '{"class":"PPS","device":"/dev/pts/1","real_sec":1500000000,"real_nsec":0,"clock_sec":1500000000,"clock_nsec":1000,"precision":-20}',
] as const;

function numbers(): fc.Arbitrary<Record<string, number>> {
  const extreme = fc.oneof(fc.double(), fc.constantFrom(-0, 1e308, -1e308, 5e-324, 90.0000001, 180, 0.005));
  return fc.dictionary(
    fc.constantFrom("lat", "lon", "altHAE", "eph", "epx", "epy", "epv", "ept", "mode", "jam"),
    extreme,
  );
}

function holdsPort(lines: readonly string[]): void {
  const session = gpsdSession({ source: "live", device: null, log: silentLog });
  const events = lines.flatMap((line, i) => session.hear(line, { wallUs: i, bootUs: i }).events);
  const { reports, dropped } = session.counts();
  expect(reports + dropped).toBe(lines.length);
  for (const fix of fixesOf(events)) {
    for (const value of Object.values(fix)) {
      if (typeof value === "number") expect(Number.isSafeInteger(value) && !Object.is(value, -0)).toBe(true);
    }
    expect(Math.abs(fix.latE7 ?? 0)).toBeLessThanOrEqual(900_000_000);
    expect(Math.abs(fix.lonE7 ?? 0)).toBeLessThanOrEqual(1_800_000_000);
    expect(fix.latE7 === null).toBe(fix.lonE7 === null);
  }
}

function rounded(degrees: number | string | undefined): number {
  return Math.round(Number(degrees) * 1e7) / 1e7;
}
