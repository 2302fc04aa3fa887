/** Fixes of the receiver: admitted, refused, and their faults written down (PROTOCOL §5). */
import { rejection } from "../base/rejection.ts";
import type { Anchor } from "../budget/use-book.ts";
import { admitPlace } from "../window/assured-place.ts";
import { admitFix } from "../window/assured-time.ts";
import { emit, enqueue, refused } from "./agent.ts";
import { bounds } from "./bounds.ts";
import type { Input } from "./input.ts";
import { centreUs, ownTime } from "./own-evidence.ts";
import type { Turn } from "./turn.ts";

export function onFix(turn: Turn, { fix }: Extract<Input, { kind: "fix" }>): void {
  const { volatile, config } = turn.agent;
  if (config.production && (fix.source === "simulated" || fix.source === "replay")) {
    const source = rejection(
      "source-not-admitted",
      "gnss.source",
      { source: fix.source },
      { source: "a live receiver" },
    );
    refused(turn, null, [source]);
    return;
  }
  // A driver that was restarted may deliver late what it received before.
  if (volatile.time !== null && fix.receivedBootUs < volatile.time.anchorBootUs) return;
  const time = admitFix(volatile.time, fix, turn.now.wallUs, config.timeRules);
  volatile.time = time.state;
  volatile.timeAnchor ??= firstTime(turn);
  if (time.accepted) {
    const place = admitPlace(volatile.place, fix, config.placeRules);
    volatile.place = place.state;
    // Only what was admitted renews the holdover, at the level that it has: a receiver that goes on talking does not.
    if (time.state !== null) volatile.timeLevels.set(time.state.level, fix.receivedBootUs);
    if (place.accepted && place.state !== null && place.state.heightMm !== null)
      volatile.placeLevels.set(place.state.level, fix.receivedBootUs);
  }
  if (time.findings.length === 0) return;
  refused(turn, null, time.findings);
  for (const finding of time.findings)
    recordTimeFault(turn, finding.code, fix.timeUs ?? 0, fix.receivedBootUs);
}

function firstTime(turn: Turn): Anchor | null {
  const time = ownTime(turn);
  const { bootId } = turn.agent.config;
  return time === null ? null : { bootId, bootUs: turn.now.bootUs, latestUs: time.latestUs };
}

const FAULTS: Readonly<Record<string, "backward" | "replay-rewind" | "implausible">> = {
  "time-fault": "backward",
  "replay-rewind": "replay-rewind",
  "implausible-time": "implausible",
};

/** Written down, at most one a pause: a receiver that repeats itself must not fill the log. */
function recordTimeFault(turn: Turn, code: string, fixUs: number, receivedBootUs: number): void {
  const { volatile, provisional } = turn.agent;
  const what = FAULTS[code];
  if (what === undefined || provisional.key === null) return;
  if (turn.now.bootUs - volatile.lastTimeFaultBootUs < bounds.TIME_FAULT_PAUSE_US) return;
  const expectedUs = what === "implausible" ? turn.now.wallUs : (centreUs(turn) ?? 0);
  const made = enqueue(turn, "time-fault", { what, fixUs, expectedUs, receivedBootUs });
  if (made !== null) volatile.lastTimeFaultBootUs = turn.now.bootUs;
}

export function onGnssLost(turn: Turn, { reason }: Extract<Input, { kind: "gnss-lost" }>): void {
  emit(turn, { kind: "note", event: { what: "state", code: "gnss-lost", text: reason } });
}
