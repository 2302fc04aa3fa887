/** The text of an operator's file, or why there is none; never more of it than the agent reads. */
import { closeSync, openSync, readSync } from "node:fs";
import { complaint, type ProfileCode, type ProfileError } from "./profile-error.ts";
import { YAML_LIMITS } from "./yaml-limits.ts";

/** The bytes of a file, at most `most` of them; throws what node:fs throws. */
export type ReadBytes = (file: string, most: number) => Uint8Array;

export function readText(file: string, readBytes: ReadBytes): string | ProfileError {
  const wrong = (code: ProfileCode, allowed: string, found: string): ProfileError => {
    return { file, line: 1, column: 1, path: "", found, ...complaint(code, allowed) };
  };
  let bytes: Uint8Array;
  try {
    // One more than is read, so that too much shows.
    bytes = readBytes(file, YAML_LIMITS.LENGTH_MAX + 1);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    return wrong("file-unreadable", "a readable file", code);
  }
  if (bytes.length > YAML_LIMITS.LENGTH_MAX) {
    return wrong("file-too-large", `at most ${YAML_LIMITS.LENGTH_MAX} bytes`, "more bytes");
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return wrong("file-not-utf8", "UTF-8", "other bytes");
  }
}

export function readFileBytes(file: string, most: number): Uint8Array {
  const descriptor = openSync(file, "r");
  try {
    const bytes = new Uint8Array(most);
    let length = 0;
    while (length < bytes.length) {
      const count = readSync(descriptor, bytes, length, bytes.length - length, null);
      if (count === 0) break;
      length += count;
    }
    return bytes.subarray(0, length);
  } finally {
    closeSync(descriptor);
  }
}
