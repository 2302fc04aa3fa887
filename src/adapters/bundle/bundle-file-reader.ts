/** Reads a bundle file as a stream: bounded in size, in each line and in records, whatever it holds. */
import { type FileHandle, open } from "node:fs/promises";
import { TextDecoder } from "node:util";
import { type Bundle, type BundleReader, bundleLimits, bundleReader } from "../../core/audit/bundle.ts";
import { concat } from "../../core/base/bytes.ts";
import { accept, type Result, refuse, rejection } from "../../core/base/rejection.ts";
import { PortError } from "../../ports/port-error.ts";

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
const LINE_FEED = 0x0a;

async function readLines(file: FileHandle): Promise<Result<Bundle>> {
  const lines = lineTaker(bundleReader());
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

function lineTaker(reader: BundleReader): {
  take(bytes: Uint8Array): Result<null>;
  end(): Result<Bundle>;
} {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let begun: Uint8Array = new Uint8Array(0);
  let lineNumber = 1;

  function line(bytes: Uint8Array): Result<null> {
    const whole = concat(begun, bytes);
    begun = new Uint8Array(0);
    if (whole.length >= bundleLimits.LINE_BYTES_MAX) return tooLong();
    const text = decoded(decoder, whole);
    if (text === null)
      return refuse(rejection("bundle-not-utf8", `line ${lineNumber}`, {}, { form: "UTF-8" }));
    lineNumber += 1;
    return reader.line(text);
  }

  function tooLong(): Result<null> {
    const lineBytesMax = bundleLimits.LINE_BYTES_MAX;
    return refuse(rejection("bundle-line-too-long", `line ${lineNumber}`, {}, { lineBytesMax }));
  }

  return {
    take(bytes) {
      let from = 0;
      for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, from)) {
        const taken = line(bytes.subarray(from, at));
        if (!taken.ok) return taken;
        from = at + 1;
      }
      begun = concat(begun, bytes.subarray(from));
      return begun.length >= bundleLimits.LINE_BYTES_MAX ? tooLong() : accept(null);
    },
    end() {
      if (begun.length === 0) return reader.end();
      const measured = { bytesAfterLastLine: begun.length };
      return refuse(rejection("bundle-truncated", `line ${lineNumber}`, measured, { end: "a line feed" }));
    },
  };
}

function decoded(decoder: TextDecoder, bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
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
