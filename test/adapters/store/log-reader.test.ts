/** A log is read while its agent holds it: nothing is locked, cut or made (PROTOCOL §2). */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readLogSoFar } from "../../../src/adapters/store/log-reader.ts";
import { nodeDiskToRead, openNodeDisk } from "../../../src/adapters/store/node-disk.ts";
import { openSegmentStore } from "../../../src/adapters/store/segment-store.ts";
import { systemEntropy } from "../../../src/adapters/system/entropy.ts";
import { PortError } from "../../../src/ports/port-error.ts";
import type { Frame, Store } from "../../../src/ports/store.ts";
import { framesOf, numbered, texts } from "../../conformance/store-frames.ts";
import { codeOf } from "./simulated-store.ts";

let folder: string;
let log: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "spectrum-reader-"));
  log = join(folder, "log");
});
afterEach(() => rm(folder, { recursive: true }));

async function openStore(): Promise<Store> {
  return openSegmentStore({ disk: await openNodeDisk(log), entropy: systemEntropy(), segmentBytes: 8_192 });
}

async function read(): Promise<readonly Frame[]> {
  const frames: Frame[] = [];
  for await (const frame of (await readLogSoFar(nodeDiskToRead(log))).frames()) frames.push(frame);
  return frames;
}

async function files(): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(log)).sort();
  return new Map(
    await Promise.all(
      names.map(async (name) => [name, (await readFile(join(log, name))).toString("base64")] as const),
    ),
  );
}

describe("a log that somebody holds open", () => {
  it("gives what was appended, over several segments, as often as it is asked, and stays as it is", async () => {
    const store = await openStore();
    for (let i = 0; i < 40; i++) await store.append([numbered(i, 900)]);
    const before = await files();
    const reader = await readLogSoFar(nodeDiskToRead(log));
    expect(reader.tail).toEqual({ kind: "clean" });
    await store.append([numbered(99, 900)]);
    for (let again = 0; again < 2; again++) {
      const frames: Frame[] = [];
      for await (const frame of reader.frames()) frames.push(frame);
      expect(texts(frames)).toEqual(texts(Array.from({ length: 40 }, (_, i) => numbered(i, 900))));
    }
    expect(texts(await read())).toEqual(texts(await framesOf(store)));
    expect([...(await files()).keys()]).toEqual(expect.arrayContaining([...before.keys()]));
    // Its writer goes on as if nobody had looked.
    await store.append([numbered(100)]);
    expect((await read()).length).toBe(42);
    await store.close();
  });

  it("is cut by nobody who reads, whatever its end holds", async () => {
    const store = await openStore();
    await store.append([numbered(1), numbered(2)]);
    await store.append([numbered(3)]);
    await store.close();
    const [segment = ""] = (await readdir(log)).filter((name) => name.endsWith(".seg"));
    const bytes = await readFile(join(log, segment));
    const last = bytes.findLastIndex((byte) => byte !== 0);
    await writeFile(join(log, segment), bytes.subarray(0, last - 3));
    const before = await files();
    expect((await readLogSoFar(nodeDiskToRead(log))).tail.kind).not.toBe("clean");
    expect((await read()).length).toBeGreaterThan(0);
    expect(await files()).toEqual(before);
  });
});

describe("no log", () => {
  it("is store-unreadable, and none is made", async () => {
    expect(await codeOf(readLogSoFar(nodeDiskToRead(log)))).toBe("store-unreadable");
    expect(await readdir(folder)).toEqual([]);
  });

  it("of an empty folder has no frames", async () => {
    log = folder;
    expect(await read()).toEqual([]);
  });

  it("is given by a disk that does not take the flush: what is read may not outlive a loss of power", async () => {
    await (await openStore()).close();
    const disk = nodeDiskToRead(log);
    const failing = {
      ...disk,
      open: async (name: string, mode: "read") => {
        const file = await disk.open(name, mode);
        const sync = (): Promise<void> => Promise.reject(new PortError("disk", "disk-failed", "EIO", false));
        return { ...file, sync };
      },
    };
    expect(await codeOf(readLogSoFar(failing))).toBe("store-flush-failed");
  });
});
