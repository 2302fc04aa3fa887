/** Mistakes in what stands between the store and its disk: each loses what was acknowledged, and has to be found. */
import { type Lens, methodsOf, onFiles } from "./lens.ts";

export const asItIs: Lens = (disk) => disk;

/** By name, as `--plant` takes them. */
export const plants: Readonly<Record<string, Lens>> = {
  /** A batch is acknowledged as soon as it is written. */
  "batch-unflushed": (disk) =>
    onFiles(disk, (file) => ({ writeFlushed: (at, bytes) => file.writeAt(at, bytes) })),
  /** A mark or a new segment gets its name before its bytes are on the device. */
  "file-unflushed": (disk) => onFiles(disk, () => ({ sync: async () => undefined })),
  /** A name is taken to last as soon as it is given. */
  "names-unflushed": (disk) => ({ ...methodsOf(disk), syncDirectory: async () => undefined }),
  /** The flush comes before what it is to flush. */
  "flush-too-early": (disk) =>
    onFiles(disk, (file) => ({
      async writeFlushed(at, bytes) {
        await file.sync();
        await file.writeAt(at, bytes);
      },
    })),
  /** An old mark is removed to make room for the new one. */
  "mark-removed-first": (disk) => ({
    ...methodsOf(disk),
    async rename(from, to) {
      if (to.endsWith(".mark") && (await disk.list()).includes(to)) await disk.remove(to);
      await disk.syncDirectory();
      await disk.rename(from, to);
    },
  }),
};
