/**
 * The same bytes for the same seed: SHA-256(seed length ‖ seed ‖ counter), block after block. For the demo and for
 * simulations; whoever knows the seed knows every id, nonce and key made from it.
 */
import { createHash } from "node:crypto";
import { assert } from "../../core/base/assert.ts";
import { concat, u32be } from "../../core/base/bytes.ts";
import type { Entropy } from "../../ports/entropy.ts";

const LENGTH_MAX = 1024;
const BLOCK_BYTES = 32;

export function seededEntropy(seed: Uint8Array): Entropy {
  const prefix = concat(u32be(seed.length), seed);
  let block: Uint8Array = new Uint8Array(0);
  let used = 0;
  let counter = 0;

  function nextBlock(): void {
    const input = concat(prefix, u32be(Math.floor(counter / 2 ** 32)), u32be(counter % 2 ** 32));
    block = createHash("sha256").update(input).digest();
    counter += 1;
    used = 0;
  }

  return {
    bytes(length) {
      assert(
        Number.isInteger(length) && length >= 0 && length <= LENGTH_MAX,
        "requests are bounded by the port",
      );
      const out = new Uint8Array(length);
      let done = 0;
      while (done < length) {
        if (used === block.length) nextBlock();
        const piece = Math.min(length - done, BLOCK_BYTES - used);
        out.set(block.subarray(used, used + piece), done);
        used += piece;
        done += piece;
      }
      return out;
    },
  };
}
