/**
 * What pure functions gave before, for whoever runs many agents in one process: they all read the same records, and judge
 * the same pairs. It changes no answer: what is kept depends on the arguments alone, and nobody changes a value once it
 * is decoded. How much is kept, and for how long, its maker bounds.
 */
export type Memory = {
  /** What `make` gave for equal bytes, else what it gives. One memory is only ever asked for one thing of bytes: their record. */
  ofBytes<T>(bytes: Uint8Array, make: (bytes: Uint8Array) => T): T;
  /** What `make` gave for the very same values, else what it gives. `rest` in an order of its own. */
  ofValues<T>(first: object, rest: readonly unknown[], make: () => T): T;
};
