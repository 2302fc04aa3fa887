/** Writes whole values in the strict MessagePack profile: the one encoding of each (PROTOCOL §1 Codec). */
import { assert } from "../base/assert.ts";
import { limits } from "./limits.ts";
import { Output } from "./output.ts";
import type { Value } from "./value.ts";

/** Values come from our own code, so what cannot be written is a programming error. */
export function encode(value: Value): Uint8Array {
  return encoded((out) => writeValue(out, value, 1));
}

/** The bytes that `write` writes. It must not itself ask for bytes: outputs share one buffer. */
export function encoded(write: (out: Output) => void): Uint8Array {
  const out = new Output();
  write(out);
  return out.bytes();
}

function writeValue(out: Output, value: Value, depth: number): void {
  if (typeof value === "string") out.text(value);
  else if (typeof value === "number") out.integer(value);
  else if (value === null) out.nil();
  else if (typeof value === "bigint") out.amount(value);
  else if (value instanceof Uint8Array) out.binary(value);
  else writeArray(out, value, depth);
}

function writeArray(out: Output, value: readonly Value[], depth: number): void {
  assert(depth <= limits.DEPTH_MAX, "nesting stays within the codec's depth");
  out.array(value.length);
  for (const item of value) writeValue(out, item, depth + 1);
}
