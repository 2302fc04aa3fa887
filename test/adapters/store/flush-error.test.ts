/** After a flush error nothing is believed until it was read again, copied to a new segment and flushed (PROTOCOL §2). */
import { describe, expect, it } from "vitest";
import type { DiskFault } from "../../../src/adapters/store/simulated-disk.ts";
import { framesOf, numbered, texts } from "../../conformance/store-frames.ts";
import { codeOf, Ledger, world } from "./simulated-store.ts";

const FAULTS: readonly DiskFault[] = ["flush-error", "write-error"];
const SEEDS = 40;
const SMALL = { segmentBytes: 4096 + 2000, setAsideBytes: 512 };

describe("a failed flush", () => {
  it("refuses that append, those that waited behind it, and all later ones until reopen", async () => {
    const here = world(3);
    const store = await here.open();
    await store.append([numbered(0)]);
    here.disk.failAt(here.disk.operations + 1, "flush-error");
    const flying = codeOf(store.append([numbered(1)]));
    await Promise.resolve();
    const waiting = codeOf(store.append([numbered(2)]));
    expect([await flying, await waiting]).toEqual(["store-flush-failed", "store-flush-failed"]);
    expect(await codeOf(store.append([numbered(3)]))).toBe("store-flush-failed");
    expect(texts(await framesOf(store))).toEqual(texts([numbered(0)]));
    await store.reopen();
    expect(await codeOf(store.append([numbered(4)]))).toBe("");
  });

  for (const fault of FAULTS) {
    it(`(${fault}) at any operation, then reopen, then a loss of power, loses nothing acknowledged`, async () => {
      for (let seed = 0; seed < SEEDS; seed++) {
        for (let after = 0; after < 8; after++) {
          const here = world(seed, SMALL);
          const ledger = new Ledger();
          const store = await here.open();
          for (let number = 0; number < 3; number++) await ledger.append(store, [numbered(number, 300)]);
          here.disk.failAt(here.disk.operations + after, fault);
          const codes: string[] = [];
          for (let number = 3; number < 7; number++) {
            codes.push(await codeOf(ledger.append(store, [numbered(number, 500), numbered(number, 20)])));
            if (codes.at(-1) !== "") break;
          }
          expect(codes).toContain("store-flush-failed");
          await store.reopen();
          expect(store.tail).toEqual({ kind: "clean" });
          await ledger.check(store);
          await ledger.append(store, [numbered(9, 100)]);
          here.disk.crash();
          const again = await here.open();
          expect(again.tail).toEqual({ kind: "clean" });
          await ledger.check(again);
        }
      }
    });

    it(`(${fault}) at any operation, then the death of the process, then a loss of power, loses nothing`, async () => {
      for (let seed = 0; seed < SEEDS; seed++) {
        for (let after = 0; after < 9; after++) {
          const here = world(seed, { segmentBytes: 4096 + 1000, setAsideBytes: 0 });
          const ledger = new Ledger();
          const store = await here.open();
          await ledger.append(store, [numbered(0, 600)]);
          here.disk.failAt(here.disk.operations + after, fault);
          for (let number = 1; number < 4; number++) {
            if ((await codeOf(ledger.append(store, [numbered(number, 600)]))) !== "") break;
          }
          const next = await here.open();
          await next.cutTail();
          await ledger.check(next);
          await ledger.append(next, [numbered(9, 100)]);
          here.disk.crash();
          const last = await here.open();
          expect(last.tail).toEqual({ kind: "clean" });
          await ledger.check(last);
        }
      }
    });

    it(`(${fault}) at any operation of reopen leaves the store refusing until a reopen goes through`, async () => {
      let failed = 0;
      for (let seed = 0; seed < SEEDS; seed++) {
        for (let after = 0; after < 9; after++) {
          const here = world(seed, SMALL);
          const ledger = new Ledger();
          const store = await here.open();
          await ledger.append(store, [numbered(0, 300)]);
          here.disk.failAt(here.disk.operations + 1, fault);
          expect(await codeOf(ledger.append(store, [numbered(1, 700)]))).toBe("store-flush-failed");
          here.disk.failAt(here.disk.operations + after, fault);
          const first = await codeOf(store.reopen());
          // Fewer operations than `after`: the fault did not strike the reopening.
          if (first === "") continue;
          failed += 1;
          expect([first, await codeOf(store.append([]))]).toEqual([
            "store-flush-failed",
            "store-flush-failed",
          ]);
          await store.reopen();
          await ledger.check(store);
          await ledger.append(store, [numbered(2, 100)]);
          here.disk.crash();
          const again = await here.open();
          expect(again.tail).toEqual({ kind: "clean" });
          await ledger.check(again);
        }
      }
      expect(failed).toBeGreaterThan(5 * SEEDS);
    });
  }

  it("followed by the death of the process: what the next opening shows stays, also when power is lost then", async () => {
    let doubtfulKept = 0;
    for (let seed = 0; seed < 200; seed++) {
      const here = world(seed);
      const store = await here.open();
      await store.append([numbered(0, 300)]);
      here.disk.failAt(here.disk.operations + 1, "flush-error");
      expect(await codeOf(store.append([numbered(1, 300)]))).toBe("store-flush-failed");
      const next = await here.open();
      const shown = texts(await framesOf(next));
      if (next.tail.kind === "torn") await next.cutTail();
      doubtfulKept += shown.length - 1;
      here.disk.crash();
      const last = await here.open();
      expect(texts(await framesOf(last)), `seed ${seed}`).toEqual(shown);
    }
    expect(doubtfulKept).toBeGreaterThan(0);
  });

  it("with acknowledged bytes gone on reopening is damage, which only a cut ends", async () => {
    const here = world(5);
    const store = await here.open();
    for (let number = 0; number < 3; number++) await store.append([numbered(number, 600)]);
    here.disk.failAt(here.disk.operations + 1, "flush-error");
    expect(await codeOf(store.append([numbered(3, 600)]))).toBe("store-flush-failed");
    here.disk.rot("00000001.seg", 8 * (4096 + 2 * 648 + 100));
    await store.reopen();
    expect([store.tail.kind, store.size]).toEqual(["damaged", 2]);
    expect(await codeOf(store.append([numbered(3)]))).toBe("store-tail-uncut");
    await store.cutTail();
    await store.append([numbered(2, 600)]);
    expect(texts(await framesOf(store))).toEqual(texts([0, 1, 2].map((number) => numbered(number, 600))));
  });
});
