/** Text of a file as it goes to a terminal. */

const FOUND_LENGTH_MAX = 60;

/** One short line without control characters. */
export function printable(text: string): string {
  const clean = text.replace(/\p{C}/gu, "\u{fffd}");
  return clean.length > FOUND_LENGTH_MAX ? `${clean.slice(0, FOUND_LENGTH_MAX)}…` : clean;
}
