/** Frames for the tests of stores. */
import { crc32 } from "node:zlib";
import type { Frame, Store } from "../../src/ports/store.ts";

export async function framesOf(store: Store, from?: number): Promise<Frame[]> {
  const frames: Frame[] = [];
  for await (const frame of store.frames(from)) frames.push(frame);
  return frames;
}

/** Frames as short texts: comparing those is far faster than comparing bytes one by one. */
export function texts(frames: readonly Frame[]): string[] {
  return frames.map(({ kind, bytes }) => `${kind} ${bytes.length} ${crc32(bytes)}`);
}

/** A frame that carries its number, padded to `length` bytes. */
export function numbered(number: number, length = 8): Frame {
  const bytes = new Uint8Array(Math.max(4, length)).fill(number & 0xff);
  new DataView(bytes.buffer).setUint32(0, number);
  return { kind: number % 3 === 0 ? "foreign" : "own", bytes };
}
