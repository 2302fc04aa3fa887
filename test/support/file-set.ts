/** Files in memory, by absolute path, read as the disk would be. */
import { resolve } from "node:path";

export function fileSet(files: Readonly<Record<string, string>>): (file: string) => Uint8Array {
  return (file) => {
    const text = files[resolve(file)];
    if (text === undefined) throw Object.assign(new Error(file), { code: "ENOENT" });
    return new TextEncoder().encode(text);
  };
}
