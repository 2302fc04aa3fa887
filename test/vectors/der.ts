/** ECDSA-Sig-Value (RFC 3279 §2.2.3) in strict DER, for outside vectors: our own signatures are never DER. */

/** r‖s, 64 bytes, or null for anything but the one DER form of two integers that fit 32 bytes. */
export function signatureOfDer(der: Uint8Array): Uint8Array | null {
  if (der[0] !== 0x30 || der.length < 2 || der.length > 72 || der[1] !== der.length - 2) return null;
  const r = integerAt(der, 2);
  if (r === null) return null;
  const s = integerAt(der, r.end);
  if (s === null || s.end !== der.length) return null;
  const out = new Uint8Array(64);
  out.set(r.bytes, 32 - r.bytes.length);
  out.set(s.bytes, 64 - s.bytes.length);
  return out;
}

function integerAt(der: Uint8Array, start: number): { bytes: Uint8Array; end: number } | null {
  const length = der[start + 1];
  if (der[start] !== 0x02 || length === undefined || length === 0 || length > 33) return null;
  const end = start + 2 + length;
  if (end > der.length) return null;
  const bytes = der.subarray(start + 2, end);
  const [first = 0, second = 0] = bytes;
  // Negative, or a zero in front that no sign bit asks for.
  if (first >= 0x80 || (length > 1 && first === 0 && second < 0x80)) return null;
  const magnitude = length > 1 && first === 0 ? bytes.subarray(1) : bytes;
  return magnitude.length > 32 ? null : { bytes: magnitude, end };
}
