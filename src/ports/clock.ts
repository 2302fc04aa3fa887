/** Where every instant comes from. Promises in words; the conformance suite holds every clock to them. */

export type Reading = {
  /** System wall clock, µs since 1970 UTC (POSIX). May step; never used for deadlines. */
  readonly wallUs: number;
  /** Time since the host booted, µs, *including* suspend. Never goes back within one boot. Every deadline is in it. */
  readonly bootUs: number;
};

export interface Clock {
  /** 16 bytes that name this boot of the host; a new boot has another. */
  readonly bootId: Uint8Array;
  read(): Reading;
  /** Calls `wake` once, at or after `bootUs`, however late the process is scheduled. The result cancels it. */
  at(bootUs: number, wake: () => void): () => void;
}
