/** Durable appends a second, against a program that only appends and flushes, in the same run. */
import { mkdtemp, open, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openNodeDisk } from "../../src/adapters/store/node-disk.ts";
import { openSegmentStore } from "../../src/adapters/store/segment-store.ts";
import { systemEntropy } from "../../src/adapters/system/entropy.ts";
import type { Frame } from "../../src/ports/store.ts";

export type AppendRow = {
  readonly name: string;
  readonly perSecond: number;
  /** To the bare append and fdatasync of the same batch; 1 for that itself. */
  readonly ratio: number;
  /** What the device was given, with the file system's journal; NaN where the device keeps no count. */
  readonly deviceBytesPerRecord: number;
};

/** Documentation/block/stat.rst: the seventh field, in units of 512 bytes whatever the device's own. */
const SECTORS_WRITTEN_FIELD = 6;
const SECTOR_BYTES = 512;
const RECORD_BYTES = 1024;
const BATCHES = [1, 8, 64] as const;
const ROUNDS = 5;
/** Flushes a round, by batch: each round lasts some tenths of a second. */
const FLUSHES = 400;

/** One contestant: appends `count` records durably and lets go. */
type Contestant = { append(count: number): Promise<void>; close(): Promise<void> };
type Measured = { readonly perSecond: number; readonly deviceBytes: number };

/** Rows for batches of 1, 8 and 64 records of 1 KiB; medians of five rounds, both contestants in turn. */
export async function benchAppend(): Promise<AppendRow[]> {
  const folder = await mkdtemp(join(tmpdir(), "spectrum-bench-"));
  const rows: AppendRow[] = [];
  try {
    for (const batch of BATCHES) {
      const bare: Measured[] = [];
      const ours: Measured[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        bare.push(await measure(await bareAppend(join(folder, `bare-${batch}-${round}`)), batch, folder));
        ours.push(await measure(await storeAppend(join(folder, `store-${batch}-${round}`)), batch, folder));
      }
      const bareRate = median(bare.map((one) => one.perSecond));
      rows.push(row(`append + fdatasync, ${batch} a flush`, bare, bareRate));
      rows.push(row(`segment store, ${batch} a flush`, ours, bareRate));
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  return rows;
}

async function bareAppend(path: string): Promise<Contestant> {
  const file = await open(path, "a");
  return {
    append: async (count) => {
      await file.write(Buffer.alloc(count * RECORD_BYTES, 1));
      await file.datasync();
    },
    close: () => file.close(),
  };
}

async function storeAppend(folder: string): Promise<Contestant> {
  const store = await openSegmentStore({ disk: await openNodeDisk(folder), entropy: systemEntropy() });
  const frame: Frame = { kind: "own", bytes: new Uint8Array(RECORD_BYTES).fill(1) };
  return {
    // As the agent does: records arrive one by one and share the flush.
    append: async (count) => {
      await Promise.all(Array.from({ length: count }, () => store.append([frame])));
    },
    close: () => store.close(),
  };
}

async function measure(contestant: Contestant, batch: number, folder: string): Promise<Measured> {
  // The first flushes allocate the file; neither side is measured on them.
  for (let flush = 0; flush < 20; flush++) await contestant.append(batch);
  const bytesBefore = await deviceBytes(folder);
  const before = process.hrtime.bigint();
  for (let flush = 0; flush < FLUSHES; flush++) await contestant.append(batch);
  const seconds = Number(process.hrtime.bigint() - before) / 1e9;
  const bytes = (await deviceBytes(folder)) - bytesBefore;
  await contestant.close();
  return { perSecond: (FLUSHES * batch) / seconds, deviceBytes: bytes / (FLUSHES * batch) };
}

function row(name: string, rounds: readonly Measured[], bareRate: number): AppendRow {
  const perSecond = median(rounds.map((one) => one.perSecond));
  return {
    name,
    perSecond: Math.round(perSecond),
    ratio: Math.round((100 * perSecond) / bareRate) / 100,
    deviceBytesPerRecord: Math.round(median(rounds.map((one) => one.deviceBytes))),
  };
}

/**
 * Bytes that the device under the folder was given, the file system's journal with them. It counts other programs
 * too, so only medians say something. (/proc/self/io counts whole page-cache folios for a write of some bytes.)
 */
async function deviceBytes(folder: string): Promise<number> {
  const { dev } = await stat(folder);
  const major = ((dev >> 8) & 0xfff) | 0;
  const minor = (dev & 0xff) | ((dev >> 12) & 0xfff00);
  try {
    const fields = (await readFile(`/sys/dev/block/${major}:${minor}/stat`, "latin1")).trim().split(/\s+/);
    return Number(fields[SECTORS_WRITTEN_FIELD]) * SECTOR_BYTES;
  } catch {
    // A folder in memory or on a network has no such device.
    return Number.NaN;
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
