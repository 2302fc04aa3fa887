/** Fault controls of one simulated receiver: a simulation's timeline sets them, the receiver reads them at each fix. */

export type Spoof = {
  /** Added to the true place and time. */
  readonly northMm: number;
  readonly eastMm: number;
  readonly upMm: number;
  readonly timeUs: number;
  /** Whether the receiver notices, and says so. */
  readonly detected: boolean;
};

/** An offset that grows: nothing jumps, and no single fix contradicts the one before it. */
export type Drift = {
  /** The instant of the receiver's clock at which it was nothing, µs. */
  readonly sinceUs: number;
  readonly northMmPerS: number;
  readonly eastMmPerS: number;
  readonly timeUsPerS: number;
};

export type GnssFaults = {
  /** The receiver is unplugged: `lost`, and no fix at all. */
  disconnected: boolean;
  /** The sky is blocked: fixes arrive without time and place. */
  outage: boolean;
  /** As `outage`, and the receiver names the cause. */
  jammed: boolean;
  spoof: Spoof | null;
  /** Never noticed by the receiver. */
  drift: Drift | null;
  /** A leap second is announced. */
  leapPending: boolean;
};

export function noFaults(): GnssFaults {
  return { disconnected: false, outage: false, jammed: false, spoof: null, drift: null, leapPending: false };
}
