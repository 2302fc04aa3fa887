/** Operations on byte strings that the language does not bring. */

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Bytewise order, shorter first on a common prefix: the order of every sorted list in signed bytes. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

const HEX_DIGITS: Uint8Array = ascii("0123456789abcdef");
/** Bytes whose digits one call is given. */
const HEX_CHUNK_BYTES = 128;

/** In whole chunks: added up digit by digit, each text would be a tree of sixty strings. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += HEX_CHUNK_BYTES) {
    text += hexOf(bytes, at, Math.min(at + HEX_CHUNK_BYTES, bytes.length));
  }
  return text;
}

function hexOf(bytes: Uint8Array, from: number, to: number): string {
  const codes = new Array<number>(2 * (to - from));
  for (let i = from, at = 0; i < to; i++) {
    const byte = bytes[i] as number;
    codes[at++] = HEX_DIGITS[byte >>> 4] as number;
    codes[at++] = HEX_DIGITS[byte & 0xf] as number;
  }
  return String.fromCharCode(...codes);
}

/**
 * `toHex` of an id, for maps that are keyed by ids. A memo, not a state: nobody changes an id once it is made, so the
 * text depends on the argument alone; and it is bounded by the ids that are held.
 */
export function idText(id: Uint8Array): string {
  const known = ID_TEXTS.get(id);
  if (known !== undefined) return known;
  const text = toHex(id);
  ID_TEXTS.set(id, text);
  return text;
}

const ID_TEXTS: WeakMap<Uint8Array, string> = new WeakMap();

/** Bytes of lower-case hex, or null when `text` is not that. */
export function fromHex(text: string): Uint8Array | null {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) return null;
  const out = new Uint8Array(text.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return out;
}

/** ASCII text as bytes. Only for literals of our own: hostile text goes through `wire/utf8`. */
export function ascii(text: string): Uint8Array {
  const out = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) out[i] = text.charCodeAt(i) & 0x7f;
  return out;
}

export function u32be(value: number): Uint8Array {
  return Uint8Array.of((value >>> 24) & 0xff, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}

/** Each id once, in bytewise order: the order of every list of ids in signed bytes. */
export function sortedUnique(ids: readonly Uint8Array[]): readonly Uint8Array[] {
  const sorted = [...ids].sort(compareBytes);
  return sorted.filter((id, i) => i === 0 || !equalBytes(id, sorted[i - 1] as Uint8Array));
}
