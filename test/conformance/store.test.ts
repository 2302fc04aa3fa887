import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openNodeDisk } from "../../src/adapters/store/node-disk.ts";
import { openSegmentStore } from "../../src/adapters/store/segment-store.ts";
import { SimulatedDisk } from "../../src/adapters/store/simulated-disk.ts";
import { systemEntropy } from "../../src/adapters/system/entropy.ts";
import { seededEntropy } from "../../src/adapters/system/seeded-entropy.ts";
import { storeConformance } from "./store.ts";

storeConformance("segments on a folder of this host", async () => {
  const folder = await mkdtemp(join(tmpdir(), "spectrum-store-"));
  return {
    open: async () => openSegmentStore({ disk: await openNodeDisk(folder), entropy: systemEntropy() }),
    dispose: () => rm(folder, { recursive: true }),
  };
});

storeConformance("small segments on a folder of this host, nothing set aside", async () => {
  const folder = await mkdtemp(join(tmpdir(), "spectrum-store-"));
  const options = { entropy: systemEntropy(), segmentBytes: 16 * 1024, setAsideBytes: 0 };
  return {
    open: async () => openSegmentStore({ disk: await openNodeDisk(folder), ...options }),
    dispose: () => rm(folder, { recursive: true }),
  };
});

storeConformance("segments on a simulated disk", async () => {
  const entropy = seededEntropy(Uint8Array.of(1));
  const disk = new SimulatedDisk(entropy);
  return {
    open: () => openSegmentStore({ disk, entropy, segmentBytes: 64 * 1024 }),
    dispose: async () => {},
  };
});
