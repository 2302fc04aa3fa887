/** Where a body of the seeded space truly is at an instant: a fixed point, or straight segments between way-points. */
import { assert } from "../../src/core/base/assert.ts";

export type TruePlace = {
  /** 1e-7 degree. */
  readonly latE7: number;
  readonly lonE7: number;
  /** Above the WGS 84 ellipsoid. */
  readonly heightMm: number;
};

export type WayPoint = { readonly atBootUs: number; readonly place: TruePlace };

/** Way-points in order of time, at least one. Before the first and after the last the body stands still. */
export type Track =
  | { readonly kind: "fixed"; readonly place: TruePlace }
  | { readonly kind: "way-points"; readonly points: readonly WayPoint[] };

/**
 * Pure in (track, bootUs). Straight in latitude, longitude and height, by integer arithmetic, so that every engine gives
 * the same place; not across the antimeridian, as everywhere in the protocol (PROTOCOL §3).
 */
export function placeOnTrack(track: Track, bootUs: number): TruePlace {
  if (track.kind === "fixed") return track.place;
  const { points } = track;
  const first = points[0];
  assert(first !== undefined, "a track has at least one way-point");
  let from = first;
  for (const to of points) {
    assert(to.atBootUs >= from.atBootUs, "way-points stand in order of time");
    if (bootUs < to.atBootUs) return bootUs <= from.atBootUs ? from.place : between(from, to, bootUs);
    from = to;
  }
  return from.place;
}

function between(from: WayPoint, to: WayPoint, bootUs: number): TruePlace {
  const elapsed = BigInt(bootUs - from.atBootUs);
  const duration = BigInt(to.atBootUs - from.atBootUs);
  // bigint, because 1e-7 degrees times µs goes beyond 2^53 within minutes.
  const part = (a: number, b: number): number => a + Number((BigInt(b - a) * elapsed) / duration);
  return {
    latE7: part(from.place.latE7, to.place.latE7),
    lonE7: part(from.place.lonE7, to.place.lonE7),
    heightMm: part(from.place.heightMm, to.place.heightMm),
  };
}
