/** What a bundle shows of an envelope: all of it, or all but its openings; never other bytes (PROTOCOL §1 Sealed fields). */
import { encode } from "../wire/encode.ts";
import { ENVELOPE_VERSION, readEnvelope } from "../wire/envelope.ts";
import type { BundleView } from "./bundle.ts";

/** The envelope's bytes in that view, or null where they are no envelope. */
export function viewed(envelope: Uint8Array, view: BundleView): Uint8Array | null {
  const read = readEnvelope(envelope);
  if (!read.ok) return null;
  const { kind, payload, signatures, openings } = read.value;
  if (view === "party" || openings.length === 0) return envelope;
  return encode([
    ENVELOPE_VERSION,
    kind,
    payload,
    signatures.map(({ keyId, signature }) => [keyId, signature]),
    [],
  ]);
}
