/**
 * Time as an interval (PROTOCOL §5): from the last accepted fix of a receiver to the interval that surely contains true
 * UTC at any later instant of the boot clock. Pure; µs everywhere; integers only, rounded outwards.
 */
import { assert } from "../base/assert.ts";
import { type Rejection, rejection } from "../base/rejection.ts";
import type { Assurance } from "./assurance.ts";
import { ceilDivide, growth } from "./growth.ts";

/** What this file reads of a fix; `GnssFix` of the ports is one. */
export type TimeFix = {
  readonly source: "gnss" | "gnss-authenticated" | "simulated" | "replay";
  readonly mode: 0 | 1 | 2 | 3;
  readonly receivedBootUs: number;
  readonly timeUs: number | null;
  readonly timeErrorUs: number | null;
  readonly pps: boolean;
  readonly leapPending: boolean;
  readonly interference: "" | "jamming" | "spoofing";
};

export type TimeRules = {
  /** Multiplier of the receiver's own estimate, in thousandths. 0 … 100 000. */
  readonly kPermille: number;
  /** Stands for the receiver's estimate where it gives none, before the multiplier. */
  readonly unestimatedErrorUs: number;
  /** From the instant that a fix names to its receipt, without and with a pulse per second. */
  readonly transportUs: number;
  readonly ppsTransportUs: number;
  /** Of the boot clock, parts per million. */
  readonly driftPpm: number;
  /** Refuse a fix that the system wall clock contradicts by more than the tolerance. */
  readonly checkAgainstWall: boolean;
  readonly wallToleranceUs: number;
};

/** Where PROTOCOL §5 names a default it is this one; the rest are starting points of a policy. */
export const TIME_RULES_DEFAULT: TimeRules = {
  kPermille: 2_000,
  unestimatedErrorUs: 0,
  transportUs: 500_000,
  ppsTransportUs: 1_000,
  driftPpm: 100,
  checkAgainstWall: true,
  wallToleranceUs: 60_000_000,
};

export type TimeState = {
  /** True UTC was within `boundUs` of `utcUs` at boot instant `anchorBootUs`. */
  readonly utcUs: number;
  readonly anchorBootUs: number;
  readonly boundUs: number;
  readonly level: Assurance;
  /** A leap second was announced for the end of the anchor's UTC day. */
  readonly leapPending: boolean;
  /** What the last accepted fix said; in a replay the time does not follow it. */
  readonly lastFixUs: number;
};

export type TimeInterval = {
  readonly earliestUs: number;
  readonly latestUs: number;
  readonly level: Assurance;
  /** Since the last accepted fix, for policy's holdover. */
  readonly ageUs: number;
};

export type TimeAdmission = {
  /** The new state, or the old one when the fix was refused. */
  readonly state: TimeState | null;
  /** True when the fix was accepted; findings may stand beside an accepted one. */
  readonly accepted: boolean;
  readonly findings: readonly Rejection[];
};

const SECOND_US = 1_000_000;
const DAY_US = 86_400 * SECOND_US;
/** A receiver that knows its time less well than a day knows nothing; the bound also keeps k × estimate exact. */
export const TIME_ERROR_MAX_US: number = DAY_US - 1;

/**
 * Weighs one fix; `wallUs` is the system wall clock at its receipt. Refusals: `no-fix`, `gnss-spoofing`,
 * `time-error-excessive`, `implausible-time`. Beside an accepted fix: `time-fault` (time went back beyond the bounds; it
 * blocks nothing), `replay-rewind` (a looped log).
 */
export function admitFix(
  state: TimeState | null,
  fix: TimeFix,
  wallUs: number,
  rules: TimeRules,
): TimeAdmission {
  assertRules(rules);
  assert(
    state === null || fix.receivedBootUs >= state.anchorBootUs,
    "a driver delivers fixes in order of their receipt",
  );
  const timeUs = fix.timeUs;
  if (fix.mode < 2 || timeUs === null) {
    return refused(
      state,
      rejection("no-fix", "mode", { mode: fix.mode, time: timeUs !== null }, { modeMin: 2 }),
    );
  }
  assert(Number.isSafeInteger(timeUs) && timeUs >= 0, "a driver delivers times after 1970 as safe integers");
  const refusals = [...spoofing(fix), ...excessiveError(fix), ...implausible(timeUs, wallUs, rules)];
  if (refusals.length > 0) return refused(state, ...refusals);
  return fix.source === "replay"
    ? followReplay(state, fix, timeUs, rules)
    : followReceiver(state, fix, timeUs, rules);
}

/** `bootUs` is not before the anchor. */
export function timeAt(state: TimeState, bootUs: number, rules: TimeRules): TimeInterval {
  assertRules(rules);
  const ageUs = bootUs - state.anchorBootUs;
  const centreUs = state.utcUs + ageUs;
  const bare = state.boundUs + growth(ageUs, rules.driftPpm);
  const halfUs = bare + leapWidening(state, centreUs - bare, centreUs + bare);
  const earliestUs = centreUs - halfUs;
  const latestUs = centreUs + halfUs;
  assert(
    Number.isSafeInteger(earliestUs) && Number.isSafeInteger(latestUs),
    "times of receivers and uptimes are far below 2^53 µs",
  );
  return { earliestUs, latestUs, level: state.level, ageUs };
}

function refused(state: TimeState | null, ...findings: readonly Rejection[]): TimeAdmission {
  return { state, accepted: false, findings };
}

function spoofing({ interference }: TimeFix): readonly Rejection[] {
  if (interference !== "spoofing") return [];
  return [rejection("gnss-spoofing", "interference", { interference }, { interference: "" })];
}

function excessiveError({ timeErrorUs }: TimeFix): readonly Rejection[] {
  if (timeErrorUs === null || (timeErrorUs >= 0 && timeErrorUs <= TIME_ERROR_MAX_US)) return [];
  return [
    rejection("time-error-excessive", "timeErrorUs", { timeErrorUs }, { timeErrorMaxUs: TIME_ERROR_MAX_US }),
  ];
}

/** A week rollover moves a receiver by 1024 weeks with mode 3 (FACTS "gpsd"): only another clock can tell. */
function implausible(fixUs: number, wallUs: number, rules: TimeRules): readonly Rejection[] {
  if (!rules.checkAgainstWall) return [];
  assert(Number.isSafeInteger(wallUs), "the clock port reads safe integers");
  if (Math.abs(fixUs - wallUs) <= rules.wallToleranceUs) return [];
  const required = { toleranceUs: rules.wallToleranceUs };
  return [rejection("implausible-time", "timeUs", { fixUs, wallUs }, required)];
}

/** Each fix is a new anchor, one that goes back in time too. */
function followReceiver(
  state: TimeState | null,
  fix: TimeFix,
  timeUs: number,
  rules: TimeRules,
): TimeAdmission {
  const next: TimeState = {
    utcUs: timeUs,
    anchorBootUs: fix.receivedBootUs,
    boundUs: boundOf(fix, rules),
    level: fix.source,
    leapPending: fix.leapPending,
    lastFixUs: timeUs,
  };
  // Between a log's time and the sky's there is nothing to compare.
  const comparable = state !== null && state.level !== "replay";
  return { state: next, accepted: true, findings: comparable ? timeFault(state, next, rules) : [] };
}

/**
 * The first fix fixes the offset between the log's time and the boot clock; from there time is the boot clock's. Later
 * fixes only show that the log still plays, so that the drift does not add up over its length.
 */
function followReplay(
  state: TimeState | null,
  fix: TimeFix,
  timeUs: number,
  rules: TimeRules,
): TimeAdmission {
  const running = state !== null && state.level === "replay" ? state : null;
  const sinceAnchorUs = running === null ? 0 : fix.receivedBootUs - running.anchorBootUs;
  const next: TimeState = {
    utcUs: running === null ? timeUs : running.utcUs + sinceAnchorUs,
    anchorBootUs: fix.receivedBootUs,
    boundUs: running === null ? boundOf(fix, rules) : running.boundUs,
    level: "replay",
    leapPending: fix.leapPending,
    lastFixUs: timeUs,
  };
  const rewound = running !== null && timeUs < running.lastFixUs;
  if (!rewound) return { state: next, accepted: true, findings: [] };
  const measured = { fixUs: timeUs, beforeUs: running.lastFixUs };
  const finding = rejection("replay-rewind", "timeUs", measured, { fixMinUs: running.lastFixUs });
  return { state: next, accepted: true, findings: [finding] };
}

/** Backward beyond the bounds: even the latest instant of the new interval lies before the earliest of the old one. */
function timeFault(state: TimeState, next: TimeState, rules: TimeRules): readonly Rejection[] {
  const expected = timeAt(state, next.anchorBootUs, rules);
  const stated = timeAt(next, next.anchorBootUs, rules);
  if (stated.latestUs >= expected.earliestUs) return [];
  const measured = { fixUs: next.utcUs, fixLatestUs: stated.latestUs };
  const required = { expectedUs: state.utcUs + expected.ageUs, expectedEarliestUs: expected.earliestUs };
  return [rejection("time-fault", "timeUs", measured, required)];
}

function boundOf(fix: TimeFix, rules: TimeRules): number {
  const estimateUs = fix.timeErrorUs ?? rules.unestimatedErrorUs;
  return (
    ceilDivide(rules.kPermille * estimateUs, 1000) + (fix.pps ? rules.ppsTransportUs : rules.transportUs)
  );
}

/**
 * While a leap second is announced, an interval that touches the second before or after the end of the anchor's day, or
 * lies beyond it, is a second wider on both sides: POSIX time repeats or skips there. A fix in the first second of a
 * day may be of the leap second itself. The rest of the announced day is unharmed.
 */
function leapWidening(state: TimeState, earliestUs: number, latestUs: number): number {
  if (!state.leapPending) return 0;
  const dayStartUs = state.utcUs - (state.utcUs % DAY_US);
  const beforeMidnight = latestUs >= dayStartUs + DAY_US - SECOND_US;
  const afterMidnight = earliestUs < dayStartUs + SECOND_US;
  return beforeMidnight || afterMidnight ? SECOND_US : 0;
}

function assertRules(rules: TimeRules): void {
  const { kPermille, unestimatedErrorUs } = rules;
  assert(isBelow(kPermille, 100_000), "policy's schema bounds k");
  assert(isBelow(unestimatedErrorUs, TIME_ERROR_MAX_US), "policy's schema bounds the assumed error by a day");
  for (const bound of [rules.transportUs, rules.ppsTransportUs, rules.driftPpm, rules.wallToleranceUs]) {
    assert(isBelow(bound, Number.MAX_SAFE_INTEGER / 4), "policy's schema bounds its durations and drift");
  }
}

function isBelow(value: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value <= most;
}
