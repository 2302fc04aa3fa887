/** A disk as somebody else sees it: with some of its operations in other words. */
import type { Disk, DiskFile } from "../../src/adapters/store/disk.ts";

export type Lens = (disk: Disk) => Disk;

/** `change`: what is different of each file that is opened. */
export function onFiles(disk: Disk, change: (file: DiskFile) => Partial<DiskFile>): Disk {
  return {
    ...methodsOf(disk),
    async open(name, mode) {
      const file = await disk.open(name, mode);
      return { ...file, ...change(file) };
    },
  };
}

/** Its operations as properties, to be spread. */
export function methodsOf(disk: Disk): Disk {
  return {
    list: () => disk.list(),
    open: (name, mode) => disk.open(name, mode),
    rename: (from, to) => disk.rename(from, to),
    remove: (name) => disk.remove(name),
    syncDirectory: () => disk.syncDirectory(),
    close: () => disk.close(),
  };
}
