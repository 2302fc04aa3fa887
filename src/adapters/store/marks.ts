/** Small durable values beside the log, each a file that is replaced as a whole (`Store.readMark`, `writeMark`). */
import { crc32 } from "node:zlib";
import { assert } from "../../core/base/assert.ts";
import { PortError } from "../../ports/port-error.ts";
import type { Disk } from "./disk.ts";
import { asBuffer } from "./segment-format.ts";

const MARK_BYTES_MAX = 4096;
const MAGIC = Buffer.from("SPECMRK1", "latin1");
const HEADER_BYTES = MAGIC.length + 4;

/** The mark, or null when there is none. PortError `store-mark-damaged` when its bytes do not hold. */
export async function readMark(disk: Disk, name: string): Promise<Uint8Array | null> {
  const path = fileOf(name);
  if (!(await disk.list()).includes(path)) return null;
  const file = await disk.open(path, "read");
  try {
    const all = asBuffer(await file.read(0, HEADER_BYTES + MARK_BYTES_MAX + 1));
    const value = all.subarray(HEADER_BYTES);
    const holds = all.length >= HEADER_BYTES && all.subarray(0, MAGIC.length).equals(MAGIC);
    if (!holds || value.length > MARK_BYTES_MAX || all.readUInt32BE(MAGIC.length) !== crc32(value)) {
      throw new PortError("store", "store-mark-damaged", `mark ${name} does not read back`, false);
    }
    return Uint8Array.from(value);
  } finally {
    await file.close();
  }
}

/** Replaces or, for null, removes a mark. After a rejection either the old or the new one stands; it may be repeated. */
export async function writeMark(disk: Disk, name: string, bytes: Uint8Array | null): Promise<void> {
  const path = fileOf(name);
  try {
    if (bytes === null) {
      if ((await disk.list()).includes(path)) await disk.remove(path);
    } else {
      assert(bytes.length <= MARK_BYTES_MAX, "a mark is at most 4 KiB");
      await writeWhole(disk, `${path}.tmp`, bytes);
      await disk.rename(`${path}.tmp`, path);
    }
    await disk.syncDirectory();
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    const code = error.code === "disk-full" ? "store-full" : "store-mark-failed";
    throw new PortError("store", code, `mark ${name} could not be written`, true, error);
  }
}

/** What a read would show outlives a loss of power from now on, whatever became of the write before it. */
export async function makeNamesLast(disk: Disk): Promise<void> {
  try {
    await disk.syncDirectory();
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    throw new PortError("store", "store-mark-failed", "marks could not be made to last", true, error);
  }
}

async function writeWhole(disk: Disk, path: string, bytes: Uint8Array): Promise<void> {
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header);
  header.writeUInt32BE(crc32(bytes), MAGIC.length);
  const file = await disk.open(path, "create");
  try {
    await file.writeAt(0, Buffer.concat([header, bytes]));
    await file.sync();
  } finally {
    await file.close();
  }
}

function fileOf(name: string): string {
  assert(/^[a-z0-9][a-z0-9-]{0,63}$/.test(name), "marks are named by the agent itself");
  return `${name}.mark`;
}
