/**
 * The seeded space that simulated devices share: named bodies on tracks, one true UTC, and errors that depend on nothing
 * but (seed, body, channel, index). No state, no `Math` transcendental: every engine and every order of asking gives
 * the same answers (PROTOCOL §5).
 */
import { assert } from "../../src/core/base/assert.ts";
import { placeOnTrack, type Track, type TruePlace } from "./track.ts";

export type Space = {
  /** 32 bits. */
  readonly seed: number;
  /** True UTC, µs since 1970, at boot instant 0. */
  readonly epochUtcUs: number;
  readonly bodies: Readonly<Record<string, Track>>;
};

export function trueUtcUs(space: Space, bootUs: number): number {
  return space.epochUtcUs + bootUs;
}

export function truePlace(space: Space, body: string, bootUs: number): TruePlace {
  const track = Object.hasOwn(space.bodies, body) ? space.bodies[body] : undefined;
  assert(track !== undefined, "devices are only put on bodies that the space has");
  return placeOnTrack(track, bootUs);
}

/** What an error belongs to: two channels of a body are independent, so are two indexes (fixes) of a channel. */
export type ErrorKey = { readonly body: string; readonly channel: string; readonly index: number };

/** A bell-shaped error with standard deviation `sigma` (≤ 1e9), an integer; never beyond 6 sigma. */
export function drawError(space: Space, key: ErrorKey, sigma: number): number {
  let state = hashText(space.seed >>> 0, `${key.body}\0${key.channel}\0${key.index}`);
  // The sum of twelve uniform numbers has variance 1 and, but for the far tails, the shape of the bell.
  let sum = 0;
  for (let i = 0; i < 12; i++) {
    state = (state + 0x9e3779b9) >>> 0;
    sum += mix(state) >>> 16;
  }
  return Math.trunc((sigma * (sum - 6 * 65_535)) / 65_536) + 0;
}

/** `place` moved north, east and up by mm, kept on the globe. */
export function movePlace(place: TruePlace, northMm: number, eastMm: number, upMm: number): TruePlace {
  const latE7 = place.latE7 + Math.trunc((northMm * 1000) / LAT_E7_UM);
  const lonE7 = place.lonE7 + Math.trunc((eastMm * 1000) / (LAT_E7_UM * cosine(place.latE7)));
  return {
    latE7: Math.max(-POLE_E7, Math.min(POLE_E7, latE7)) + 0,
    lonE7: wrap(lonE7),
    heightMm: place.heightMm + upMm,
  };
}

/** 1e-7 degree of latitude is 11.132 mm on the mean Earth, in µm. */
const LAT_E7_UM = 11_132;
const POLE_E7 = 900_000_000;
const HALF_TURN_E7 = 1_800_000_000;

function wrap(lonE7: number): number {
  if (lonE7 > HALF_TURN_E7) return lonE7 - 2 * HALF_TURN_E7;
  return lonE7 < -HALF_TURN_E7 ? lonE7 + 2 * HALF_TURN_E7 : lonE7 + 0;
}

/** Bhaskara's rational cosine, within 0.2 %: enough to scale an error. At the poles 1 %, so that nothing divides by 0. */
function cosine(latE7: number): number {
  const degrees = latE7 / 1e7;
  const square = degrees * degrees;
  return Math.max(0.01, (32_400 - 4 * square) / (32_400 + square));
}

/** FNV-1a over UTF-16 units, begun with the seed. */
function hashText(seed: number, text: string): number {
  let hash = (0x811c9dc5 ^ mix(seed)) >>> 0;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}

/** An integer finaliser: each input bit reaches each output bit. */
function mix(value: number): number {
  let x = value >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}
