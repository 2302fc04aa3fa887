/** Instants and durations in flags of commands: the same words as in files. */
import { instant } from "./instant.ts";
import type { Piece } from "./leaf.ts";
import { quantity } from "./quantity.ts";
import { DURATION, FREQUENCY } from "./units.ts";

export type FlagRead =
  | { readonly ok: true; readonly value: number }
  | { readonly ok: false; readonly allowed: string };

/** µs since 1970 UTC. */
export function readInstant(text: string): FlagRead {
  return readBy(instant("an instant"), text);
}

/** µs. */
export function readDuration(text: string): FlagRead {
  return readBy(quantity(DURATION, "a duration"), text);
}

/** Hz. */
export function readFrequency(text: string): FlagRead {
  return readBy(quantity(FREQUENCY, "a frequency"), text);
}

function readBy(piece: Piece<number>, text: string): FlagRead {
  const parsed = piece.safeParse(text);
  if (parsed.success) return { ok: true, value: parsed.data };
  return { ok: false, allowed: parsed.error.issues[0]?.message ?? "" };
}
