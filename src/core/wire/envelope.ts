/** The carrier of one record: version, kind, payload, signatures, openings (PROTOCOL §1 Envelope). */
import { ascii, compareBytes, concat, u32be } from "../base/bytes.ts";
import type { Sha256 } from "../base/primitives.ts";
import { accept, type Result, refuse, rejection } from "../base/rejection.ts";
import { decode } from "./decode.ts";
import { limits } from "./limits.ts";
import type { Value } from "./value.ts";

export const ENVELOPE_VERSION = 1;

export type RecordSignature = {
  /** 32 bytes, see `record/key-id.ts`. */
  readonly keyId: Uint8Array;
  readonly signature: Uint8Array;
};

/** Opens the sealed field whose digest is SHA-256(salt ‖ encoded). */
export type Opening = { readonly salt: Uint8Array; readonly encoded: Uint8Array };

export type Envelope = {
  readonly kind: string;
  readonly payload: Uint8Array;
  /** Sorted by key id, no key twice. */
  readonly signatures: readonly RecordSignature[];
  readonly openings: readonly Opening[];
};

/** Writes an envelope as MessagePack; the adapter's writer and this file's reader must agree (test/adapters/envelope). */
export type PackEnvelope = (envelope: Envelope) => Uint8Array;

/** Peer-controlled: at most limits.ENVELOPE_BYTES_MAX; any failure is a Rejection. Signatures are not checked here. */
export function readEnvelope(bytes: Uint8Array): Result<Envelope> {
  const decoded = decode(bytes, limits.ENVELOPE_BYTES_MAX);
  if (!decoded.ok) return decoded;
  const value = decoded.value;
  if (!Array.isArray(value) || value.length !== 5) return malformed("", "array of 5");
  const [version, kind, payload, signatures, openings] = value as readonly Value[];
  if (version !== ENVELOPE_VERSION) {
    const measured = typeof version === "number" ? version : "not a number";
    return refuse(
      rejection("envelope-version-unknown", "version", { version: measured }, { version: ENVELOPE_VERSION }),
    );
  }
  if (typeof kind !== "string" || !/^[a-z][a-z-]{0,31}$/.test(kind)) return malformed("kind", "[a-z-]{1,32}");
  if (!(payload instanceof Uint8Array)) return malformed("payload", "bytes");
  if (payload.length > limits.RECORD_BYTES_MAX) {
    return refuse(
      rejection(
        "record-too-long",
        "payload",
        { bytes: payload.length },
        { bytesMax: limits.RECORD_BYTES_MAX },
      ),
    );
  }
  const signed = readPairs(signatures, limits.SIGNATURES_MAX, 32, limits.SIGNATURE_BYTES_MAX);
  if (signed === null || !sortedByFirst(signed))
    return malformed("signatures", "sorted pairs of key id and signature");
  const opened = readPairs(openings, limits.OPENINGS_MAX, 16, limits.ENVELOPE_BYTES_MAX);
  if (opened === null) return malformed("openings", "pairs of salt and field");
  return accept({
    kind,
    payload,
    signatures: signed.map(([keyId, signature]) => ({ keyId, signature })),
    openings: opened.map(([salt, encoded]) => ({ salt, encoded })),
  });
}

const DOMAIN = ascii("spectrum-agent/1\0");

/** What is signed: "spectrum-agent/1\0" ‖ u32 len(kind) ‖ kind ‖ u32 len(payload) ‖ payload. */
export function signedBytes(kind: string, payload: Uint8Array): Uint8Array {
  return domainSeparated(NOTHING, kind, payload);
}

function domainSeparated(prefix: Uint8Array, kind: string, payload: Uint8Array): Uint8Array {
  return concat(prefix, headOf(kind), u32be(payload.length), payload);
}

/** A memo, bounded by the kinds: whatever else a peer names is not kept. */
function headOf(kind: string): Uint8Array {
  const known = HEADS.get(kind);
  if (known !== undefined) return known;
  const name = ascii(kind);
  const head = concat(DOMAIN, u32be(name.length), name);
  if (HEADS.size < KINDS_KEPT_MAX) HEADS.set(kind, head);
  return head;
}

const HEADS: Map<string, Uint8Array> = new Map();
const KINDS_KEPT_MAX = 64;

/** SHA-256(0x00 ‖ signed bytes): also the record's leaf in its lineage's Merkle tree (RFC 9162 §2.1.1). */
export function recordId(kind: string, payload: Uint8Array, sha256: Sha256): Uint8Array {
  return sha256(domainSeparated(LEAF_PREFIX, kind, payload));
}

const NOTHING = new Uint8Array(0);
const LEAF_PREFIX = Uint8Array.of(0);

type Pair = readonly [Uint8Array, Uint8Array];

function readPairs(
  value: Value | undefined,
  most: number,
  firstBytes: number,
  secondMax: number,
): Pair[] | null {
  if (!Array.isArray(value) || value.length > most) return null;
  const pairs: Pair[] = [];
  for (const item of value as readonly Value[]) {
    if (!Array.isArray(item) || item.length !== 2) return null;
    const [first, second] = item as readonly Value[];
    if (!(first instanceof Uint8Array) || !(second instanceof Uint8Array)) return null;
    if (first.length !== firstBytes || second.length > secondMax) return null;
    pairs.push([first, second]);
  }
  return pairs;
}

function sortedByFirst(pairs: readonly Pair[]): boolean {
  return pairs.every((pair, i) => i === 0 || compareBytes((pairs[i - 1] as Pair)[0], pair[0]) < 0);
}

function malformed(field: string, form: string): Result<Envelope> {
  return refuse(rejection("envelope-malformed", field, {}, { form }));
}
