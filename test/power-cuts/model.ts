/** What a store has to hold: the oracle that knows nothing of segments, batches or sectors. */
import type { Frame, Store } from "../../src/ports/store.ts";

type Append = { readonly frames: readonly Frame[]; isAcknowledged: boolean };

export type Model = {
  /** Frames that nobody was given before. */
  fresh(lengths: readonly number[]): readonly Frame[];
  freshMark(length: number): Uint8Array;
  asked(frames: readonly Frame[]): Append;
  /** Refused by name as not written: it must never be read. */
  forget(append: Append): void;
  /** Something was asked for and neither acknowledged nor refused by name. */
  isInDoubt(): boolean;
  markAsked(name: string, value: Uint8Array | null): void;
  markAcknowledged(name: string, value: Uint8Array | null): void;
  /**
   * Holds what an opening found against what was asked: everything once acknowledged or once read, in order; then what was
   * asked since, each append whole, from the first on; nothing else. What is found must be there from now on.
   */
  check(store: Store): Promise<void>;
};

/** What a check says when the store broke its promise. */
export function breach(what: string): never {
  throw new Error(`does not hold: ${what}`);
}

export function newModel(): Model {
  const held: Frame[] = [];
  const pending: Append[] = [];
  /** By name, the values that the mark may have. */
  const marks = new Map<string, (Uint8Array | null)[]>();
  let made = 0;

  async function checkFrames(store: Store): Promise<void> {
    const found: Frame[] = [];
    for await (const frame of store.frames()) found.push(frame);
    if (found.length !== store.size) breach("a store has as many frames as it says");
    for (const [i, frame] of held.entries())
      if (!isSame(frame, found[i])) breach(`frame ${i} of ${held.length} was acknowledged or read before`);
    let count = held.length;
    let isWhole = true;
    for (const { frames, isAcknowledged } of pending) {
      isWhole &&= frames.every((frame, i) => isSame(frame, found[count + i]));
      if (!isWhole && isAcknowledged) breach(`the append at frame ${count} was acknowledged`);
      if (isWhole) count += frames.length;
    }
    if (count < found.length) breach(`frame ${count} of ${found.length} was never asked for, or not there`);
    held.push(...found.slice(held.length));
    pending.length = 0;
  }

  async function checkMarks(store: Store): Promise<void> {
    for (const [name, values] of marks) {
      const found = await store.readMark(name);
      if (!values.some((value) => isSameMark(value, found)))
        breach(`mark ${name} is one that was asked for since the last acknowledged one, or that`);
      marks.set(name, [found]);
    }
  }

  return {
    fresh: (lengths) => lengths.map((length) => numbered(made++, length)),
    freshMark: (length) => bytesOf(made++, length),
    asked(frames) {
      const append = { frames, isAcknowledged: false };
      pending.push(append);
      return append;
    },
    forget: (append) => void pending.splice(pending.indexOf(append), 1),
    isInDoubt: () => pending.some(({ isAcknowledged }) => !isAcknowledged),
    markAsked: (name, value) => void marks.set(name, [...(marks.get(name) ?? [null]), value]),
    markAcknowledged: (name, value) => void marks.set(name, [value]),
    async check(store) {
      await checkFrames(store);
      await checkMarks(store);
    },
  };
}

function numbered(number: number, length: number): Frame {
  return { kind: number % 3 === 0 ? "foreign" : "own", bytes: bytesOf(number, length) };
}

/** No two stretches are alike, so that a page of an older file is told from the right one. */
function bytesOf(number: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++)
    bytes[i] = (Math.imul(number + 1, 0x9e3779b1) + Math.imul(i, 0x85ebca6b)) >>> 24;
  return bytes;
}

function isSame(frame: Frame, other: Frame | undefined): boolean {
  return other !== undefined && frame.kind === other.kind && isEqual(frame.bytes, other.bytes);
}

function isSameMark(value: Uint8Array | null, other: Uint8Array | null): boolean {
  return value === null || other === null ? value === other : isEqual(value, other);
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
