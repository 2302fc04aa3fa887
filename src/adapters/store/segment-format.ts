/**
 * The bytes of a segment file: one page of header, then batches, each 8-aligned, then zeros (space set aside).
 *
 * A batch is all or nothing, and starts only after the one before it was flushed. So an intact header of a later
 * batch, or of a later segment, is the proof that everything before it was on the device: that is what tells a torn
 * tail from damage (PROTOCOL §2 "bit rot in a published tail is not a torn write").
 * Each segment has a random `salt` that starts each of its batch headers: neither stale bytes of another file nor
 * bytes that a peer chose can ever read as a batch.
 */
import { crc32 } from "node:zlib";
import { assert } from "../../core/base/assert.ts";
import type { Frame } from "../../ports/store.ts";

export const SEGMENT_HEADER_BYTES = 4096;
export const SEGMENT_BYTES_DEFAULT: number = 64 * 1024 * 1024;
/** Offsets are 32-bit on disk; no reader looks beyond this. */
export const SEGMENT_BYTES_MAX: number = 1024 * 1024 * 1024;
const SEGMENT_NUMBER_MAX = 99_999_999;
export const SALT_BYTES = 8;
export const BATCH_HEADER_BYTES = 40;
export const BATCH_BODY_BYTES_MAX: number = 4 * 1024 * 1024;
export const BATCH_FRAMES_MAX = 65_536;
const FRAME_HEADER_BYTES = 4;
/** An artifact of 64 KiB and its envelope. */
export const FRAME_BYTES_MAX: number = 72 * 1024;
const ALIGNMENT = 8;
const MAGIC = Buffer.from("SPECSEG1", "latin1");
const SEGMENT_HEADER_USED = 56;
const KIND_OWN = 1;
const KIND_FOREIGN = 2;

/** A place between two batches, and what the next batch there must say. */
export type Position = {
  /** Number of the segment file, from 1; 0 where there is none yet. */
  readonly segment: number;
  readonly offset: number;
  /** Number of the next batch in the whole log, from 0. */
  readonly batch: number;
  /** Index of the next frame in the whole log, from 0. */
  readonly frame: number;
  /** Header CRC of the batch before, 0 for the first: batches are a chain. */
  readonly link: number;
};

export type SegmentHeader = {
  readonly salt: Uint8Array;
  /** Where its first batch stands. */
  readonly first: Position;
  /** The segment that it goes on from, and where that ends, whatever bytes follow there; 0 for none. */
  readonly predecessor: number;
  readonly predecessorEnd: number;
};

export type BatchHeader = {
  readonly batch: number;
  readonly offset: number;
  readonly link: number;
  readonly bodyBytes: number;
  readonly frameCount: number;
  readonly bodyCrc: number;
  readonly headerCrc: number;
};

export function segmentName(number: number): string {
  assert(number >= 1 && number <= SEGMENT_NUMBER_MAX, "10^8 segments of 64 MiB outlive the device");
  return `${String(number).padStart(8, "0")}.seg`;
}

/** The number in a segment's name, or null when `name` is not one. */
export function segmentNumber(name: string): number | null {
  return /^\d{8}\.seg$/.test(name) ? Number(name.slice(0, 8)) : null;
}

export function encodeSegmentHeader(header: SegmentHeader): Uint8Array {
  const page = Buffer.alloc(SEGMENT_HEADER_BYTES);
  MAGIC.copy(page, 0);
  page.set(header.salt, 8);
  page.writeUInt32BE(header.first.segment, 16);
  page.writeUInt32BE(header.predecessor, 20);
  page.writeUInt32BE(header.predecessorEnd, 24);
  writeUint64(page, header.first.batch, 28);
  writeUint64(page, header.first.frame, 36);
  page.writeUInt32BE(header.first.link, 44);
  page.writeUInt32BE(crc32(page.subarray(0, SEGMENT_HEADER_USED - 4)), SEGMENT_HEADER_USED - 4);
  return page;
}

/** The header of segment `number`, or null when the page does not hold one. */
export function decodeSegmentHeader(bytes: Uint8Array, number: number): SegmentHeader | null {
  const page = asBuffer(bytes);
  if (page.length < SEGMENT_HEADER_BYTES || !page.subarray(0, 8).equals(MAGIC)) return null;
  if (page.readUInt32BE(SEGMENT_HEADER_USED - 4) !== crc32(page.subarray(0, SEGMENT_HEADER_USED - 4)))
    return null;
  if (page.readUInt32BE(16) !== number) return null;
  return {
    salt: Uint8Array.from(page.subarray(8, 8 + SALT_BYTES)),
    predecessor: page.readUInt32BE(20),
    predecessorEnd: page.readUInt32BE(24),
    first: {
      segment: number,
      offset: SEGMENT_HEADER_BYTES,
      batch: readUint64(page, 28),
      frame: readUint64(page, 36),
      link: page.readUInt32BE(44),
    },
  };
}

/** The body part of one append: its frames, each {kind, 24-bit length, bytes}. */
export function encodeFrames(frames: readonly Frame[]): Uint8Array {
  let length = 0;
  for (const frame of frames) length += FRAME_HEADER_BYTES + frame.bytes.length;
  assert(length <= BATCH_BODY_BYTES_MAX && frames.length <= BATCH_FRAMES_MAX, "one append fits one batch");
  const body = Buffer.allocUnsafe(length);
  let at = 0;
  for (const frame of frames) {
    assert(frame.bytes.length <= FRAME_BYTES_MAX, "records and artifacts are bounded before they are stored");
    body.writeUInt32BE(frame.bytes.length, at);
    body[at] = frame.kind === "own" ? KIND_OWN : KIND_FOREIGN;
    body.set(frame.bytes, at + FRAME_HEADER_BYTES);
    at += FRAME_HEADER_BYTES + frame.bytes.length;
  }
  return body;
}

/** The frames of a batch body whose CRC held, copied out; null when they do not fill it exactly. */
export function decodeFrames(body: Uint8Array, frameCount: number): Frame[] | null {
  const from = asBuffer(body);
  const frames: Frame[] = [];
  let at = 0;
  while (at + FRAME_HEADER_BYTES <= from.length && frames.length < frameCount) {
    const kind = from[at];
    const length = from.readUIntBE(at + 1, 3);
    const end = at + FRAME_HEADER_BYTES + length;
    if ((kind !== KIND_OWN && kind !== KIND_FOREIGN) || length > FRAME_BYTES_MAX || end > from.length)
      return null;
    frames.push({
      kind: kind === KIND_OWN ? "own" : "foreign",
      bytes: Uint8Array.from(from.subarray(at + FRAME_HEADER_BYTES, end)),
    });
    at = end;
  }
  return at === from.length && frames.length === frameCount ? frames : null;
}

/** The batch that stands at `at` with the body parts of several appends, padded, and the position after it. */
export function encodeBatch(
  at: Position,
  salt: Uint8Array,
  parts: readonly Uint8Array[],
  frameCount: number,
): { readonly bytes: Uint8Array; readonly next: Position } {
  let bodyBytes = 0;
  for (const part of parts) bodyBytes += part.length;
  const bytes = Buffer.allocUnsafe(batchBytes(bodyBytes));
  bytes.set(salt, 0);
  writeUint64(bytes, at.batch, 8);
  bytes.writeUInt32BE(at.offset, 16);
  bytes.writeUInt32BE(at.link, 20);
  bytes.writeUInt32BE(bodyBytes, 24);
  bytes.writeUInt32BE(frameCount, 28);
  let end = BATCH_HEADER_BYTES;
  for (const part of parts) {
    bytes.set(part, end);
    end += part.length;
  }
  bytes.writeUInt32BE(crc32(bytes.subarray(BATCH_HEADER_BYTES, end)), 32);
  const headerCrc = crc32(bytes.subarray(0, BATCH_HEADER_BYTES - 4));
  bytes.writeUInt32BE(headerCrc, BATCH_HEADER_BYTES - 4);
  bytes.fill(0, end);
  return { bytes, next: positionAfter(at, { bodyBytes, frameCount, headerCrc }) };
}

/** An intact batch header at the start of `bytes` that says it stands at `offset`, or null. */
export function decodeBatchHeader(bytes: Uint8Array, salt: Uint8Array, offset: number): BatchHeader | null {
  const from = asBuffer(bytes);
  if (from.length < BATCH_HEADER_BYTES || from.compare(salt, 0, SALT_BYTES, 0, SALT_BYTES) !== 0) return null;
  const headerCrc = from.readUInt32BE(BATCH_HEADER_BYTES - 4);
  if (headerCrc !== crc32(from.subarray(0, BATCH_HEADER_BYTES - 4))) return null;
  const header: BatchHeader = {
    batch: readUint64(from, 8),
    offset: from.readUInt32BE(16),
    link: from.readUInt32BE(20),
    bodyBytes: from.readUInt32BE(24),
    frameCount: from.readUInt32BE(28),
    bodyCrc: from.readUInt32BE(32),
    headerCrc,
  };
  const bounded = header.bodyBytes <= BATCH_BODY_BYTES_MAX && header.frameCount <= BATCH_FRAMES_MAX;
  return bounded && header.offset === offset ? header : null;
}

export function bodyHolds(body: Uint8Array, header: BatchHeader): boolean {
  return body.length === header.bodyBytes && crc32(body) === header.bodyCrc;
}

/** Room that a batch with this body takes, padding included. */
export function batchBytes(bodyBytes: number): number {
  return Math.ceil((BATCH_HEADER_BYTES + bodyBytes) / ALIGNMENT) * ALIGNMENT;
}

export function positionAfter(
  at: Position,
  header: Pick<BatchHeader, "bodyBytes" | "frameCount" | "headerCrc">,
): Position {
  return {
    segment: at.segment,
    offset: at.offset + batchBytes(header.bodyBytes),
    batch: at.batch + 1,
    frame: at.frame + header.frameCount,
    link: header.headerCrc,
  };
}

export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function writeUint64(into: Buffer, value: number, at: number): void {
  into.writeUInt32BE(Math.floor(value / 2 ** 32), at);
  into.writeUInt32BE(value % 2 ** 32, at + 4);
}

function readUint64(from: Buffer, at: number): number {
  return from.readUInt32BE(at) * 2 ** 32 + from.readUInt32BE(at + 4);
}
