/** What every store must keep of its port, whatever it is made of. */
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FRAME_BYTES_MAX } from "../../src/adapters/store/segment-format.ts";
import type { Frame, Store } from "../../src/ports/store.ts";
import { framesOf, numbered, texts } from "./store-frames.ts";

/** One empty place for a store: `open` opens it, again after a `close` too. */
export type StorePlace = { open(): Promise<Store>; dispose(): Promise<void> };

export function storeConformance(name: string, makePlace: () => Promise<StorePlace>): void {
  describe(`store conformance: ${name}`, () => {
    let place: StorePlace;
    let store: Store;

    beforeEach(async () => {
      place = await makePlace();
      store = await place.open();
    });

    afterEach(async () => {
      await store.close();
      await place.dispose();
    });

    const openAgain = async (): Promise<void> => {
      await store.close();
      store = await place.open();
    };

    it("begins empty and clean", async () => {
      expect([store.size, store.tail, await framesOf(store)]).toEqual([0, { kind: "clean" }, []]);
    });

    it("gives back frames in order, with their kinds, before and after it is opened again", async () => {
      const frames = Array.from({ length: 20 }, (_, number) => numbered(number, 4 + number * 37));
      await store.append(frames.slice(0, 7));
      await store.append(frames.slice(7));
      expect(await framesOf(store)).toEqual(frames);
      await openAgain();
      expect([store.size, store.tail]).toEqual([20, { kind: "clean" }]);
      expect(await framesOf(store)).toEqual(frames);
    });

    it("starts at any frame that is asked for, and gives none beyond the last", async () => {
      const frames = Array.from({ length: 300 }, (_, number) => numbered(number, 1000));
      for (let at = 0; at < 300; at += 3) await store.append(frames.slice(at, at + 3));
      for (const from of [0, 1, 2, 3, 149, 298, 299]) {
        expect(texts(await framesOf(store, from))).toEqual(texts(frames.slice(from)));
      }
      expect([await framesOf(store, 300), await framesOf(store, 4000)]).toEqual([[], []]);
    });

    it("keeps concurrent appends in the order of their calls, each one together", async () => {
      const appends = Array.from({ length: 100 }, (_, which) => [
        numbered(2 * which),
        numbered(2 * which + 1),
      ]);
      await Promise.all(appends.map((frames) => store.append(frames)));
      expect(await framesOf(store)).toEqual(appends.flat());
    });

    it("takes empty frames, the longest frames, and an append of nothing", async () => {
      const frames: Frame[] = [
        { kind: "own", bytes: new Uint8Array(0) },
        { kind: "foreign", bytes: new Uint8Array(FRAME_BYTES_MAX).fill(7) },
        { kind: "own", bytes: Uint8Array.of(1) },
      ];
      await store.append([]);
      await store.append(frames);
      await openAgain();
      expect(texts(await framesOf(store))).toEqual(texts(frames));
    });

    it("owns the bytes it was given from the call on", async () => {
      const mine = numbered(5, 64);
      const promise = store.append([mine]);
      const before = { kind: mine.kind, bytes: mine.bytes.slice() };
      mine.bytes.fill(0xff);
      await promise;
      expect(await framesOf(store)).toEqual([before]);
    });

    it("ends an iteration where the log ended when it began", async () => {
      await store.append([numbered(0), numbered(1)]);
      const seen: Frame[] = [];
      for await (const frame of store.frames()) {
        seen.push(frame);
        await store.append([numbered(10 + seen.length)]);
      }
      expect(seen).toEqual([numbered(0), numbered(1)]);
      expect(store.size).toBe(4);
    });

    it("has nothing to do in reopen and cutTail while it is sound", async () => {
      await store.append([numbered(0)]);
      await store.reopen();
      await store.cutTail();
      await store.append([numbered(1)]);
      expect(await framesOf(store)).toEqual([numbered(0), numbered(1)]);
    });

    it("refuses appends and marks once it is closed, and closes twice", async () => {
      await store.close();
      await store.close();
      await expect(store.append([numbered(0)])).rejects.toMatchObject({ code: "store-closed" });
      await expect(store.writeMark("quarantine", null)).rejects.toMatchObject({ code: "store-closed" });
      store = await place.open();
      expect(store.size).toBe(0);
    });

    it("finishes what was appended before it closes", async () => {
      const appended = [0, 1, 2].map((number) => store.append([numbered(number)]));
      await store.close();
      await Promise.all(appended);
      store = await place.open();
      expect(await framesOf(store)).toEqual([numbered(0), numbered(1), numbered(2)]);
    });

    it("keeps marks apart from the log: absent, replaced, empty, of 4 KiB, removed", async () => {
      expect(await store.readMark("quarantine")).toBeNull();
      await store.writeMark("quarantine", Uint8Array.of(1, 2, 3));
      await store.writeMark("epoch-2", new Uint8Array(4096).fill(9));
      await store.writeMark("empty", new Uint8Array(0));
      await store.writeMark("quarantine", Uint8Array.of(4));
      await openAgain();
      expect(await store.readMark("quarantine")).toEqual(Uint8Array.of(4));
      expect(await store.readMark("epoch-2")).toEqual(new Uint8Array(4096).fill(9));
      expect(await store.readMark("empty")).toEqual(new Uint8Array(0));
      await store.writeMark("quarantine", null);
      await store.writeMark("quarantine", null);
      await openAgain();
      expect([await store.readMark("quarantine"), store.size]).toEqual([null, 0]);
    });

    it("refuses a mark of more than 4 KiB", async () => {
      await expect(store.writeMark("large", new Uint8Array(4097))).rejects.toThrow("4 KiB");
      expect(await store.readMark("large")).toBeNull();
    });

    it("equals a list of frames under any sequence of appends and openings", async () => {
      const length = fc.oneof(fc.nat(40), fc.nat(3000));
      const step = fc.oneof(
        { weight: 4, arbitrary: fc.array(length, { maxLength: 6 }) },
        { weight: 1, arbitrary: fc.constant("open" as const) },
      );
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
          const model = await framesOf(store);
          for (const one of steps) {
            if (one === "open") {
              await openAgain();
              continue;
            }
            const frames = one.map((bytes, which) => numbered(model.length + which, bytes));
            model.push(...frames);
            await store.append(frames);
          }
          expect(store.size).toBe(model.length);
          expect(texts(await framesOf(store))).toEqual(texts(model));
          const from = Math.floor(model.length / 2);
          expect(texts(await framesOf(store, from))).toEqual(texts(model.slice(from)));
        }),
        { numRuns: 15 },
      );
    });
  });
}
