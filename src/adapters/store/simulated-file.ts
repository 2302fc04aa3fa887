/**
 * One file of a simulated disk: what the page cache shows and what the device holds, apart. What was written and
 * not flushed may or may not outlive a loss of power, each 512-byte sector by itself.
 */
import { assert } from "../../core/base/assert.ts";
import type { Entropy } from "../../ports/entropy.ts";

export const SECTOR_BYTES = 512;

export class SimulatedFile {
  #cache = new Uint8Array(0);
  #device = new Uint8Array(0);
  #cacheLength = 0;
  #deviceLength = 0;
  /** Sectors that the next flush would write. */
  readonly #dirty = new Set<number>();

  get length(): number {
    return this.#cacheLength;
  }

  /** Bytes that the device holds, whatever was written since. */
  get flushedLength(): number {
    return this.#deviceLength;
  }

  /** What the device holds, as a file of its own: a copy of the disk sees no unflushed page. */
  image(): SimulatedFile {
    const copy = new SimulatedFile();
    copy.#device = this.#device.slice(0, this.#deviceLength);
    copy.#cache = copy.#device.slice();
    copy.#deviceLength = this.#deviceLength;
    copy.#cacheLength = this.#deviceLength;
    return copy;
  }

  read(offset: number, length: number): Uint8Array {
    return this.#cache.slice(offset, Math.min(offset + length, this.#cacheLength));
  }

  write(offset: number, bytes: Uint8Array): void {
    const end = offset + bytes.length;
    this.#cache = grown(this.#cache, end);
    this.#cache.set(bytes, offset);
    this.#cacheLength = Math.max(this.#cacheLength, end);
    this.#soil(offset, end);
  }

  truncate(length: number): void {
    if (length < this.#cacheLength) {
      this.#cache.fill(0, length, this.#cacheLength);
      this.#soil(length, this.#cacheLength);
    }
    this.#cache = grown(this.#cache, length);
    this.#cacheLength = length;
  }

  flush(): void {
    for (const sector of this.#dirty) this.#harden(sector);
    this.#dirty.clear();
    this.#deviceLength = this.#cacheLength;
  }

  /** Some dirty sectors reach the device, and perhaps the length; none is clean for that: the next flush writes all. */
  writeBack(keep: () => boolean): void {
    for (const sector of this.#dirty) if (keep()) this.#harden(sector);
    if (this.#dirty.size > 0 && keep()) this.#deviceLength = this.#cacheLength;
  }

  /**
   * A flush that reports an error, after which no sector is dirty any more: each one reached the device, or stays
   * visible until the cache goes (as on ext4), or shows its old content at once (as where pages are dropped).
   */
  failFlush(entropy: Entropy): void {
    for (const sector of this.#dirty) {
      const fate = dice(entropy, 3);
      if (fate === 0) this.#harden(sector);
      if (fate === 1) this.#soften(sector);
    }
    this.#dirty.clear();
  }

  /** Power is lost: of the unflushed sectors `keep` says which made it; the length is an old one, a new or between. */
  crash(entropy: Entropy, keep: () => boolean): void {
    for (const sector of this.#dirty) if (keep()) this.#harden(sector);
    this.#dirty.clear();
    const low = Math.min(this.#cacheLength, this.#deviceLength);
    const high = Math.max(this.#cacheLength, this.#deviceLength);
    const between = low + Math.floor(((high - low) * dice(entropy, 256)) / 255);
    const length = [this.#deviceLength, this.#cacheLength, between][dice(entropy, 3)] ?? low;
    this.#device = grown(this.#device, Math.max(length, high));
    this.#device.fill(0, length);
    this.#deviceLength = length;
    this.#cache = this.#device.slice();
    this.#cacheLength = length;
  }

  /** One bit of what was flushed reads back wrong from now on. */
  rot(bit: number): void {
    const at = Math.floor(bit / 8);
    assert(at < this.#deviceLength, "only bits of the file can rot");
    const mask = 1 << (bit % 8);
    this.#device[at] = (this.#device[at] as number) ^ mask;
    this.#cache[at] = (this.#cache[at] as number) ^ mask;
  }

  #soil(from: number, until: number): void {
    for (let sector = Math.floor(from / SECTOR_BYTES); sector * SECTOR_BYTES < until; sector++) {
      this.#dirty.add(sector);
    }
  }

  #harden(sector: number): void {
    const end = (sector + 1) * SECTOR_BYTES;
    this.#device = grown(this.#device, end);
    this.#cache = grown(this.#cache, end);
    this.#device.set(this.#cache.subarray(end - SECTOR_BYTES, end), end - SECTOR_BYTES);
  }

  #soften(sector: number): void {
    const end = (sector + 1) * SECTOR_BYTES;
    this.#device = grown(this.#device, end);
    this.#cache = grown(this.#cache, end);
    this.#cache.set(this.#device.subarray(end - SECTOR_BYTES, end), end - SECTOR_BYTES);
  }
}

/** A whole number below `sides` (at most 256), near enough to even. */
export function dice(entropy: Entropy, sides: number): number {
  return (entropy.bytes(1)[0] as number) % sides;
}

/** `bytes`, or a larger copy with zeros behind. */
function grown(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  if (length <= bytes.length) return bytes;
  const larger = new Uint8Array(Math.max(length, 2 * bytes.length, SECTOR_BYTES));
  larger.set(bytes);
  return larger;
}
