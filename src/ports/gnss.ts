/** A GNSS receiver, real, simulated or replayed. Drivers translate; the core decides what a fix is worth. */

/** What the driver knows of the source, never better than it can justify (PROTOCOL §5). */
export type GnssSource = "gnss" | "gnss-authenticated" | "simulated" | "replay";

export type GnssFix = {
  readonly source: GnssSource;
  /** 0 no mode seen yet, 1 no fix, 2 without height, 3 with height. */
  readonly mode: 0 | 1 | 2 | 3;
  /** Boot clock when the report was received, µs. */
  readonly receivedBootUs: number;
  /** Time of the fix, µs since 1970 UTC, or null without one. */
  readonly timeUs: number | null;
  /** Receiver's own estimate of its time error, µs, or null where it gives none (gpsd's constant ept is none). */
  readonly timeErrorUs: number | null;
  /** True when a pulse per second disciplined the time. */
  readonly pps: boolean;
  /** A leap second is announced for the end of this UTC day. */
  readonly leapPending: boolean;
  readonly latE7: number | null;
  readonly lonE7: number | null;
  /** Above the WGS 84 ellipsoid. */
  readonly heightMm: number | null;
  /** 95 % horizontal and vertical error estimates. */
  readonly horizontalErrorMm: number | null;
  readonly verticalErrorMm: number | null;
  /** Constellations used, satellites used, and jamming or spoofing words of the receiver; "" where unknown. */
  readonly satellitesUsed: number | null;
  readonly interference: "" | "jamming" | "spoofing";
};

export type GnssEvent =
  | { readonly kind: "fix"; readonly fix: GnssFix }
  /** Connection or device state: `lost` carries why; the driver goes on trying by itself. */
  | { readonly kind: "lost"; readonly reason: string }
  | { readonly kind: "found"; readonly device: string };

export interface Gnss {
  /**
   * Events in order, from the call on, until the result is called. A fix without a known time or place still
   * arrives, with nulls: silence and "no fix" are different.
   */
  listen(listener: (event: GnssEvent) => void): () => void;
  close(): Promise<void>;
}
