/** A full disk refuses an append without a trace of it, and takes the next once there is room. */
import { describe, expect, it } from "vitest";
import { framesOf, numbered, texts } from "../../conformance/store-frames.ts";
import { codeOf, Ledger, world } from "./simulated-store.ts";

describe("a full disk", () => {
  it("refuses with store-full, shows nothing of the batch, and goes on when there is room again", async () => {
    for (const setAsideBytes of [0, 512, 65_536]) {
      const here = world(1, { setAsideBytes });
      const store = await here.open();
      await store.append([numbered(0, 500)]);
      here.disk.setCapacity(here.disk.usedBytes + 700);
      const refused = Array.from({ length: 70 }, () => numbered(1, 1000));
      expect(await codeOf(store.append(refused))).toBe("store-full");
      here.disk.setCapacity(Number.POSITIVE_INFINITY);
      await store.append([numbered(1, 500)]);
      expect(texts(await framesOf(store))).toEqual(texts([numbered(0, 500), numbered(1, 500)]));
    }
  });

  it("leaves a clean tail for the next opening and for a loss of power", async () => {
    for (let seed = 0; seed < 40; seed++) {
      const here = world(seed, { setAsideBytes: 0 });
      const ledger = new Ledger();
      const store = await here.open();
      await ledger.append(store, [numbered(0, 500)]);
      here.disk.setCapacity(here.disk.usedBytes + 2500);
      expect(await codeOf(store.append([numbered(1, 4000)]))).toBe("store-full");
      here.disk.crash();
      const again = await here.open();
      expect(again.tail).toEqual({ kind: "clean" });
      await ledger.check(again);
    }
  });

  it("still takes a batch that fits where only the space ahead does not", async () => {
    const here = world(1, { setAsideBytes: 65_536 });
    const store = await here.open();
    here.disk.setCapacity(here.disk.usedBytes + 3000);
    await store.append([numbered(0, 1000)]);
    await store.append([numbered(1, 1000)]);
    expect(await codeOf(store.append([numbered(2, 1000)]))).toBe("store-full");
    expect(store.size).toBe(2);
  });

  it("rejects what waits behind a refused append, so that no record lands without the one before it", async () => {
    const here = world(1, { setAsideBytes: 0 });
    const store = await here.open();
    here.disk.setCapacity(here.disk.usedBytes + 1000);
    const large = codeOf(store.append([numbered(0, 4000)]));
    await Promise.resolve();
    await Promise.resolve();
    const small = codeOf(store.append([numbered(1, 10)]));
    expect([await large, await small, store.size]).toEqual(["store-full", "store-full", 0]);
    expect(await codeOf(store.append([numbered(1, 10)]))).toBe("");
  });

  it("refuses a new segment, keeps the old one, and makes it later", async () => {
    const here = world(1, { segmentBytes: 4096 + 1000, setAsideBytes: 0 });
    const store = await here.open();
    await store.append([numbered(0, 800)]);
    here.disk.setCapacity(here.disk.usedBytes + 2000);
    expect(await codeOf(store.append([numbered(1, 800)]))).toBe("store-full");
    expect((await here.disk.list()).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    here.disk.setCapacity(Number.POSITIVE_INFINITY);
    await store.append([numbered(1, 800)]);
    expect(texts(await framesOf(store))).toEqual(texts([numbered(0, 800), numbered(1, 800)]));
  });

  it("with a wipe that fails leaves the outcome unknown: store-flush-failed, then reopen", async () => {
    for (const after of [2, 3]) {
      const here = world(after, { setAsideBytes: 0 });
      const ledger = new Ledger();
      const store = await here.open();
      await ledger.append(store, [numbered(0, 500)]);
      here.disk.setCapacity(here.disk.usedBytes + 700);
      // The write that fills the disk is the first operation, the wipe's truncate and flush are the next two.
      here.disk.failAt(here.disk.operations + after - 1, "write-error");
      expect(await codeOf(store.append([numbered(1, 4000)]))).toBe("store-flush-failed");
      expect(await codeOf(store.reopen())).toBe("store-full");
      here.disk.setCapacity(Number.POSITIVE_INFINITY);
      await store.reopen();
      await ledger.check(store);
      await ledger.append(store, [numbered(1, 10)]);
      await ledger.check(store);
    }
  });

  it("refuses a mark with store-full and keeps the old one", async () => {
    const here = world(1);
    const store = await here.open();
    await store.writeMark("quarantine", Uint8Array.of(1));
    here.disk.setCapacity(here.disk.usedBytes + 10);
    expect(await codeOf(store.writeMark("quarantine", new Uint8Array(4000)))).toBe("store-full");
    expect(await store.readMark("quarantine")).toEqual(Uint8Array.of(1));
  });
});
