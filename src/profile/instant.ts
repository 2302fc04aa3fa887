/** Instants and calendar dates in files: UTC only, so that no file means another time elsewhere. */
import { type Piece, type Reading, read, refuse, textLeaf } from "./leaf.ts";
import { complaint } from "./profile-error.ts";

const INSTANT = /^([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2}:[0-9]{2})(?:[.]([0-9]{1,6}))?Z$/;
const DATE = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;
const YEARS = { min: 1970, max: 2199 } as const;

/** µs since 1970 UTC. */
export function instant(description: string): Piece<number> {
  const allowed = `UTC as in 2026-01-31T12:00:00Z, ${YEARS.min} to ${YEARS.max}`;
  const pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?Z$";
  return textLeaf({ description, pattern }, allowed, (text): Reading<number> => {
    const parts = INSTANT.exec(text);
    if (parts === null)
      return refuse(complaint("field-form", allowed, "only UTC, with its `Z`, and no leap second"));
    const [, day = "", time = "", fraction = ""] = parts;
    const wholeMs = existing(`${day}T${time}.000Z`);
    if (wholeMs === null) return refuse(complaint("field-range", allowed));
    return read(wholeMs * 1000 + Number(fraction.padEnd(6, "0")));
  });
}

/** A day of the calendar, as it stands. */
export function calendarDate(description: string): Piece<string> {
  const allowed = "a date as in 2026-01-31";
  return textLeaf({ description, pattern: DATE.source }, allowed, (text): Reading<string> => {
    if (!DATE.test(text)) return refuse(complaint("field-form", allowed));
    return existing(`${text}T00:00:00.000Z`) === null
      ? refuse(complaint("field-range", allowed))
      : read(text);
  });
}

/** Milliseconds since 1970 of an instant that the calendar has, else null: 30 February is a slip, not 2 March. */
function existing(text: string): number | null {
  const ms = Date.parse(text);
  if (Number.isNaN(ms) || new Date(ms).toISOString() !== text) return null;
  const year = Number(text.slice(0, 4));
  return year >= YEARS.min && year <= YEARS.max ? ms : null;
}
