/** Reads a bundle file as a stream: bounded in size, in each line and in records, whatever it holds. */
import { type FileHandle, open } from "node:fs/promises";
import { type Bundle, bundleLimits, bundleReader } from "../../core/audit/bundle.ts";
import { type Result, refuse, rejection } from "../../core/base/rejection.ts";
import { PortError } from "../../ports/port-error.ts";
import { bundleLines } from "./bundle-lines.ts";

/**
 * The bundle, or why the file is none: `bundle-too-large`, `bundle-line-too-long`, `bundle-not-utf8`, `bundle-truncated`
 * (the last line has no end), and those of `core/audit/bundle.ts`. Rejects with PortError {port: "bundle", code:
 * "bundle-unreadable"} where the disk does not give the file.
 */
export async function readBundleFile(path: string): Promise<Result<Bundle>> {
  const file = await guarded(() => open(path, "r"));
  try {
    return await readLines(file);
  } finally {
    await file.close();
  }
}

const READ_CHUNK_BYTES = 262_144;

async function readLines(file: FileHandle): Promise<Result<Bundle>> {
  const lines = bundleLines(bundleReader());
  const chunk = new Uint8Array(READ_CHUNK_BYTES);
  let total = 0;
  // Bounded by FILE_BYTES_MAX: each turn reads at least one byte or ends.
  for (;;) {
    const { bytesRead } = await guarded(() => file.read(chunk, 0, chunk.length, null));
    if (bytesRead === 0) return lines.end();
    total += bytesRead;
    const bytesMax = bundleLimits.FILE_BYTES_MAX;
    if (total > bytesMax) return refuse(rejection("bundle-too-large", "", { bytesMin: total }, { bytesMax }));
    const taken = lines.take(chunk.subarray(0, bytesRead));
    if (!taken.ok) return taken;
  }
}

async function guarded<T>(what: () => Promise<T>): Promise<T> {
  try {
    return await what();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new PortError("bundle", "bundle-unreadable", `cannot read the bundle: ${message}`, false, cause);
  }
}
