/** What several targets ask: the same bytes again. */
import { equalBytes, toHex } from "../../../src/core/base/bytes.ts";
import { breach } from "../target.ts";

const SHOWN_BYTES = 64;

export function sameBytes(what: string, read: Uint8Array, written: Uint8Array): void {
  if (equalBytes(read, written)) return;
  breach(`${what} re-encodes to the same bytes: ${shown(read)} became ${shown(written)}`);
}

function shown(bytes: Uint8Array): string {
  return `${toHex(bytes.subarray(0, SHOWN_BYTES))}${bytes.length > SHOWN_BYTES ? "…" : ""}`;
}
