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

/** Text of `bytes`, or null where they are not the one valid encoding of a text. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  let text = "";
  let at = 0;
  while (at < bytes.length) {
    const first = bytes[at] as number;
    const length =
      first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    if (length === 0 || at + length > bytes.length) return null;
    const point = sequence(bytes, at, length);
    if (point === null) return null;
    text += String.fromCodePoint(point);
    at += length;
  }
  return text;
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
