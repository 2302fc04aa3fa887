/** What every `Gnss` promises (src/ports/gnss.ts), as one suite for all drivers of the registry. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DriverEntry, OptionValues } from "../../src/ports/driver.ts";
import type { Gnss, GnssEvent, GnssFix } from "../../src/ports/gnss.ts";
import { fixesOf, runningContext } from "../hardware/gnss/context.ts";
import { eventually } from "../support/gpsd.ts";

/** A receiver for one test. */
export type GnssBench = {
  /** Opened through the registry's entry unless the bench must hold its controls. */
  readonly options: OptionValues;
  readonly open: ((context: ReturnType<typeof runningContext>) => Promise<Gnss>) | null;
  /** Options under which no receiver answers; not read of a simulated driver, which is its own receiver. */
  readonly absent: OptionValues;
  /** The sky is hidden, or seen again. */
  blind(on: boolean): void;
  lose(): Promise<void>;
  restore(): Promise<void>;
  stop(): Promise<void>;
};

const FIXES = 3;

/** `missing` says why no bench can be set up here; every test then shows as skipped with it. */
export function gnssConformance(
  entry: DriverEntry<Gnss>,
  startBench: () => Promise<GnssBench>,
  missing: string | null,
): void {
  const promise = (title: string, run: () => Promise<void>, without: string | null = missing): void => {
    test.skipIf(without !== null)(without === null ? title : `${title} (skipped: ${without})`, run);
  };
  const required = Object.keys(entry.options).filter((name) => entry.options[name]?.required === true);

  describe(`the GNSS driver ${entry.id}`, () => {
    let bench: GnssBench;
    let gnss: Gnss;
    let events: GnssEvent[];

    beforeEach(async () => {
      if (missing !== null) return;
      bench = await startBench();
      gnss = await (bench.open ?? ((context) => openThrough(entry, context, bench.options)))(
        runningContext(),
      );
      events = [];
    });

    afterEach(async () => {
      if (missing !== null) return;
      await gnss.close();
      await bench.stop();
    });

    const hear = async (fixes = FIXES): Promise<void> => {
      const before = fixesOf(events).length;
      await eventually("fixes", () => (fixesOf(events).length >= before + fixes ? true : null));
    };

    promise("opens through its registry entry, with options that the entry declares", async () => {
      for (const name of Object.keys(bench.options)) expect(Object.keys(entry.options)).toContain(name);
      const other = await openThrough(entry, runningContext(), bench.options);
      await other.close();
    });

    promise(
      "refuses to open without the options that the entry requires",
      async () => {
        for (const name of required) {
          const { [name]: _, ...without } = bench.options;
          const opening = openThrough(entry, runningContext(), without);
          await expect(opening).rejects.toMatchObject({ port: "gnss", code: "gnss-option-invalid" });
        }
      },
      missing ?? (required.length === 0 ? "it requires none" : null),
    );

    promise("finds its receiver before the first fix, and gives fixes in order of receipt", async () => {
      gnss.listen((event) => events.push(event));
      await hear();
      const kinds = events.map((event) => event.kind);
      expect(kinds.slice(0, kinds.indexOf("fix"))).toContain("found");
      const boots = fixesOf(events).map((fix) => fix.receivedBootUs);
      expect(boots).toEqual([...boots].sort((a, b) => a - b));
      expect(boots.at(-1)).toBeLessThanOrEqual(runningContext().clock.read().bootUs);
    });

    promise("keeps every number an integer within the port's ranges", async () => {
      gnss.listen((event) => events.push(event));
      await hear();
      for (const fix of fixesOf(events)) holdsRanges(fix);
      expect(fixesOf(events).some((fix) => fix.latE7 !== null && fix.timeUs !== null)).toBe(true);
    });

    promise("still gives fixes, with nulls, while it has none, and recovers", async () => {
      gnss.listen((event) => events.push(event));
      await hear();
      bench.blind(true);
      const none = await eventually("a fix without a place", () => lastFix(events, (fix) => fix.mode < 2));
      expect(none).toMatchObject({ latE7: null, lonE7: null, heightMm: null, horizontalErrorMm: null });
      const before = events.length;
      bench.blind(false);
      await eventually("a fix", () => lastFix(events.slice(before), (fix) => fix.mode >= 2));
    });

    promise("tells every listener the same, and nothing more once it stopped listening", async () => {
      const others: GnssEvent[] = [];
      gnss.listen((event) => events.push(event));
      const stop = gnss.listen((event) => others.push(event));
      await hear();
      expect(others).toEqual(events);
      stop();
      stop();
      const before = others.length;
      await hear();
      expect(others).toHaveLength(before);
    });

    promise("lets a listener stop in the midst of an event", async () => {
      let count = 0;
      const stop = gnss.listen(() => {
        count += 1;
        stop();
      });
      gnss.listen((event) => events.push(event));
      await hear();
      expect(count).toBe(1);
    });

    promise("says nothing after close, which may be called again and at once", async () => {
      gnss.listen((event) => events.push(event));
      await hear();
      await Promise.all([gnss.close(), gnss.close()]);
      const before = events.length;
      gnss.listen((event) => events.push(event));
      await gnss.close();
      // Longer than three fixes of any bench take.
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(events).toHaveLength(before);
    });

    promise("closes before anybody listened", async () => {
      await gnss.close();
    });

    promise(
      "reports a loss with its reason, goes on trying by itself, and finds its receiver again",
      async () => {
        gnss.listen((event) => events.push(event));
        await hear();
        await bench.lose();
        const lost = await eventually("the loss", () => events.find(({ kind }) => kind === "lost") ?? null);
        expect(lost).toMatchObject({ reason: expect.stringMatching(/./) });
        const before = events.length;
        await bench.restore();
        await eventually("a fix after it", () => (fixesOf(events.slice(before)).length > 0 ? true : null));
        const kinds = events.slice(before).map(({ kind }) => kind);
        expect(kinds.slice(0, kinds.indexOf("fix"))).toContain("found");
        const boots = fixesOf(events).map((fix) => fix.receivedBootUs);
        expect(boots).toEqual([...boots].sort((a, b) => a - b));
      },
    );

    promise(
      "opens without its receiver, and says that it is lost",
      async () => {
        const alone = await openThrough(entry, runningContext(), bench.absent);
        alone.listen((event) => events.push(event));
        await eventually("the loss", () => (events.length > 0 ? true : null));
        expect(events).toMatchObject([{ kind: "lost", reason: expect.stringMatching(/./) }]);
        await alone.close();
      },
      missing ?? (entry.simulated ? "a simulated receiver is never absent" : null),
    );
  });
}

async function openThrough(
  entry: DriverEntry<Gnss>,
  context: ReturnType<typeof runningContext>,
  options: OptionValues,
): Promise<Gnss> {
  return (await entry.load())(context, options);
}

function lastFix(events: readonly GnssEvent[], holds: (fix: GnssFix) => boolean): GnssFix | null {
  return fixesOf(events).findLast(holds) ?? null;
}

function holdsRanges(fix: GnssFix): void {
  for (const value of Object.values(fix)) {
    if (typeof value === "number") expect(Number.isSafeInteger(value)).toBe(true);
  }
  expect(["gnss", "gnss-authenticated", "simulated", "replay"]).toContain(fix.source);
  expect([0, 1, 2, 3]).toContain(fix.mode);
  expect(["", "jamming", "spoofing"]).toContain(fix.interference);
  expect(Math.abs(fix.latE7 ?? 0)).toBeLessThanOrEqual(900_000_000);
  expect(Math.abs(fix.lonE7 ?? 0)).toBeLessThanOrEqual(1_800_000_000);
  expect(fix.latE7 === null).toBe(fix.lonE7 === null);
  for (const estimate of [fix.horizontalErrorMm, fix.verticalErrorMm, fix.timeErrorUs, fix.satellitesUsed]) {
    expect(estimate ?? 0).toBeGreaterThanOrEqual(0);
  }
  if (fix.mode < 2) expect(fix.latE7).toBeNull();
  if (fix.mode < 3) expect(fix.heightMm).toBeNull();
}
