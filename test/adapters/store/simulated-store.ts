/** A store on a simulated disk, and what may be found on it after power was lost. */
import { expect } from "vitest";
import { openSegmentStore, type SegmentStoreOptions } from "../../../src/adapters/store/segment-store.ts";
import { SimulatedDisk } from "../../../src/adapters/store/simulated-disk.ts";
import { seededEntropy } from "../../../src/adapters/system/seeded-entropy.ts";
import type { Entropy } from "../../../src/ports/entropy.ts";
import { PortError } from "../../../src/ports/port-error.ts";
import type { Frame, Store } from "../../../src/ports/store.ts";
import { framesOf, texts } from "../../conformance/store-frames.ts";

export type World = {
  readonly disk: SimulatedDisk;
  readonly entropy: Entropy;
  open(): Promise<Store>;
};

export type Layout = Pick<SegmentStoreOptions, "segmentBytes" | "setAsideBytes">;

export function world(seed: number, layout: Layout = {}): World {
  const entropy = seededEntropy(Uint8Array.of(seed >> 8, seed));
  const disk = new SimulatedDisk(entropy);
  return { disk, entropy, open: () => openSegmentStore({ disk, entropy, ...layout }) };
}

/** What was asked of a store over its lives: appends in order, and how far they were acknowledged. */
export class Ledger {
  readonly appends: (readonly Frame[])[] = [];
  #acknowledged = 0;

  /** Appends and notes the acknowledgement. */
  async append(store: Store, frames: readonly Frame[]): Promise<void> {
    this.appends.push(frames);
    const until = this.appends.length;
    await store.append(frames);
    this.#acknowledged = Math.max(this.#acknowledged, until);
  }

  /**
   * The store holds a prefix of the appends, each whole, at least all that were acknowledged. What it does not hold
   * is forgotten here: it may be appended anew.
   */
  async check(store: Store): Promise<void> {
    const found = texts(await framesOf(store));
    expect(found.length).toBe(store.size);
    let count = 0;
    let frames = 0;
    for (const append of this.appends) {
      if (frames + append.length > found.length) break;
      frames += append.length;
      count += 1;
    }
    expect(found).toEqual(texts(this.appends.slice(0, count).flat()));
    expect(count).toBeGreaterThanOrEqual(this.#acknowledged);
    this.appends.length = count;
    this.#acknowledged = count;
  }
}

/** The PortError's code that `promise` rejects with, or "" when it resolves. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "";
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    return error.code;
  }
}
