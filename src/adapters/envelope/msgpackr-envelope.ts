/** Writes envelopes with msgpackr, as positional arrays; `core/wire` reads them (PROTOCOL §1 Envelope). */
import { Packr } from "msgpackr";
import { ENVELOPE_VERSION, type Envelope, type PackEnvelope } from "../../core/wire/envelope.ts";

/** Only small integers, text, bytes and arrays are handed to it: there msgpackr's bytes are the strict profile's. */
export function msgpackrEnvelope(): PackEnvelope {
  const packr = new Packr({ useRecords: false, variableMapSize: true });
  return ({ kind, payload, signatures, openings }: Envelope): Uint8Array => {
    const packed = packr.pack([
      ENVELOPE_VERSION,
      kind,
      plain(payload),
      signatures.map(({ keyId, signature }) => [plain(keyId), plain(signature)]),
      openings.map(({ salt, encoded }) => [plain(salt), plain(encoded)]),
    ]);
    return Uint8Array.from(packed);
  };
}

/** msgpackr writes a Buffer as bin; a bare Uint8Array it may write as an extension. */
function plain(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
