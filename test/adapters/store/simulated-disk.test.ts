import { describe, expect, it } from "vitest";
import type { DiskFile } from "../../../src/adapters/store/disk.ts";
import { SimulatedDisk } from "../../../src/adapters/store/simulated-disk.ts";
import { seededEntropy } from "../../../src/adapters/system/seeded-entropy.ts";
import { codeOf } from "./simulated-store.ts";

function diskOf(seed: number): SimulatedDisk {
  return new SimulatedDisk(seededEntropy(Uint8Array.of(seed)));
}

async function fileOn(disk: SimulatedDisk): Promise<DiskFile> {
  const file = await disk.open("a", "create");
  await disk.syncDirectory();
  return file;
}

async function contentAfterCrash(disk: SimulatedDisk): Promise<Uint8Array> {
  disk.crash();
  const file = await disk.open("a", "read");
  return file.read(0, await file.size());
}

describe("the simulated disk", () => {
  it("keeps what was flushed over a loss of power, whatever the seed", async () => {
    for (let seed = 0; seed < 50; seed++) {
      const disk = diskOf(seed);
      const file = await fileOn(disk);
      await file.writeFlushed(0, new Uint8Array(3000).fill(1));
      await file.writeAt(3000, new Uint8Array(3000).fill(2));
      const left = await contentAfterCrash(disk);
      expect(left.subarray(0, 3000).every((byte) => byte === 1)).toBe(true);
    }
  });

  it("loses all, nothing, or any sectors of what was not flushed, depending on the seed", async () => {
    const outcomes = new Set<string>();
    for (let seed = 0; seed < 60; seed++) {
      const disk = diskOf(seed);
      const file = await fileOn(disk);
      await file.writeFlushed(0, new Uint8Array(2048).fill(1));
      await file.writeAt(0, new Uint8Array(2048).fill(2));
      const left = await contentAfterCrash(disk);
      const sectors = [0, 1, 2, 3].map((sector) => left.subarray(512 * sector, 512 * (sector + 1)));
      for (const sector of sectors) expect(new Set(sector).size).toBe(1);
      outcomes.add(sectors.map((sector) => sector[0]).join(""));
    }
    expect([
      outcomes.has("1111"),
      outcomes.has("2222"),
      outcomes.has("1222") || outcomes.has("2122"),
    ]).toEqual([true, true, true]);
    expect(outcomes.size).toBeGreaterThan(6);
  });

  it("may keep either the old or the new length of an unflushed change of length", async () => {
    const lengths = new Set<number>();
    for (let seed = 0; seed < 40; seed++) {
      const disk = diskOf(seed);
      const file = await fileOn(disk);
      await file.writeFlushed(0, new Uint8Array(1000));
      await file.truncate(100);
      lengths.add((await contentAfterCrash(disk)).length);
    }
    expect([lengths.has(100), lengths.has(1000)]).toEqual([true, true]);
  });

  it("may lose or keep an unflushed rename, and keeps a flushed one", async () => {
    const outcomes = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      const disk = diskOf(seed);
      await fileOn(disk);
      await disk.rename("a", "b");
      if (seed % 2 === 1) await disk.syncDirectory();
      disk.crash();
      const names = await disk.list();
      outcomes.add(`${seed % 2 === 1 ? "flushed" : "unflushed"} ${names.join()}`);
    }
    expect([...outcomes].sort()).toEqual(["flushed b", "unflushed a", "unflushed b"]);
  });

  it("loses pages in a failed flush that the next flush does not bring back", async () => {
    const outcomes = new Set<string>();
    for (let seed = 0; seed < 60; seed++) {
      const disk = diskOf(seed);
      const file = await fileOn(disk);
      await file.writeFlushed(0, Uint8Array.of(1));
      await file.writeAt(0, Uint8Array.of(2));
      disk.failAt(disk.operations, "flush-error");
      expect(await codeOf(file.sync())).toBe("disk-failed");
      const shown = (await file.read(0, 1))[0];
      await file.sync();
      outcomes.add(`shown ${shown}, then ${(await contentAfterCrash(disk))[0]}`);
    }
    expect([...outcomes].sort()).toEqual(["shown 1, then 1", "shown 2, then 1", "shown 2, then 2"]);
  });

  it("fills up: a write happens in part and says disk-full", async () => {
    const disk = diskOf(1);
    const file = await fileOn(disk);
    disk.setCapacity(1000);
    expect(await codeOf(file.writeAt(0, new Uint8Array(1500).fill(1)))).toBe("disk-full");
    expect([await file.size(), disk.usedBytes]).toEqual([1000, 1000]);
  });

  it("does nothing more after a loss of power, until it is over, and then only through new handles", async () => {
    const disk = diskOf(1);
    const file = await fileOn(disk);
    disk.failAt(disk.operations, "power-loss");
    expect(await codeOf(file.sync())).toBe("disk-failed");
    expect([await codeOf(disk.list()), await codeOf(file.size())]).toEqual(["disk-failed", "disk-failed"]);
    disk.crash();
    expect([await codeOf(disk.list()), await codeOf(file.size())]).toEqual(["", "disk-failed"]);
  });

  it("does the same under the same seed", async () => {
    const run = async () => {
      const disk = diskOf(7);
      const file = await fileOn(disk);
      await file.writeAt(0, new Uint8Array(9000).fill(3));
      return contentAfterCrash(disk);
    };
    expect(await run()).toEqual(await run());
  });
});

describe("the image of a simulated disk", () => {
  it("holds what was flushed, and nothing that was written since", async () => {
    const disk = diskOf(1);
    const file = await fileOn(disk);
    await file.writeFlushed(0, new Uint8Array(600).fill(1));
    await file.writeAt(0, new Uint8Array(900).fill(2));
    const image = disk.image();
    await file.writeFlushed(0, new Uint8Array(900).fill(3));
    expect(disk.flushed()).toEqual([{ name: "a", bytes: 900 }]);
    disk.putBack(image);
    expect(await codeOf(file.size())).toBe("disk-failed");
    const back = await disk.open("a", "read");
    expect(await back.read(0, 2000)).toEqual(new Uint8Array(600).fill(1));
  });

  it("can be put on several disks, and none of them changes the other", async () => {
    const [one, other] = [diskOf(1), diskOf(2)];
    const file = await fileOn(one);
    await file.writeFlushed(0, new Uint8Array(10).fill(1));
    const image = one.image();
    other.putBack(image);
    const clone = await other.open("a", "write");
    await clone.writeFlushed(0, new Uint8Array(10).fill(2));
    one.putBack(image);
    const back = await one.open("a", "read");
    expect(await back.read(0, 10)).toEqual(new Uint8Array(10).fill(1));
  });
});

it("a planned loss of power is told within the operation that it strikes", async () => {
  let told = 0;
  const disk = new SimulatedDisk(seededEntropy(Uint8Array.of(1)), () => {
    told += 1;
  });
  const file = await fileOn(disk);
  disk.failAt(disk.operations, "power-loss");
  expect(await codeOf(file.writeAt(0, Uint8Array.of(1)))).toBe("disk-failed");
  expect(told).toBe(1);
});
