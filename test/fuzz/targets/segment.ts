/** What stands in a segment file (adapters/store/segment-format): its header, a batch, and the frames in its body. */
import { crc32 } from "node:zlib";
import {
  BATCH_HEADER_BYTES,
  bodyHolds,
  decodeBatchHeader,
  decodeFrames,
  decodeSegmentHeader,
  encodeBatch,
  encodeFrames,
  encodeSegmentHeader,
  SALT_BYTES,
  SEGMENT_HEADER_BYTES,
} from "../../../src/adapters/store/segment-format.ts";
import { concat } from "../../../src/core/base/bytes.ts";
import { lengthField, plainMutators } from "../mutator.ts";
import { breach, type Target } from "../target.ts";
import { sameBytes } from "./canonical.ts";

type ReadFrames = typeof decodeFrames;

/**
 * Never throws; what is read is written as the same bytes. An input is a batch, or a segment's header, behind one byte that
 * says which, and whether its checksums are made right again: nothing behind them would be reached otherwise.
 */
export function segmentTarget(readFrames: ReadFrames = decodeFrames): Target {
  return {
    name: "segment",
    seeds,
    mutators: [...plainMutators, lengthField, lengthField],
    bytesMax: 2_048,
    run(input) {
      const what = input[0] ?? 0;
      const bytes = Buffer.from(input.subarray(1));
      if ((what & IS_HEADER) !== 0) checkHeader(bytes, (what & IS_MENDED) !== 0);
      else checkBatch(bytes, (what & IS_MENDED) !== 0, readFrames);
    },
  };
}

const IS_HEADER = 1;
const IS_MENDED = 2;
/** Where its checksum stands, over all before it. */
const HEADER_CRC_AT = 52;
const BATCH_CRC_AT = 36;
const BODY_CRC_AT = 32;
const SEGMENT = 3;
const OFFSET = 4_096;

function checkHeader(bytes: Buffer, isMended: boolean): void {
  const page = Buffer.alloc(SEGMENT_HEADER_BYTES);
  bytes.copy(page);
  if (isMended) page.writeUInt32BE(crc32(page.subarray(0, HEADER_CRC_AT)), HEADER_CRC_AT);
  const header = decodeSegmentHeader(page, SEGMENT);
  if (header === null) return;
  const { batch, frame } = header.first;
  // Batches and frames that no log will ever count to are not written exactly.
  if (!Number.isSafeInteger(batch) || !Number.isSafeInteger(frame)) return;
  const again = decodeSegmentHeader(encodeSegmentHeader(header), SEGMENT);
  if (JSON.stringify(again) !== JSON.stringify(header))
    breach("a segment's header is written and read as the same");
}

function checkBatch(bytes: Buffer, isMended: boolean, readFrames: ReadFrames): void {
  const body = bytes.subarray(BATCH_HEADER_BYTES);
  if (isMended && bytes.length >= BATCH_HEADER_BYTES) {
    bytes.writeUInt32BE(crc32(body), BODY_CRC_AT);
    bytes.writeUInt32BE(crc32(bytes.subarray(0, BATCH_CRC_AT)), BATCH_CRC_AT);
  }
  const salt = Uint8Array.from(bytes.subarray(0, SALT_BYTES));
  const header = decodeBatchHeader(bytes, salt, OFFSET);
  if (header === null || !bodyHolds(body, header)) return;
  const frames = readFrames(body, header.frameCount);
  if (frames === null) return;
  if (frames.length > body.length) breach("memory is linear in the input");
  sameBytes("a batch's body", body, encodeFrames(frames));
  if (!Number.isSafeInteger(header.batch)) return;
  const at = { segment: SEGMENT, offset: OFFSET, batch: header.batch, frame: 0, link: header.link };
  const written = encodeBatch(at, salt, [body], header.frameCount).bytes;
  sameBytes("a batch", bytes, written.subarray(0, bytes.length));
}

function seeds(): readonly Uint8Array[] {
  const salt = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const first = { segment: SEGMENT, offset: OFFSET, batch: 9, frame: 40, link: 77 };
  const header = { salt, first, predecessor: 2, predecessorEnd: 8_192 };
  const page = encodeSegmentHeader(header).subarray(0, HEADER_CRC_AT + 4);
  const batches = [[], [0], [5, 300], [600], [1, 1, 1]].map((lengths) => {
    const frames = lengths.map((length, i) => {
      const kind = i % 2 === 0 ? ("own" as const) : ("foreign" as const);
      return { kind, bytes: new Uint8Array(length).fill(length) };
    });
    const body = encodeFrames(frames);
    return encodeBatch(first, salt, [body], frames.length).bytes.subarray(
      0,
      BATCH_HEADER_BYTES + body.length,
    );
  });
  return [
    ...[IS_HEADER, IS_HEADER | IS_MENDED].map((what) => concat(Uint8Array.of(what), page)),
    ...batches.flatMap((batch) => [0, IS_MENDED].map((what) => concat(Uint8Array.of(what), batch))),
  ];
}
