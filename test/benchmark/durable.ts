/** Settlements that are on the device: the segment store's group commit against a bare append and fdatasync. */
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openNodeDisk } from "../../src/adapters/store/node-disk.ts";
import { openSegmentStore } from "../../src/adapters/store/segment-store.ts";
import { systemEntropy } from "../../src/adapters/system/entropy.ts";
import { bounds } from "../../src/core/agent/bounds.ts";
import { assert } from "../../src/core/base/assert.ts";
import type { Market } from "./market.ts";
import { type Contestant, contest, type Row } from "./measure.ts";
import { informedPeer, openHolder, SETTLED_BEFORE } from "./settle.ts";

/** Pairs that arrive at once; the largest fills the signing queue. */
const BATCHES = [1, 8, bounds.QUEUE_MAX] as const;

export async function benchDurable(market: Market): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), "spectrum-bench-settle-"));
  const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const rows: Row[] = [];
  try {
    for (const batch of BATCHES) {
      const peer = durablePeer(market, key, join(folder, `peer-${batch}`), batch);
      const product = durableProduct(market, join(folder, `holder-${batch}`), batch);
      rows.push(...(await contest({ peer, product, clock: "wall", count: market.pairs.length })));
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  return rows;
}

/** It keeps what the product has to keep, too: the acceptance beside the settlement. */
function durablePeer(market: Market, key: KeyObject, path: string, batch: number): Contestant {
  return {
    name: `straight line, append + fdatasync, ${batch} a flush`,
    async prepare() {
      const peer = informedPeer(market, key);
      const file = await open(path, "w");
      return {
        async work() {
          for (const pairs of batches(market, batch)) {
            const bytes: Uint8Array[] = [];
            for (const { offer, acceptance } of pairs) {
              peer.learn(offer);
              bytes.push(acceptance, peer.settle(acceptance));
            }
            await file.write(Buffer.concat(bytes));
            await file.datasync();
          }
        },
        close: () => file.close(),
      };
    },
  };
}

function durableProduct(market: Market, path: string, batch: number): Contestant {
  return {
    name: `settle durable, batch ${batch}`,
    async prepare() {
      await rm(path, { recursive: true, force: true });
      const store = await openSegmentStore({ disk: await openNodeDisk(path), entropy: systemEntropy() });
      await store.append(market.holder.frames);
      const desk = await openHolder(market, store);
      return {
        async work() {
          let made = SETTLED_BEFORE;
          for (const pairs of batches(market, batch)) {
            for (const { offer, acceptance } of pairs) {
              desk.message(offer);
              desk.message(acceptance);
            }
            made += pairs.length;
            await desk.appended("settlement", made);
          }
        },
        close: () => desk.close(),
      };
    },
  };
}

function* batches({ pairs }: Market, batch: number): Generator<Market["pairs"]> {
  assert(pairs.length % batch === 0, "batches are whole");
  for (let from = 0; from < pairs.length; from += batch) yield pairs.slice(from, from + batch);
}
