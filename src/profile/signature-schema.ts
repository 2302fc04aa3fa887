/** The signature of a profile as a file: `FILE.signature` stands beside `FILE`. */
import * as z from "zod";
import { toBase64url } from "../core/audit/base64url.ts";
import { toHex } from "../core/base/bytes.ts";
import type { RecordSignature } from "../core/wire/envelope.ts";
import { limits } from "../core/wire/limits.ts";
import { checkDocument } from "./check-document.ts";
import { list, map, type Piece } from "./leaf.ts";
import { type Loaded, loadPiece } from "./load.ts";
import { base64url, hex } from "./octets.ts";
import { type ReadBytes, readFileBytes } from "./read-text.ts";
import { formatYaml, parseYaml } from "./yaml-document.ts";

const SIGNATURE_SCHEMA = "spectrum-agent.profile-signature/1";
/** The inception, and the rotations since. */
const RECORDS_MAX = 16;
const SIGNATURE_BYTES = 64;

export type WrittenSignature = {
  readonly records: readonly Uint8Array[];
  readonly signatures: readonly RecordSignature[];
};

export function signatureDocument(): Piece<WrittenSignature> {
  return map({
    schema: z.literal(SIGNATURE_SCHEMA),
    records: list(
      base64url(limits.ENVELOPE_BYTES_MAX, "a record"),
      1,
      RECORDS_MAX,
      "the operator's inception, and rotations",
    ),
    signatures: list(
      map({
        key: hex(32, "id of the key"),
        signature: base64url(SIGNATURE_BYTES, "over the profile's bytes"),
      }),
      1,
      limits.SIGNATURES_MAX,
      "one by each key that has to sign",
    ),
  }).transform(
    ({ records, signatures }): WrittenSignature => ({
      records,
      signatures: signatures.map(({ key: keyId, signature }) => ({ keyId, signature })),
    }),
  );
}

export function formatSignature({ records, signatures }: WrittenSignature): string {
  return formatYaml({
    schema: SIGNATURE_SCHEMA,
    records: records.map(toBase64url),
    signatures: signatures.map(({ keyId, signature }) => ({
      key: toHex(keyId),
      signature: toBase64url(signature),
    })),
  });
}

export function loadSignature(
  file: string,
  readBytes: ReadBytes = readFileBytes,
): Loaded<"signature", WrittenSignature> {
  const loaded = loadPiece(file, signatureDocument(), readBytes);
  return loaded.ok ? { ok: true, signature: loaded.value } : loaded;
}

/** Of a text that came in something else; `file` is that. */
export function readSignature(file: string, text: string): Loaded<"signature", WrittenSignature> {
  const parsed = parseYaml(file, text);
  if (!parsed.ok) return parsed;
  const checked = checkDocument(parsed.document, signatureDocument());
  return checked.ok ? { ok: true, signature: checked.value } : checked;
}
