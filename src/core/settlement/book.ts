/** The holder's allocation book: which blocks are taken, and when one is free again (PROTOCOL §6). */
import { toHex } from "../base/bytes.ts";
import type { Rejection } from "../base/rejection.ts";
import { spansMeet } from "../commodity/block.ts";
import type { Block } from "../record/spectrum-fields.ts";
import { collision, type Spacing, widestGuardHz } from "./collision.ts";
import type { Lease } from "./lease.ts";
import { bootBoundPassed, expiryBoundPassed } from "./renewal-bounds.ts";

export type BookClock = {
  readonly bootId: Uint8Array;
  readonly bootUs: number;
  /** Earliest edge of the holder's own time, or null without any. */
  readonly earliestUs: number | null;
};

/** A termination frees nothing by itself: every renewal signed has to have run out, or the consumer gave up. */
export function isFree(lease: Lease, now: BookClock): boolean {
  if (lease.relinquishment !== null) return true;
  if (lease.termination === null) return false;
  return renewalsRunOut(lease, now);
}

export function renewalsRunOut(lease: Lease, now: BookClock): boolean {
  return (
    bootBoundPassed(lease.bounds, now.bootId, now.bootUs) && expiryBoundPassed(lease.bounds, now.earliestUs)
  );
}

/** `already-allocated` or `tdd-guard` for each standing lease that `block` would collide with; two shared blocks never collide. */
export function conflicts(
  block: Block,
  spacing: Spacing,
  leases: Iterable<Lease>,
  now: BookClock,
): readonly Rejection[] {
  const all: Rejection[] = [];
  for (const lease of leases) {
    if (lease.role !== "holder") continue;
    const { block: taken, terms } = lease.derived.artifact;
    if (!block.exclusive && !taken.exclusive) continue;
    // Cheapest first: nearly every lease of a long book is elsewhere in the band.
    if (!spansMeet(block, taken, widestGuardHz(spacing, terms)) || isFree(lease, now)) continue;
    const holder = { lease: toHex(lease.derived.id) };
    const found = collision({ block, spacing }, { block: taken, spacing: terms }, holder);
    if (found !== null) all.push(found);
  }
  return all;
}
