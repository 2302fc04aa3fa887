import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nmeaSentence } from "../../../hardware/gnss/nmea-sentence.ts";
import { nmeaSession } from "../../../hardware/gnss/nmea-serial.ts";
import { isoTime } from "../../../hardware/gnss/utc-time.ts";
import type { GnssFix } from "../../../src/ports/gnss.ts";
import { nmea } from "../../support/gpsd.ts";
import { fixesOf } from "./context.ts";
import { expectedLines, VECTOR_LOGS, vectorsMissing } from "./vectors.ts";

const RMC = "GPRMC,085001.20,A,3454.3736140,S,13836.4871940,E,0.0311,31.472,190717,7.9,E";
const GGA = "GPGGA,085001.20,3454.3736140,S,13836.4871940,E,2,11,0.7,28.780,M,-1.662,M,,";
const GSA = "GPSA";
const GSA_3D = "GPGSA,A,3,17,28,06,01,30,20,26,13,,,,,1.8,1.1,1.5";
const GST = "GPGST,085001.20,1.5,,,,3.000,4.000,5.000";
const ZDA = "GPZDA,085001.20,19,07,2017,00,00";

/** The fixes that these sentences give, each received a millisecond after the one before. */
function fixes(contents: readonly string[], source: "live" | "replay" = "live"): readonly GnssFix[] {
  const session = nmeaSession("/dev/ttyX", source);
  const events = contents.flatMap((content, i) => {
    const { understood, events } = session.hear(nmea(content).trim(), { wallUs: 0, bootUs: 1_000 * i });
    expect(understood, content).toBe(true);
    return events;
  });
  return fixesOf([...events, ...session.quiet()]);
}

function only(contents: readonly string[]): GnssFix {
  const all = fixes(contents);
  expect(all).toHaveLength(1);
  const [fix] = all;
  if (fix === undefined) throw new Error("there is one");
  return fix;
}

describe("the sentences of one epoch", () => {
  test("become one fix, in whatever order they come", () => {
    const expected = {
      source: "gnss",
      mode: 3,
      receivedBootUs: 0,
      timeUs: isoTime("2017-07-19T08:50:01.2Z")?.timeUs,
      timeErrorUs: null,
      pps: false,
      leapPending: false,
      latE7: -349_062_269,
      lonE7: 1_386_081_199,
      heightMm: 27_118,
      horizontalErrorMm: 10_000,
      verticalErrorMm: 10_000,
      satellitesUsed: 11,
      interference: "",
    };
    expect(only([RMC, GGA, GSA_3D, GST])).toEqual(expected);
    expect(only([GST, GSA_3D, GGA, RMC])).toEqual(expected);
    expect(only([ZDA, GGA, RMC, GSA_3D, GST])).toEqual(expected);
  });

  test("carry the boot time of the first of them", () => {
    const [, second] = fixes([
      RMC,
      GGA,
      RMC.replace("085001.20", "085002.20"),
      GGA.replace("085001.20", "085002.20"),
    ]);
    expect(second?.receivedBootUs).toBe(2_000);
  });

  test("end when another time begins, or a sentence comes that comes once an epoch", () => {
    expect(fixes([GGA, RMC.replace("085001.20", "085001.40")])).toHaveLength(2);
    expect(fixes([RMC, RMC])).toHaveLength(2);
    expect(fixes([RMC, GGA, GSA_3D, GSA_3D])).toHaveLength(1);
  });

  test("have no time without a date: today's is never assumed", () => {
    expect(only([GGA]).timeUs).toBeNull();
    expect(only([GGA, ZDA]).timeUs).not.toBeNull();
  });

  test("have a mode of 2 or 3 by their height where no GSA says it", () => {
    expect(only([RMC]).mode).toBe(2);
    expect(only([RMC, GGA]).mode).toBe(3);
    expect(only([RMC, GGA.replace("-1.662,M", ",")])).toMatchObject({ mode: 2, heightMm: null });
  });

  test("count no satellites as 0, whatever its sign", () => {
    expect(Object.is(only([GGA.replace(",11,", ",-0,")]).satellitesUsed, 0)).toBe(true);
  });

  test("are a replay when the profile says so", () => {
    expect(fixes([RMC], "replay")[0]?.source).toBe("replay");
  });

  test("show a leap second when they name second 60", () => {
    const leap = only(["GPRMC,235960.00,A,3454.37,S,13836.48,E,0.0,0.0,311216,,,A"]);
    expect(leap).toMatchObject({ leapPending: true, timeUs: isoTime("2017-01-01T00:00:00Z")?.timeUs });
  });
});

describe("a receiver without a fix", () => {
  const empty = { mode: 1, timeUs: null, latE7: null, lonE7: null, heightMm: null, horizontalErrorMm: null };

  test("still gives fixes, with nulls", () => {
    expect(only(["GPGGA,,,,,,0,,,,,,,,"])).toMatchObject(empty);
    expect(only(["GPRMC,,V,,,,,,,,,,N"])).toMatchObject(empty);
    expect(only(["GNGNS,191434.96,,,,,NNN,,,,,,"])).toMatchObject(empty);
  });

  test("has none even when another sentence still repeats the last position", () => {
    expect(only([RMC.replace(",A,", ",V,"), GGA, GSA_3D])).toMatchObject({
      mode: 1,
      latE7: null,
      heightMm: null,
    });
    expect(only([RMC, GGA, GSA_3D.replace("A,3", "A,1")])).toMatchObject({ mode: 1, latE7: null });
  });

  test("may know the time all the same", () => {
    expect(only([RMC.replace(",A,", ",V,")]).timeUs).not.toBeNull();
  });
});

describe("a position that is not from the sky", () => {
  test("is no fix when it is dead reckoning or entered by hand", () => {
    expect(only([`${RMC},E`])).toMatchObject({ mode: 1, latE7: null });
    expect(only([GGA.replace("E,2,", "E,6,")])).toMatchObject({ mode: 1 });
    expect(only([GGA.replace("E,2,", "E,7,")])).toMatchObject({ mode: 1 });
    expect(only(["GNGNS,085001.20,3454.37,S,13836.48,E,E,11,0.7,28.7,-1.6,,"])).toMatchObject({ mode: 1 });
  });

  test("is marked simulated when the receiver says so", () => {
    expect(only([`${RMC},S`]).source).toBe("simulated");
    expect(only([RMC, GGA.replace("E,2,", "E,8,")]).source).toBe("simulated");
    expect(only(["GNGNS,085001.20,3454.37,S,13836.48,E,AS,11,0.7,28.7,-1.6,,"]).source).toBe("simulated");
    expect(only(["GNGNS,085001.20,3454.37,S,13836.48,E,NA,11,0.7,28.7,-1.6,,"])).toMatchObject({
      source: "gnss",
      mode: 3,
      heightMm: 27_100,
    });
  });
});

describe("a sentence", () => {
  test("is dropped with a wrong checksum, a cut, or a name that only a prototype has", () => {
    const good = nmea(RMC).trim();
    expect(nmeaSentence(good)).toMatchObject({ type: "RMC", time: "085001.20", date: "190717" });
    for (const bad of [
      good.replace("A,3454", "A,3455"),
      good.slice(0, -3),
      good.slice(1),
      nmea(GSA).trim(),
      nmea("GPtoString,1").trim(),
      nmea("GP__proto__,1").trim(),
      nmea("GPconstructor,1").trim(),
      nmea("GPGGA,1,2").trim(),
    ]) {
      const sentence = nmeaSentence(bad);
      expect(sentence === null || sentence === "unused", bad).toBe(true);
    }
  });

  test("has no position when a coordinate lacks its letter or its digits", () => {
    for (const bad of [
      RMC.replace(",S,", ",,"),
      RMC.replace(",S,", ",W,"),
      RMC.replace("3454.3736140", "454.3736140"),
      RMC.replace("13836.4871940", "-3836.4871940"),
      RMC.replace("3454.3736140", "3454.37e9"),
    ]) {
      expect(only([bad]), bad).toMatchObject({ latE7: null, lonE7: null });
    }
  });

  test("that this driver has no use for is understood and gives nothing", () => {
    expect(fixes(["GPVTG,,T,,M,,N,,K,N", "GPTXT,01,01,02,ANTSTATUS=OK"])).toEqual([]);
  });
});

describe("hostile sentences", () => {
  test("never throw, and keep every fix within the port's ranges", () => {
    const field = fc.oneof(
      fc.string({ maxLength: 6 }),
      fc.constantFrom("", "A", "N", "E", "1e309", "NaN", "-1"),
    );
    const made = fc
      .tuple(
        fc.constantFrom("RMC", "GGA", "GNS", "GSA", "GST", "ZDA", "GSV", "TXT"),
        fc.array(field, { maxLength: 20 }),
      )
      .map(([name, fields]) => nmea(`GP${name},${fields.join(",")}`).trim());
    const mutated = fc
      .tuple(fc.constantFrom(RMC, GGA, GSA_3D, GST, ZDA), fc.nat(), fc.string({ maxLength: 3 }))
      .map(([content, at, text]) => {
        const start = 6 + (at % (content.length - 6));
        return nmea(content.slice(0, start) + text + content.slice(start + 1)).trim();
      });
    fc.assert(
      fc.property(fc.array(fc.oneof(made, mutated, fc.string()), { maxLength: 30 }), (lines) => {
        const session = nmeaSession("x", "live");
        const events = lines.flatMap((line, i) => session.hear(line, { wallUs: 0, bootUs: i }).events);
        const { sentences, dropped } = session.counts();
        expect(sentences + dropped).toBe(lines.length);
        for (const fix of fixesOf([...events, ...session.quiet()])) {
          for (const value of Object.values(fix)) {
            if (typeof value === "number")
              expect(Number.isSafeInteger(value) && !Object.is(value, -0)).toBe(true);
          }
          expect(Math.abs(fix.latE7 ?? 0)).toBeLessThanOrEqual(900_000_000);
          expect(Math.abs(fix.lonE7 ?? 0)).toBeLessThanOrEqual(1_800_000_000);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("the sentences of real receivers", () => {
  for (const name of VECTOR_LOGS) {
    const title = `give fixes with rising boot times and gpsd's own positions, in ${name}`;
    test.skipIf(vectorsMissing !== null)(
      vectorsMissing === null ? title : `${title} (${vectorsMissing})`,
      () => {
        const lines = expectedLines(name);
        const session = nmeaSession("x", "live");
        const events = lines.flatMap((line, i) => session.hear(line, { wallUs: 0, bootUs: i }).events);
        const got = fixesOf([...events, ...session.quiet()]);
        const boots = got.map((fix) => fix.receivedBootUs);
        expect(boots).toEqual([...boots].sort((a, b) => a - b));
        const positions = new Set(lines.filter((line) => line.startsWith("{")).flatMap(positionOf));
        // The m8t log is UBX, whose expected output holds no sentences of position.
        for (const fix of got) if (fix.latE7 !== null) expect(positions).toContain(near(fix.latE7));
        if (name === "bu353s4") expect(got.filter((fix) => fix.mode === 3)).toHaveLength(got.length);
        expect(got.length > 0).toBe(lines.some((line) => /^\$..(RMC|GGA|GNS|ZDA),/.test(line)));
      },
    );
  }
});

function positionOf(line: string): readonly number[] {
  const { lat } = JSON.parse(line) as { readonly lat?: number };
  return lat === undefined ? [] : [near(lat * 1e7)];
}

/** To 1e-5 degree, a metre: gpsd and this driver round minutes differently in the last digit. */
function near(latE7: number): number {
  return Math.round(latE7 / 100);
}
