/**
 * Texts of receivers as µs since 1970 UTC (POSIX), by integer arithmetic alone: a Date keeps milliseconds, and takes
 * today's date where a receiver gives none.
 */

export type UtcTime = {
  readonly timeUs: number;
  /** The text named second 60: POSIX has no number of its own for it, and gives that of the next day's first second. */
  readonly leapSecond: boolean;
};

/** First and last year that a receiver's text may name: GPS began in 1980; in 2255 the safe integers of µs end. */
const YEAR_MIN = 1980;
const YEAR_MAX = 2254;

const ISO = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,64}))?Z$/;

/** `2021-02-23T18:04:30.000Z` (gpsd). Fractions of any length up to 64 digits; below 1 µs is cut. Null when it is not that. */
export function isoTime(text: string): UtcTime | null {
  const match = ISO.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second, fraction] = match;
  return utcTime([year, month, day], [hour, minute, second, fraction]);
}

const NMEA_TIME = /^(\d{2})(\d{2})(\d{2})(?:\.(\d{1,64}))?$/;
const NMEA_DATE = /^(\d{2})(\d{2})(\d{2}|\d{4})$/;

/** NMEA `hhmmss.sss` with `ddmmyy` (80 to 99 are 1980 to 1999) or `ddmmyyyy`. */
export function nmeaTime(date: string, time: string): UtcTime | null {
  const dated = NMEA_DATE.exec(date);
  const timed = NMEA_TIME.exec(time);
  if (dated === null || timed === null) return null;
  const [, day, month, shortYear = ""] = dated;
  const century = shortYear.length === 4 ? "" : Number(shortYear) >= 80 ? "19" : "20";
  const [, hour, minute, second, fraction] = timed;
  return utcTime([century + shortYear, month, day], [hour, minute, second, fraction]);
}

type Digits = readonly (string | undefined)[];

function utcTime(date: Digits, time: Digits): UtcTime | null {
  const [year = 0, month = 0, day = 0] = date.map(Number);
  const [hour = 0, minute = 0, second = 0] = time.slice(0, 3).map(Number);
  if (year < YEAR_MIN || year > YEAR_MAX || month < 1 || month > 12) return null;
  if (day < 1 || day > daysInMonth(year, month) || hour > 23 || minute > 59) return null;
  const leapSecond = second === 60;
  // A leap second exists only at the end of a UTC day.
  if (second > 60 || (leapSecond && (hour !== 23 || minute !== 59))) return null;
  const seconds = ((daysSince1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
  const micros = Number((time[3] ?? "").padEnd(6, "0").slice(0, 6));
  return { timeUs: seconds * 1_000_000 + micros, leapSecond };
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

function daysInMonth(year: number, month: number): number {
  return month === 2 && isLeapYear(year) ? 29 : (MONTH_DAYS[month - 1] ?? 0);
}

function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

/** Gregorian days; the leap days before `year` are counted, not stepped through. */
function daysSince1970(year: number, month: number, day: number): number {
  const before = year - 1;
  const leapDays = Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400) - 477;
  let days = (year - 1970) * 365 + leapDays + day - 1;
  for (let m = 1; m < month; m++) days += daysInMonth(year, m);
  return days;
}
