/** Strict UTF-8 (RFC 3629): the core has no TextEncoder, and must not repair what it reads. */

/** Bytes of `text`, or null where it holds a lone surrogate. */
export function encodeUtf8(text: string): Uint8Array | null {
  const out: number[] = [];
  for (const character of text) {
    const point = character.codePointAt(0) as number;
    if (point >= 0xd800 && point <= 0xdfff) return null;
    if (point < 0x80) out.push(point);
    else if (point < 0x800) out.push(0xc0 | (point >> 6), 0x80 | (point & 0x3f));
    else if (point < 0x10000)
      out.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f));
    else
      out.push(
        0xf0 | (point >> 18),
        0x80 | ((point >> 12) & 0x3f),
        0x80 | ((point >> 6) & 0x3f),
        0x80 | (point & 0x3f),
      );
  }
  return Uint8Array.from(out);
}

/** Text of the `length` bytes from `from` on, or null where they are not the one valid encoding of a text. */
export function decodeUtf8(bytes: Uint8Array, from = 0, length: number = bytes.length - from): string | null {
  const end = from + length;
  let text = "";
  let at = from;
  while (at < end) {
    const plain = asciiRun(bytes, at, Math.min(end, at + RUN_MAX));
    text += plain;
    at += plain.length;
    if (at === end) break;
    if ((bytes[at] as number) < 0x80) continue;
    const width = widthOf(bytes[at] as number);
    const point = width === 0 || at + width > end ? null : sequence(bytes, at, width);
    if (point === null) return null;
    text += String.fromCodePoint(point);
    at += width;
  }
  return text;
}

/** Characters whose codes one call is given. */
const RUN_MAX = 64;

/** In one call: added up character by character, each text would be a tree of strings. */
function asciiRun(bytes: Uint8Array, from: number, end: number): string {
  let to = from;
  while (to < end && (bytes[to] as number) < 0x80) to++;
  const codes = new Array<number>(to - from);
  for (let i = 0; i < codes.length; i++) codes[i] = bytes[from + i] as number;
  return String.fromCharCode(...codes);
}

/** Bytes of the sequence of several that begins with `first`; 0 where none does. */
function widthOf(first: number): number {
  if (first < 0xc2) return 0;
  if (first < 0xe0) return 2;
  if (first < 0xf0) return 3;
  return first < 0xf5 ? 4 : 0;
}

const LEAST_POINT: readonly number[] = [0, 0, 0x80, 0x800, 0x10000];
const LEAD_MASK: readonly number[] = [0, 0x7f, 0x1f, 0x0f, 0x07];

function sequence(bytes: Uint8Array, at: number, length: number): number | null {
  let point = (bytes[at] as number) & (LEAD_MASK[length] as number);
  for (let i = 1; i < length; i++) {
    const byte = bytes[at + i] as number;
    if ((byte & 0xc0) !== 0x80) return null;
    point = (point << 6) | (byte & 0x3f);
  }
  const surrogate = point >= 0xd800 && point <= 0xdfff;
  if (point < (LEAST_POINT[length] as number) || point > 0x10ffff || surrogate) return null;
  return point;
}
