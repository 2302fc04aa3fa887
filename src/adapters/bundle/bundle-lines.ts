/** The bytes of a bundle as lines of UTF-8, each given to the reader as soon as it is whole. */
import { TextDecoder } from "node:util";
import { type Bundle, type BundleReader, bundleLimits } from "../../core/audit/bundle.ts";
import { concat } from "../../core/base/bytes.ts";
import { accept, type Result, refuse, rejection } from "../../core/base/rejection.ts";

export type BundleLines = {
  /** Takes the next bytes. After a refusal nothing more is taken. */
  take(bytes: Uint8Array): Result<null>;
  end(): Result<Bundle>;
};

const LINE_FEED = 0x0a;

/**
 * Peer-controlled: any bytes, cut anywhere; one line at most is held. Refuses `bundle-line-too-long`, `bundle-not-utf8`,
 * `bundle-truncated`, and what the reader refuses.
 */
export function bundleLines(reader: BundleReader): BundleLines {
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
