/** How long to wait before the next attempt: doubling, bounded, with jitter, so that a fleet does not return at once. */
import type { Entropy } from "../../ports/entropy.ts";

export type Backoff = { readonly firstUs: number; readonly maxUs: number };

const DOUBLINGS_MAX = 40;

/** Between half and all of min(maxUs, firstUs × 2^attempt), µs. */
export function backoffUs(entropy: Entropy, backoff: Backoff, attempt: number): number {
  const fullUs = Math.min(backoff.maxUs, backoff.firstUs * 2 ** Math.min(attempt, DOUBLINGS_MAX));
  const [high = 0, low = 0] = entropy.bytes(2);
  return Math.ceil((fullUs / 2) * (1 + (high * 256 + low) / 65_536));
}
