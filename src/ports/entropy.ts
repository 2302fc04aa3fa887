/** Where every random byte comes from: ids, nonces, challenges, salts, jitter. */
export interface Entropy {
  /** `length` fresh unpredictable bytes (simulated: the next bytes of the seeded stream). 0 ≤ length ≤ 1024. */
  bytes(length: number): Uint8Array;
}
