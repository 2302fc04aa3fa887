/** What targets over streams ask: the same, in whatever pieces the bytes come. */
import { breach } from "../target.ts";

/** As a whole, then in three pieces of which the middle one is a single byte; `take` tells all that came of them. */
export function sameInPieces(input: Uint8Array, take: (pieces: readonly Uint8Array[]) => unknown): void {
  const third = Math.floor(input.length / 3);
  const pieces = [input.subarray(0, third), input.subarray(third, third + 1), input.subarray(third + 1)];
  if (JSON.stringify(take([input])) !== JSON.stringify(take(pieces)))
    breach("bytes cut anywhere say the same");
}

export function linesOfText(...lines: readonly object[]): Uint8Array {
  return new Uint8Array(Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join("")));
}
