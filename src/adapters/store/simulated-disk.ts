/** A disk in memory that breaks as disks do: unflushed sectors lost or torn, a full disk, failing writes and flushes, rot. */
import { assert } from "../../core/base/assert.ts";
import type { Entropy } from "../../ports/entropy.ts";
import { PortError } from "../../ports/port-error.ts";
import type { Disk, DiskFile } from "./disk.ts";
import { dice, SECTOR_BYTES, SimulatedFile } from "./simulated-file.ts";

export type DiskFault =
  /** The operation happens in an arbitrary part; every later one fails until `crash`. */
  | "power-loss"
  /** A write that fails in the middle, or any other operation that does not happen. */
  | "write-error"
  /** A flush that fails and loses pages. On any other operation as `write-error`. */
  | "flush-error";

type NameChange = {
  readonly name: string;
  readonly file: SimulatedFile | null;
  readonly source: string | null;
};

/** What a device held at one instant, for a backup or a clone. */
export type DiskImage = ReadonlyMap<string, SimulatedFile>;

/** The disk outlives the stores on it: `close` lets the next one open it, `crash` is the loss of power. */
export class SimulatedDisk implements Disk {
  readonly #entropy: Entropy;
  #names = new Map<string, SimulatedFile>();
  #durableNames = new Map<string, SimulatedFile>();
  /** Changes of names since the last flush of the folder. */
  #pending: NameChange[] = [];
  #faults = new Map<number, DiskFault>();
  #failing: () => DiskFault | null = () => null;
  #powered = true;
  /** Handles of an earlier power cycle are dead. */
  #cycle = 0;
  #operations = 0;
  #capacityBytes = Number.POSITIVE_INFINITY;

  readonly #onPowerLoss: () => void;

  /** `onPowerLoss` is told within the operation that a planned loss of power strikes. */
  constructor(entropy: Entropy, onPowerLoss: () => void = () => {}) {
    this.#entropy = entropy;
    this.#onPowerLoss = onPowerLoss;
  }

  /** Operations that change something, so far: each is a point where a fault can strike. */
  get operations(): number {
    return this.#operations;
  }

  /** Strikes the operation with this number, counted from 0 over the disk's life. */
  failAt(operation: number, fault: DiskFault): void {
    this.#faults.set(operation, fault);
  }

  /** Asked at each operation for which nothing is planned, until it is set again: a loss of power mends no device. */
  setFailing(fault: () => DiskFault | null): void {
    this.#failing = fault;
  }

  /** Room for all files together; Infinity takes a bound away. */
  setCapacity(bytes: number): void {
    this.#capacityBytes = bytes;
  }

  /** Bytes of all files together. */
  get usedBytes(): number {
    let used = 0;
    for (const file of this.#names.values()) used += file.length;
    return used;
  }

  /** Flips a bit of a file. */
  rot(name: string, bit: number): void {
    this.#find(name).rot(bit);
  }

  /** The system writes back what it likes before anybody flushes: each unflushed sector by a coin's toss. */
  writeBack(): void {
    for (const file of this.#names.values()) file.writeBack(() => dice(this.#entropy, 2) === 0);
  }

  /** Names of files, and how many bytes of each are on the device. */
  flushed(): readonly { readonly name: string; readonly bytes: number }[] {
    return [...this.#durableNames].map(([name, file]) => ({ name, bytes: file.flushedLength }));
  }

  image(): DiskImage {
    return new Map([...this.#durableNames].map(([name, file]) => [name, file.image()]));
  }

  /** As `crash`, and afterwards the disk holds what `image` says: a backup that was put back, or a clone. */
  putBack(image: DiskImage): void {
    this.crash();
    this.#durableNames = new Map([...image].map(([name, file]) => [name, file.image()]));
    this.#names = new Map(this.#durableNames);
  }

  /**
   * Power is lost and comes back. Nothing that was flushed is gone; of the rest, sectors and changes of names
   * survive in an arbitrary, unordered subset: none, all, or a coin's toss for each.
   */
  crash(): void {
    const mode = dice(this.#entropy, 4);
    const keep = () => mode === 1 || (mode > 1 && dice(this.#entropy, 2) === 0);
    for (const change of this.#pending) if (keep()) rename(this.#durableNames, change);
    this.#pending = [];
    this.#faults = new Map();
    const files = new Set([...this.#names.values(), ...this.#durableNames.values()]);
    for (const file of files) file.crash(this.#entropy, keep);
    this.#names = new Map(this.#durableNames);
    this.#powered = true;
    this.#cycle += 1;
  }

  async list(): Promise<readonly string[]> {
    this.#check(this.#cycle);
    return [...this.#names.keys()].sort();
  }

  async open(name: string, mode: "read" | "write" | "create"): Promise<DiskFile> {
    this.#check(this.#cycle);
    if (mode === "create") {
      this.#operate(this.#cycle, () => this.#change({ name, file: new SimulatedFile(), source: null }));
    }
    return this.#handle(this.#find(name));
  }

  async rename(from: string, to: string): Promise<void> {
    this.#operate(this.#cycle, () => this.#change({ name: to, file: this.#find(from), source: from }));
  }

  async remove(name: string): Promise<void> {
    this.#operate(this.#cycle, () => this.#change({ name, file: null, source: null }));
  }

  async syncDirectory(): Promise<void> {
    this.#operate(this.#cycle, () => {
      this.#durableNames = new Map(this.#names);
      this.#pending = [];
    });
  }

  async close(): Promise<void> {}

  #handle(file: SimulatedFile): DiskFile {
    const cycle = this.#cycle;
    const write = (offset: number, bytes: Uint8Array): void => {
      const part = (): void => this.#writePart(file, offset, bytes);
      this.#operate(cycle, () => this.#writeInto(file, offset, bytes), part);
    };
    const sync = (): void => {
      this.#operate(
        cycle,
        () => file.flush(),
        (fault) => {
          if (fault === "flush-error") file.failFlush(this.#entropy);
        },
      );
    };
    return {
      size: async () => {
        this.#check(cycle);
        return file.length;
      },
      read: async (offset, length) => {
        this.#check(cycle);
        return file.read(offset, length);
      },
      writeAt: async (offset, bytes) => write(offset, bytes),
      writeFlushed: async (offset, bytes) => {
        write(offset, bytes);
        sync();
      },
      truncate: async (length) => this.#operate(cycle, () => file.truncate(length)),
      sync: async () => sync(),
      close: async () => {},
    };
  }

  /** Counts one change and lets a fault strike it: then `partly` happens instead of `whole`. */
  #operate(cycle: number, whole: () => void, partly?: (fault: DiskFault) => void): void {
    this.#check(cycle);
    const fault = this.#faults.get(this.#operations) ?? this.#failing();
    this.#operations += 1;
    if (fault === null) {
      whole();
      return;
    }
    partly?.(fault);
    if (fault === "power-loss") {
      this.#powered = false;
      this.#onPowerLoss();
    }
    throw new PortError("disk", "disk-failed", `simulated ${fault}`, false);
  }

  #check(cycle: number): void {
    if (this.#powered && cycle === this.#cycle) return;
    throw new PortError("disk", "disk-failed", "the simulated disk has no power", false);
  }

  #writeInto(file: SimulatedFile, offset: number, bytes: Uint8Array): void {
    const grows = Math.max(0, offset + bytes.length - file.length);
    const room = this.#capacityBytes - this.usedBytes;
    if (grows > room) {
      file.write(
        offset,
        bytes.subarray(0, Math.max(0, bytes.length - grows + Math.max(0, Math.floor(room)))),
      );
      throw new PortError("disk", "disk-full", "the simulated disk is full", true);
    }
    file.write(offset, bytes);
  }

  /** Each sector of the write by a coin's toss. */
  #writePart(file: SimulatedFile, offset: number, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const end = Math.min(bytes.length, at + SECTOR_BYTES - ((offset + at) % SECTOR_BYTES));
      if (dice(this.#entropy, 2) === 0) file.write(offset + at, bytes.subarray(at, end));
      at = end;
    }
  }

  #change(change: NameChange): void {
    rename(this.#names, change);
    this.#pending.push(change);
  }

  #find(name: string): SimulatedFile {
    const file = this.#names.get(name);
    assert(file !== undefined, "the store opens only files that it listed or made");
    return file;
  }
}

function rename(names: Map<string, SimulatedFile>, change: NameChange): void {
  if (change.file === null) names.delete(change.name);
  else names.set(change.name, change.file);
  if (change.source !== null && names.get(change.source) === change.file) names.delete(change.source);
}
