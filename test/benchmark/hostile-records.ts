/** The largest record of each kind that still reads, and bytes that never read: what a stranger can send. */

import { equalBytes } from "../../src/core/base/bytes.ts";
import type { Sha256 } from "../../src/core/base/primitives.ts";
import type { FieldSpec } from "../../src/core/record/field.ts";
import { type Header, header as headerField } from "../../src/core/record/header.ts";
import { type KindName, kinds } from "../../src/core/record/kinds.ts";
import { encode } from "../../src/core/wire/encode.ts";
import { type PackEnvelope, recordId, signedBytes } from "../../src/core/wire/envelope.ts";
import { limits } from "../../src/core/wire/limits.ts";
import type { Value } from "../../src/core/wire/value.ts";
import type { Entropy } from "../../src/ports/entropy.ts";
import type { Signer } from "../../src/ports/signatures.ts";
import { wireValue } from "../support/wire-value.ts";

/** Parts of the largest counts that are tried until a record fits its limit. */
const SHARES: readonly number[] = [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05, 0];

/** Fills every list and text of the kind's table as far as limits.RECORD_BYTES_MAX lets it. */
export function largestPayload(kind: KindName, head: Header): Uint8Array {
  const start = wireValue(headerField, head);
  for (const share of SHARES) {
    const payload = encode([start, largestValue(kinds[kind].body.spec, share, 0)]);
    if (payload.length <= limits.RECORD_BYTES_MAX) return payload;
  }
  throw new Error(`the smallest ${kind} is longer than a record may be`);
}

/** `i` keeps the names of a list apart and in order. */
function largestValue(spec: FieldSpec, share: number, i: number): Value {
  switch (spec.type) {
    case "integer":
      return spec.max - i > spec.min ? spec.max - i : spec.max;
    case "amount":
      return spec.max;
    case "bytes":
      return new Uint8Array(Math.max(spec.min, Math.floor(spec.max * share))).fill(i);
    case "identifier":
      return String(i).padStart(Math.max(4, Math.floor(spec.max * share)), "0");
    case "text":
      return String(i).padStart(Math.floor(spec.max * share), "0");
    case "choice":
      return spec.of[spec.of.length - 1] ?? null;
    case "list": {
      const length = Math.max(spec.min, Math.floor(spec.max * share));
      return Array.from({ length }, (_, at) => largestValue(spec.of, share, at));
    }
    case "struct":
      return spec.fields.map(([, field]) => largestValue(field, share, i));
    case "nilable":
    case "sealable":
      return largestValue(spec.of, share, i);
  }
}

export type Forger = {
  readonly signer: Signer;
  readonly keyId: Uint8Array;
  readonly pack: PackEnvelope;
  readonly sha256: Sha256;
};

/** `payload` as a signed envelope, with its id. */
export async function signed(
  { signer, keyId, pack, sha256 }: Forger,
  kind: KindName,
  payload: Uint8Array,
): Promise<{ readonly id: Uint8Array; readonly bytes: Uint8Array }> {
  const signature = await signer.sign(signedBytes(kind, payload));
  const bytes = pack({ kind, payload, signatures: [{ keyId, signature }], openings: [] });
  return { id: recordId(kind, payload, sha256), bytes };
}

/** Messages that are no records, each as long as a message may be. */
export function malformedMessages(
  entropy: Entropy,
  sample: Uint8Array,
): readonly (readonly [string, Uint8Array])[] {
  const whole = limits.ENVELOPE_BYTES_MAX;
  const random = new Uint8Array(whole);
  for (let at = 0; at < whole; at += 1024) random.set(entropy.bytes(1024), at);
  const flipped = Uint8Array.from(sample);
  flipped[flipped.length - 40] = (flipped[flipped.length - 40] ?? 0) ^ 1;
  return [
    ["random bytes", random],
    ["arrays nested without end", new Uint8Array(whole).fill(0x91)],
    ["arrays of the greatest length, nested", filled(whole, Uint8Array.of(0xdc, 0x04, 0x00))],
    ["one array of the greatest length of short texts", manyItems(whole, Uint8Array.of(0xb0))],
    ["one text as long as a message", textOf(whole)],
    ["a signature that does not verify", flipped],
    ["a want of the most ids", wantOf(sample)],
  ];
}

function filled(length: number, unit: Uint8Array): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => unit[at % unit.length] ?? 0);
}

/** limits.ARRAY_ITEMS_MAX texts of 16 bytes in arrays beside each other, to the message's end. */
function manyItems(length: number, tag: Uint8Array): Uint8Array {
  const item = Uint8Array.of(...tag, ...new Uint8Array(16).fill(0x61));
  const items = filled(length, item);
  items.set([0x92, 0xdc, 0x04, 0x00]);
  return items;
}

function textOf(length: number): Uint8Array {
  const text = new Uint8Array(length).fill(0x61);
  text.set([0xda, (length - 3) >> 8, (length - 3) & 0xff]);
  return text;
}

function wantOf(sample: Uint8Array): Uint8Array {
  const ids = Array.from({ length: limits.WANT_IDS_MAX }, (_, i) => {
    const id = sample.slice(i, i + 32);
    return equalBytes(id, new Uint8Array(32)) ? id.fill(1) : id;
  });
  return encode(["want", sample.slice(0, 32), ids]);
}
