/** Telling a torn last batch from damage to one that was flushed (PROTOCOL §2, quarantine). */
import { describe, expect, it } from "vitest";
import {
  decodeSegmentHeader,
  encodeBatch,
  encodeFrames,
  type Position,
  SEGMENT_HEADER_BYTES,
} from "../../../src/adapters/store/segment-format.ts";
import type { Store } from "../../../src/ports/store.ts";
import { framesOf, numbered, texts } from "../../conformance/store-frames.ts";
import { codeOf, type World, world } from "./simulated-store.ts";

const FIRST = "00000001.seg";
const SECOND = "00000002.seg";
/** One frame of 600 bytes a batch: 40 + 4 + 600, padded to 8. */
const BATCH_BYTES = 648;

/** A store with `count` batches of one 600-byte frame each, left without a closing batch, as a killed agent leaves it. */
async function killedAfter(count: number, segmentBytes?: number): Promise<World> {
  const here = world(count, segmentBytes === undefined ? {} : { segmentBytes, setAsideBytes: 0 });
  const store = await here.open();
  for (let number = 0; number < count; number++) await store.append([numbered(number, 600)]);
  return here;
}

function bitOf(batch: number, byte = 100): number {
  return 8 * (SEGMENT_HEADER_BYTES + batch * BATCH_BYTES + byte);
}

async function expectFrames(store: Store, count: number): Promise<void> {
  const expected = Array.from({ length: count }, (_, number) => numbered(number, 600));
  expect(texts(await framesOf(store))).toEqual(texts(expected));
}

describe("the tail of a log", () => {
  it("is torn where the last batch does not read back and nothing says that it was flushed", async () => {
    const here = await killedAfter(5);
    here.disk.rot(FIRST, bitOf(4));
    const store = await here.open();
    expect(store.tail).toEqual({ kind: "torn", lostBytes: 644 });
    await expectFrames(store, 4);
  });

  it("is damaged where the last batch does not read back and the agent had closed the store behind it", async () => {
    const here = await killedAfter(5);
    const orderly = await here.open();
    await orderly.close();
    here.disk.rot(FIRST, bitOf(4));
    const store = await here.open();
    expect(store.tail).toEqual({ kind: "damaged", lostBytes: 648 + 40 });
    await expectFrames(store, 4);
  });

  it.each([
    ["body", 100],
    ["header", 12],
    ["salt", 0],
    ["length field", 24],
  ])("is damaged where the %s of an earlier batch rots and a later one is intact", async (_, byte) => {
    const here = await killedAfter(5);
    here.disk.rot(FIRST, bitOf(2, byte));
    const store = await here.open();
    expect(store.tail).toEqual({ kind: "damaged", lostBytes: 3 * BATCH_BYTES - 4 });
    await expectFrames(store, 2);
  });

  it("is damaged where only the header of the later batch is intact", async () => {
    const here = await killedAfter(3);
    here.disk.rot(FIRST, bitOf(1));
    here.disk.rot(FIRST, bitOf(2));
    expect((await here.open()).tail.kind).toBe("damaged");
  });

  it("is damaged where the end of a segment rots and the next one says where it ended", async () => {
    const here = await killedAfter(6, SEGMENT_HEADER_BYTES + 3 * BATCH_BYTES);
    here.disk.rot(FIRST, bitOf(2));
    const store = await here.open();
    expect(store.tail).toEqual({ kind: "damaged", lostBytes: BATCH_BYTES + 3 * BATCH_BYTES - 4 });
    await expectFrames(store, 2);
  });

  it.each([
    [SECOND, 3],
    ["00000003.seg", 6],
    [FIRST, 0],
  ])("is damaged where the header of segment %s rots, and keeps the %i frames before", async (name, kept) => {
    const here = await killedAfter(9, SEGMENT_HEADER_BYTES + 3 * BATCH_BYTES);
    here.disk.rot(name, 8 * 20);
    const store = await here.open();
    expect(store.tail.kind).toBe("damaged");
    await expectFrames(store, kept);
  });

  it("is damaged where a segment in the middle is gone", async () => {
    const here = await killedAfter(9, SEGMENT_HEADER_BYTES + 3 * BATCH_BYTES);
    await here.disk.remove(SECOND);
    const store = await here.open();
    expect(store.tail.kind).toBe("damaged");
    await expectFrames(store, 3);
  });

  it("is damaged where the first segment is gone", async () => {
    const here = await killedAfter(9, SEGMENT_HEADER_BYTES + 3 * BATCH_BYTES);
    await here.disk.remove(FIRST);
    const store = await here.open();
    expect([store.tail.kind, store.size]).toEqual(["damaged", 0]);
  });

  it("is clean for zeros that were set aside", async () => {
    const here = await killedAfter(2);
    const store = await here.open();
    expect(store.tail).toEqual({ kind: "clean" });
    expect(here.disk.usedBytes).toBeGreaterThan(SEGMENT_HEADER_BYTES + 2 * BATCH_BYTES);
  });

  it("is not fooled by a frame that holds another batch's bytes", async () => {
    const here = await killedAfter(2);
    const file = await here.disk.open(FIRST, "read");
    const copied = await file.read(SEGMENT_HEADER_BYTES + BATCH_BYTES, BATCH_BYTES);
    const before = await here.open();
    // The peer's bytes are a real batch with the real salt, which it cannot know; still they stand elsewhere.
    await before.append([{ kind: "foreign", bytes: copied }]);
    here.disk.rot(FIRST, bitOf(2, 20));
    expect((await here.open()).tail.kind).toBe("torn");
  });

  it.each([
    ["another number", { batch: 3 }],
    ["another predecessor", { link: 77 }],
  ])("does not go on with a batch at the right place that names %s", async (_, wrong) => {
    const here = await killedAfter(2);
    const file = await here.disk.open(FIRST, "write");
    const header = decodeSegmentHeader(await file.read(0, SEGMENT_HEADER_BYTES), 1);
    const offset = SEGMENT_HEADER_BYTES + 2 * BATCH_BYTES;
    const before = await file.read(offset - BATCH_BYTES, BATCH_BYTES);
    const link = Buffer.from(before).readUInt32BE(36);
    const at = { segment: 1, offset, batch: 2, frame: 2, link };
    const body = encodeFrames([numbered(2, 600)]);
    const write = async (position: Position): Promise<Store> => {
      const salt = header?.salt ?? new Uint8Array(8);
      await file.writeFlushed(offset, encodeBatch(position, salt, [body], 1).bytes);
      return here.open();
    };
    expect((await write({ ...at, ...wrong })).size).toBe(2);
    expect((await write(at)).size).toBe(3);
  });

  for (const [kind, batch] of [
    ["torn", 4],
    ["damaged", 2],
  ] as const) {
    it(`that is ${kind} is left alone until it is cut, and the log goes on behind the cut`, async () => {
      const here = await killedAfter(5);
      here.disk.rot(FIRST, bitOf(batch));
      for (let look = 0; look < 2; look++) {
        const looked = await here.open();
        expect(looked.tail.kind).toBe(kind);
        expect(await codeOf(looked.append([numbered(batch, 600)]))).toBe("store-tail-uncut");
        await looked.reopen();
        await looked.close();
      }
      const store = await here.open();
      await store.cutTail();
      expect([store.tail, store.size]).toEqual([{ kind: "clean" }, batch]);
      for (let number = batch; number < 8; number++) await store.append([numbered(number, 600)]);
      await expectFrames(store, 8);
      here.disk.crash();
      const again = await here.open();
      expect(again.tail).toEqual({ kind: "clean" });
      await expectFrames(again, 8);
    });
  }

  it("that lost everything can be cut to an empty log", async () => {
    const here = await killedAfter(3);
    here.disk.rot(FIRST, 8 * 20);
    const store = await here.open();
    await store.cutTail();
    await store.append([numbered(0, 600)]);
    const again = await here.open();
    expect(again.tail).toEqual({ kind: "clean" });
    await expectFrames(again, 1);
  });

  it("that rots after opening is refused by name while it is read", async () => {
    const here = await killedAfter(5);
    const store = await here.open();
    here.disk.rot(FIRST, bitOf(3));
    expect(await codeOf(framesOf(store))).toBe("store-damaged");
  });
});
