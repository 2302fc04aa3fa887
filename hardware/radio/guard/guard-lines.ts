/**
 * Bounded JSON lines, one object a line: the framing between a session and the guard. The world has its like:
 * a program that guards real transmitters imports nothing of the simulation.
 */

/** Longest line without its newline, bytes; a longer one ends the connection. */
export const LINE_BYTES_MAX = 4096;

export type LineFields = Readonly<Record<string, unknown>>;

const NEWLINE = 0x0a;

/**
 * Takes chunks of a stream as they come and hands out its lines, parsed, in order. The first line that is too
 * long or no JSON object calls `refuse` once; nothing is taken after that.
 */
export function lineReader(
  take: (fields: LineFields) => void,
  refuse: (reason: "line-too-long" | "not-an-object") => void,
): (chunk: Uint8Array) => void {
  const held = new Uint8Array(LINE_BYTES_MAX);
  let length = 0;
  let refused = false;
  const stop = (reason: "line-too-long" | "not-an-object"): void => {
    refused = true;
    refuse(reason);
  };
  return (chunk) => {
    let from = 0;
    while (!refused && from < chunk.length) {
      const newline = chunk.indexOf(NEWLINE, from);
      const end = newline === -1 ? chunk.length : newline;
      if (length + end - from > LINE_BYTES_MAX) return stop("line-too-long");
      held.set(chunk.subarray(from, end), length);
      length += end - from;
      if (newline === -1) return;
      const fields = parseLine(held.subarray(0, length));
      length = 0;
      from = newline + 1;
      if (fields === null) return stop("not-an-object");
      take(fields);
    }
  };
}

/** The object that one line holds, or null when it is not UTF-8, not JSON, or no object. */
function parseLine(bytes: Uint8Array): LineFields | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as LineFields)
      : null;
  } catch {
    return null;
  }
}

/** `fields` as one line with its newline. */
export function writeLine(fields: LineFields): string {
  return `${JSON.stringify(fields)}\n`;
}

/** The integer at `key` within [least, greatest], or null. */
export function integerField(
  fields: LineFields,
  key: string,
  least: number = 0,
  greatest: number = Number.MAX_SAFE_INTEGER,
): number | null {
  const value = fields[key];
  if (typeof value !== "number" || !Number.isSafeInteger(value)) return null;
  return value >= least && value <= greatest ? value : null;
}

/** The text at `key` when it matches `pattern`, or null. */
export function textField(fields: LineFields, key: string, pattern: RegExp): string | null {
  const value = fields[key];
  return typeof value === "string" && pattern.test(value) ? value : null;
}

/** The object at `key`, or null. */
export function objectField(fields: LineFields, key: string): LineFields | null {
  const value = fields[key];
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as LineFields) : null;
}

/** 32 bytes in lower-case hex. */
export const HEX_32: RegExp = /^[0-9a-f]{64}$/;
