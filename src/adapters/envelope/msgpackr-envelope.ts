/** Writes envelopes with msgpackr, as positional arrays; `core/wire` reads them (PROTOCOL §1 Envelope). */
import { Packr } from "msgpackr";
import { ENVELOPE_VERSION, type Envelope, type PackEnvelope } from "../../core/wire/envelope.ts";

/** A record is stored and published, one after the other: its bytes are kept that long. */
const PACKED_KEPT_MAX = 32;

/** Only small integers, text, bytes and arrays are handed to it: there msgpackr's bytes are the strict profile's. */
export function msgpackrEnvelope(): PackEnvelope {
  const packr = new Packr({ useRecords: false, variableMapSize: true });
  const kept = new Map<Envelope, Uint8Array>();

  function pack({ kind, payload, signatures, openings }: Envelope): Uint8Array {
    const packed = packr.pack([
      ENVELOPE_VERSION,
      kind,
      plain(payload),
      signatures.map(({ keyId, signature }) => [plain(keyId), plain(signature)]),
      openings.map(({ salt, encoded }) => [plain(salt), plain(encoded)]),
    ]);
    return new Uint8Array(packed);
  }

  return (envelope) => {
    const known = kept.get(envelope);
    if (known !== undefined) return known;
    const bytes = pack(envelope);
    kept.set(envelope, bytes);
    if (kept.size > PACKED_KEPT_MAX) kept.delete(kept.keys().next().value as Envelope);
    return bytes;
  };
}

/** msgpackr writes a Buffer as bin; a bare Uint8Array it may write as an extension. */
function plain(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
