import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  BATCH_BODY_BYTES_MAX,
  BATCH_HEADER_BYTES,
  bodyHolds,
  decodeBatchHeader,
  decodeFrames,
  decodeSegmentHeader,
  encodeBatch,
  encodeFrames,
  encodeSegmentHeader,
  FRAME_BYTES_MAX,
  type Position,
  SEGMENT_HEADER_BYTES,
  segmentName,
  segmentNumber,
} from "../../../src/adapters/store/segment-format.ts";
import type { Frame } from "../../../src/ports/store.ts";

const SALT = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const frame: fc.Arbitrary<Frame> = fc.record({
  kind: fc.constantFrom("own" as const, "foreign" as const),
  bytes: fc.uint8Array({ maxLength: 300 }),
});
const position: fc.Arbitrary<Position> = fc.record({
  segment: fc.integer({ min: 1, max: 99_999_999 }),
  offset: fc.nat(2 ** 30),
  batch: fc.maxSafeNat(),
  frame: fc.maxSafeNat(),
  link: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
});

describe("segment format", () => {
  it("gives back any frames", () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 30 }), (frames) => {
        expect(decodeFrames(encodeFrames(frames), frames.length)).toEqual(frames);
      }),
    );
  });

  it("refuses frames that do not fill their body exactly", () => {
    const body = encodeFrames([{ kind: "own", bytes: Uint8Array.of(1, 2) }]);
    expect(decodeFrames(body, 0)).toBeNull();
    expect(decodeFrames(body, 2)).toBeNull();
    expect(decodeFrames(body.subarray(0, 5), 1)).toBeNull();
    const tooLong = encodeFrames([{ kind: "own", bytes: new Uint8Array(FRAME_BYTES_MAX) }]);
    expect(decodeFrames(Buffer.concat([tooLong, Buffer.alloc(9)]), 1)).toBeNull();
  });

  it("asserts the bounds of frames and batches before it writes them", () => {
    const long: Frame = { kind: "own", bytes: new Uint8Array(FRAME_BYTES_MAX + 1) };
    expect(() => encodeFrames([long])).toThrow("bounded");
    const longest: Frame = { kind: "own", bytes: new Uint8Array(FRAME_BYTES_MAX) };
    const count = Math.ceil(BATCH_BODY_BYTES_MAX / FRAME_BYTES_MAX) + 1;
    expect(() => encodeFrames(Array.from({ length: count }, () => longest))).toThrow("one batch");
  });

  it("gives back any batch header, at its own offset and under its own salt only", () => {
    fc.assert(
      fc.property(position, fc.array(frame, { maxLength: 5 }), (at, frames) => {
        const body = encodeFrames(frames);
        const { bytes, next } = encodeBatch(at, SALT, [body], frames.length);
        const header = decodeBatchHeader(bytes, SALT, at.offset);
        expect(header).toMatchObject({ batch: at.batch, link: at.link, frameCount: frames.length });
        expect([bytes.length % 8, next.offset - at.offset, next.batch - at.batch]).toEqual([
          0,
          bytes.length,
          1,
        ]);
        if (header === null) return;
        expect(
          bodyHolds(bytes.subarray(BATCH_HEADER_BYTES, BATCH_HEADER_BYTES + header.bodyBytes), header),
        ).toBe(true);
        expect(decodeBatchHeader(bytes, SALT, at.offset + 8)).toBeNull();
        expect(decodeBatchHeader(bytes, SALT.toReversed(), at.offset)).toBeNull();
      }),
    );
  });

  it("refuses a batch with any one bit changed", () => {
    const at: Position = { segment: 1, offset: SEGMENT_HEADER_BYTES, batch: 3, frame: 9, link: 77 };
    const body = encodeFrames([{ kind: "own", bytes: Uint8Array.of(1, 2, 3, 4) }]);
    const { bytes } = encodeBatch(at, SALT, [body], 1);
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const changed = Uint8Array.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      const header = decodeBatchHeader(changed, SALT, at.offset);
      const bodyNow = changed.subarray(BATCH_HEADER_BYTES, BATCH_HEADER_BYTES + body.length);
      expect(header === null || !bodyHolds(bodyNow, header), `bit ${bit}`).toBe(true);
    }
  });

  it("never throws on garbage", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(10), (garbage, count) => {
        expect(decodeBatchHeader(garbage, SALT, 0)).toBeNull();
        expect(decodeSegmentHeader(garbage, 1)).toBeNull();
        const frames = decodeFrames(garbage, count);
        if (frames !== null)
          expect(Buffer.from(encodeFrames(frames)).equals(Buffer.from(garbage))).toBe(true);
      }),
    );
  });

  it("gives back a segment header under its own number only", () => {
    fc.assert(
      fc.property(position, fc.nat(1000), fc.nat(2 ** 30), (at, predecessor, predecessorEnd) => {
        const header = {
          salt: SALT,
          first: { ...at, offset: SEGMENT_HEADER_BYTES },
          predecessor,
          predecessorEnd,
        };
        const page = encodeSegmentHeader(header);
        expect(page.length).toBe(SEGMENT_HEADER_BYTES);
        expect(decodeSegmentHeader(page, at.segment)).toEqual(header);
        expect(decodeSegmentHeader(page, at.segment + 1)).toBeNull();
      }),
    );
  });

  it("names segments by eight digits", () => {
    expect([segmentName(1), segmentNumber("00000001.seg"), segmentNumber("00000001.seg.tmp")]).toEqual([
      "00000001.seg",
      1,
      null,
    ]);
  });
});
