/** Outside test vectors, read where they lie beside the checkout; skipped by name and count where they do not. */
import { existsSync, readFileSync } from "node:fs";
import { describe, it } from "vitest";

const ROOT = new URL("../../../shared/vectors/", import.meta.url);

/**
 * Describes the cases of `../shared/vectors/<file>` (relative to the repository's root). `cases` is the number
 * that the file is known to hold: it is what a skip reports, and what the tests assert.
 */
export function describeVectors<T>(file: string, cases: number, define: (vectors: T) => void): void {
  describe(`${file} (${cases} cases)`, () => {
    const url = new URL(file, ROOT);
    if (!existsSync(url)) {
      it.skip(`skipped ${cases} cases: ../shared/vectors/${file} is not here`, () => {});
      return;
    }
    define(JSON.parse(readFileSync(url, "utf8")) as T);
  });
}

export function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "hex"));
}

export function base64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64"));
}
