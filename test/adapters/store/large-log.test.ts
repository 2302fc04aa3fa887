import { expect, it } from "vitest";
import type { Disk } from "../../../src/adapters/store/disk.ts";
import { openSegmentStore } from "../../../src/adapters/store/segment-store.ts";
import type { Frame } from "../../../src/ports/store.ts";
import { framesOf, numbered, texts } from "../../conformance/store-frames.ts";
import { world } from "./simulated-store.ts";

const FRAMES = 100_000;
const LAYOUT = { segmentBytes: 4 * 1024 * 1024 };

/** Counts the bytes that are read through it. */
function counting(disk: Disk, count: (bytes: number) => void): Disk {
  return {
    list: () => disk.list(),
    open: async (name, mode) => {
      const file = await disk.open(name, mode);
      return {
        ...file,
        read: async (offset, length) => {
          const bytes = await file.read(offset, length);
          count(bytes.length);
          return bytes;
        },
      };
    },
    rename: (from, to) => disk.rename(from, to),
    remove: (name) => disk.remove(name),
    syncDirectory: () => disk.syncDirectory(),
    close: () => disk.close(),
  };
}

it("opens a log of 100,000 frames by reading each byte about once, and seeks without reading what lies before", async () => {
  const here = world(1, LAYOUT);
  const store = await here.open();
  for (let number = 0; number < FRAMES; number += 20) {
    const frames: Frame[] = Array.from({ length: 20 }, (_, which) => numbered(number + which, 80));
    await store.append(frames);
  }
  await store.close();
  let read = 0;
  const disk = counting(here.disk, (bytes) => {
    read += bytes;
  });
  const again = await openSegmentStore({ disk, entropy: here.entropy, ...LAYOUT });
  expect([again.size, again.tail]).toEqual([FRAMES, { kind: "clean" }]);
  expect(read).toBeLessThan(1.2 * here.disk.usedBytes);
  read = 0;
  const last = texts(await framesOf(again, FRAMES - 3));
  expect(last).toEqual(texts([FRAMES - 3, FRAMES - 2, FRAMES - 1].map((number) => numbered(number, 80))));
  expect(read).toBeLessThan(512 * 1024);
});
