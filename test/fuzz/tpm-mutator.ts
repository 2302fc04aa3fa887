/** Changes that know TPM frames in sequence, each behind its number of bytes: sizes, counts, tags, codes, handles. */
import { concat } from "../../src/core/base/bytes.ts";
import type { Chance } from "../../src/sim/chance.ts";
import { type Mutator, plainMutators } from "./mutator.ts";

const FRAMES_MAX = 12;

export const tpmMutator: Mutator = (chance, input, other) => {
  const frames = [...framesOf(input)];
  const others = framesOf(other);
  const at = chance.below(Math.max(1, frames.length));
  const action = chance.below(8);
  const taken = others[chance.below(Math.max(1, others.length))];
  if (action === 0) frames.splice(at, 1);
  else if (action <= 2 && taken !== undefined) frames.splice(at, 0, taken);
  else frames[at] = frameChanged(chance, frames[at] ?? new Uint8Array(0));
  return joined(frames.slice(0, FRAMES_MAX));
};

export function framesOf(input: Uint8Array): readonly Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let at = 0; at + 2 <= input.length && frames.length < FRAMES_MAX; ) {
    const length = ((input[at] ?? 0) << 8) | (input[at + 1] ?? 0);
    frames.push(input.slice(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return frames;
}

export function joined(frames: readonly Uint8Array[]): Uint8Array {
  return concat(
    ...frames.flatMap((frame) => [Uint8Array.of((frame.length >>> 8) & 0xff, frame.length & 0xff), frame]),
  );
}

const WORDS: readonly [number, ...number[]] = [
  0, 1, 8, 9, 0x40000001, 0x40000007, 0x40000009, 0x4000000b, 0x4000000c, 0x80000000, 0x80000001, 0x80000002,
  0x80000003, 0x01807398, 0x02000000, 0x81000000, 0x81010001, 0xffffffff,
];
const HALVES: readonly [number, ...number[]] = [
  0, 1, 3, 6, 0xb, 0x10, 0x18, 0x20, 0x23, 0x40, 0x41, 0x43, 0x80, 0x81, 0x400, 0x401, 0x8001, 0x8002, 0x8024,
  0xffff,
];
const TAG_AND_SIZE_BYTES = 6;

/** The header's size is made right again most of the time: all else is read only then. */
function frameChanged(chance: Chance, frame: Uint8Array): Uint8Array {
  let out: Uint8Array = frame.slice();
  if (chance.hits(450)) out = chance.pick(plainMutators)(chance, frame, frame);
  else if (out.length >= 4) {
    const view = new DataView(out.buffer, out.byteOffset, out.byteLength);
    const at = chance.below(out.length - 3);
    if (chance.hits(400)) view.setUint32(at, chance.pick(WORDS));
    else if (chance.hits(500)) view.setUint16(at, chance.pick(HALVES));
    else view.setUint16(at, view.getUint16(at) + chance.pick([-1, 1]));
  }
  if (out.length >= TAG_AND_SIZE_BYTES && chance.hits(900))
    new DataView(out.buffer, out.byteOffset, out.byteLength).setUint32(2, out.length);
  return out;
}
