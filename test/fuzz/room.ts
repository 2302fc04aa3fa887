/** Room for inputs, cut from large pieces: an array of its own for each would cost more than most readers do. */

const PIECE_BYTES = 1_048_576;

/** A piece is never cut twice: what was handed out stays as it is for as long as somebody holds it. */
const piece = { bytes: new Uint8Array(PIECE_BYTES), used: 0 };

/** `length` zeros, to be filled by the caller. Who keeps them for long copies them, since they hold their whole piece. */
export function roomFor(length: number): Uint8Array {
  if (length > PIECE_BYTES / 4) return new Uint8Array(length);
  if (piece.used + length > PIECE_BYTES) {
    piece.bytes = new Uint8Array(PIECE_BYTES);
    piece.used = 0;
  }
  piece.used += length;
  return piece.bytes.subarray(piece.used - length, piece.used);
}

export function copyOf(bytes: Uint8Array): Uint8Array {
  const out = roomFor(bytes.length);
  out.set(bytes);
  return out;
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = roomFor(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** `bytes` with `instead` where those from `from` up to `end` stood. */
export function replaced(bytes: Uint8Array, from: number, end: number, instead: Uint8Array): Uint8Array {
  const out = roomFor(from + instead.length + bytes.length - end);
  out.set(bytes.subarray(0, from));
  out.set(instead, from);
  out.set(bytes.subarray(end), from + instead.length);
  return out;
}
