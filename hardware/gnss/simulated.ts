/** The driver `simulated`: a receiver in the seeded space, driven by the clock it is given and by nothing else. */
import type { DriverContext, OptionValues } from "../../src/ports/driver.ts";
import type { Gnss, GnssEvent, GnssFix } from "../../src/ports/gnss.ts";
import { drawError, movePlace, type Space, truePlace, trueUtcUs } from "../world/space.ts";
import { type Drift, type GnssFaults, noFaults } from "./faults.ts";
import { listeners } from "./listeners.ts";
import { integerOption } from "./options.ts";
import { presence } from "./presence.ts";

export type ReceiverSpec = {
  readonly space: Space;
  /** Name of the body whose antenna this is. */
  readonly body: string;
  readonly periodUs: number;
  /** 95 %, as it is reported too; height errors are half as large again. */
  readonly horizontalErrorMm: number;
  /** 95 %, as it is reported too. */
  readonly timeErrorUs: number;
  readonly faults: GnssFaults;
};

const SATELLITES = 12;
const PERIOD_RANGE_US = [1_000, 3_600_000_000] as const;
const ERROR_MAX_MM = 100_000_000;
const TIME_ERROR_MAX_US = 1_000_000_000;

/** A receiver alone in its space, on the host's time. Rejects on bad options (PortError `gnss-option-invalid`). */
export async function openSimulatedGnss(context: DriverContext, options: OptionValues): Promise<Gnss> {
  const place = {
    latE7: integerOption(options, "latitude", [-900_000_000, 900_000_000], null),
    lonE7: integerOption(options, "longitude", [-1_800_000_000, 1_800_000_000], null),
    heightMm: integerOption(options, "height", [-10_000_000, 100_000_000], 0),
  };
  const { wallUs, bootUs } = context.clock.read();
  return simulatedGnss(context, {
    space: {
      seed: integerOption(options, "seed", [0, 0xffff_ffff], 0),
      epochUtcUs: wallUs - bootUs,
      bodies: { antenna: { kind: "fixed", place } },
    },
    body: "antenna",
    periodUs: integerOption(options, "period", PERIOD_RANGE_US, 1_000_000),
    horizontalErrorMm: integerOption(options, "horizontal-error", [0, ERROR_MAX_MM], 3_000),
    timeErrorUs: integerOption(options, "time-error", [0, TIME_ERROR_MAX_US], 1_000),
    faults: noFaults(),
  });
}

/** A receiver in a space that others share. Fixes fall on multiples of the period, from the first `listen` on. */
export function simulatedGnss({ clock }: DriverContext, spec: ReceiverSpec): Gnss {
  const there = presence();
  const device = `simulated:${spec.body}`;
  let cancel = (): void => undefined;
  let closed = false;
  const audience = listeners(() => wait(clock.read().bootUs));

  /** A clock that wakes late skips the fixes that it slept through, as a receiver's buffer does. */
  function wait(bootUs: number): void {
    const next = (Math.floor(bootUs / spec.periodUs) + 1) * spec.periodUs;
    cancel = clock.at(next, () => tick(next));
  }

  function tick(instant: number): void {
    const now = clock.read().bootUs;
    wait(Math.max(now, instant));
    for (const event of eventsAt(instant, now)) if (!closed) audience.emit(event);
  }

  function eventsAt(instant: number, receivedBootUs: number): readonly GnssEvent[] {
    if (spec.faults.disconnected) return there.lost(`${device} is disconnected`);
    return [...there.found(device), { kind: "fix", fix: simulatedFix(spec, instant, receivedBootUs) }];
  }

  return {
    listen: (listener) => audience.add(listener),
    async close() {
      closed = true;
      cancel();
      audience.close();
    },
  };
}

/** What the receiver says of the boot instant `instant`: pure in the space, the instant and the faults. */
export function simulatedFix(spec: ReceiverSpec, instant: number, receivedBootUs: number): GnssFix {
  const { faults } = spec;
  if (faults.outage || faults.jammed) return blockedFix(receivedBootUs, faults.jammed);
  const index = Math.floor(instant / spec.periodUs);
  const draw = (channel: string, error95: number, per95: number): number =>
    drawError(spec.space, { body: spec.body, channel, index }, Math.trunc((error95 * 1000) / per95));
  const spoof = faults.spoof;
  const walked = walkedSince(faults.drift, instant);
  const verticalErrorMm = Math.ceil((spec.horizontalErrorMm * 3) / 2);
  const place = movePlace(
    truePlace(spec.space, spec.body, instant),
    // The 95 % radius of a circular error is 2.448 standard deviations an axis; on one axis it is 1.96.
    draw("north", spec.horizontalErrorMm, 2448) + (spoof?.northMm ?? 0) + walked("northMmPerS"),
    draw("east", spec.horizontalErrorMm, 2448) + (spoof?.eastMm ?? 0) + walked("eastMmPerS"),
    draw("up", verticalErrorMm, 1960) + (spoof?.upMm ?? 0),
  );
  const timeErrorUs = draw("time", spec.timeErrorUs, 1960) + (spoof?.timeUs ?? 0) + walked("timeUsPerS");
  return {
    source: "simulated",
    mode: 3,
    receivedBootUs,
    timeUs: trueUtcUs(spec.space, instant) + timeErrorUs,
    timeErrorUs: spec.timeErrorUs,
    pps: false,
    leapPending: faults.leapPending,
    ...place,
    horizontalErrorMm: spec.horizontalErrorMm,
    verticalErrorMm,
    satellitesUsed: SATELLITES,
    interference: spoof?.detected === true ? "spoofing" : "",
  };
}

type Rate = "northMmPerS" | "eastMmPerS" | "timeUsPerS";

function walkedSince(drift: Drift | null, instant: number): (rate: Rate) => number {
  if (drift === null || instant <= drift.sinceUs) return () => 0;
  return (rate) => Math.trunc((drift[rate] * (instant - drift.sinceUs)) / 1_000_000);
}

function blockedFix(receivedBootUs: number, jammed: boolean): GnssFix {
  return {
    source: "simulated",
    mode: 1,
    receivedBootUs,
    timeUs: null,
    timeErrorUs: null,
    pps: false,
    leapPending: false,
    latE7: null,
    lonE7: null,
    heightMm: null,
    horizontalErrorMm: null,
    verticalErrorMm: null,
    satellitesUsed: 0,
    interference: jammed ? "jamming" : "",
  };
}
