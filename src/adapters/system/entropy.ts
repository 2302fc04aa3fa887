/** The host's randomness (getrandom by way of node:crypto). */
import { randomBytes } from "node:crypto";
import { assert } from "../../core/base/assert.ts";
import type { Entropy } from "../../ports/entropy.ts";

const LENGTH_MAX = 1024;

export function systemEntropy(): Entropy {
  return {
    bytes(length) {
      assert(
        Number.isInteger(length) && length >= 0 && length <= LENGTH_MAX,
        "requests are bounded by the port",
      );
      return Uint8Array.from(randomBytes(length));
    },
  };
}
