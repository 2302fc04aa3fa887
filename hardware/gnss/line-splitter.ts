/** Bytes in, lines out, with a bound on what is kept: shared by gpsd's JSON and NMEA. */

export type LineSplitter = {
  /**
   * Adds a chunk and returns the lines that it completes, without their CR LF, empty lines left out.
   * Peer-controlled: any bytes. A line longer than the bound is counted and skipped to its end.
   */
  push(chunk: Uint8Array): readonly string[];
  /** Lines dropped because they were too long. */
  overlong(): number;
  /** Bytes kept for a line that has not ended yet; never more than the bound. */
  held(): number;
  /** Forgets the unfinished line: a new connection begins. */
  reset(): void;
};

const LF = 0x0a;

/** A line may hold `lineBytesMax` bytes before its LF. */
export function lineSplitter(lineBytesMax: number): LineSplitter {
  const kept = Buffer.alloc(lineBytesMax);
  let length = 0;
  let skipping = false;
  let overlong = 0;

  /** Keeps a piece of the present line, or starts skipping when it no longer fits. */
  function keep(piece: Uint8Array): void {
    if (skipping) return;
    if (length + piece.length > lineBytesMax) {
      skipping = true;
      overlong += 1;
      length = 0;
      return;
    }
    kept.set(piece, length);
    length += piece.length;
  }

  /** Ends the present line: its text, or null when it was skipped or empty. */
  function finish(): string | null {
    const text = skipping ? "" : kept.toString("utf8", 0, length).replace(/\r+$/, "");
    skipping = false;
    length = 0;
    return text === "" ? null : text;
  }

  return {
    push(chunk) {
      const lines: string[] = [];
      let from = 0;
      for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, from)) {
        keep(chunk.subarray(from, end));
        const line = finish();
        if (line !== null) lines.push(line);
        from = end + 1;
      }
      keep(chunk.subarray(from));
      return lines;
    },
    overlong: () => overlong,
    held: () => length,
    reset() {
      length = 0;
      skipping = false;
    },
  };
}
