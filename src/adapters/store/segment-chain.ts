/**
 * Which segment files make up the log. Each names the one it goes on from and where that one ends, so the chain is
 * read from the newest backwards; a file that no chain names was replaced and is ignored.
 */
import type { ReadableDisk } from "./disk.ts";
import { readWindow } from "./read-window.ts";
import {
  decodeSegmentHeader,
  SEGMENT_BYTES_MAX,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
  segmentName,
  segmentNumber,
} from "./segment-format.ts";
import { usedEnd } from "./segment-scan.ts";

export type Link = {
  readonly header: SegmentHeader;
  /** Where its successor says that it ends; null for the last. */
  readonly limit: number | null;
};

export type Chain = {
  /** From the first segment to the last readable one. */
  readonly links: readonly Link[];
  /** Bytes in segments that should follow the last link and cannot be linked to it; null when all link up. */
  readonly brokenBytes: number | null;
  /** Highest number in use, in the chain or not; 0 for an empty folder. */
  readonly highest: number;
};

export async function readChain(disk: ReadableDisk): Promise<Chain> {
  const numbers = new Set<number>();
  for (const name of await disk.list()) {
    const number = segmentNumber(name);
    if (number !== null && number > 0) numbers.add(number);
  }
  const highest = Math.max(0, ...numbers);
  let links: Link[] = [];
  let brokenBytes: number | null = null;
  let limit: number | null = null;
  let number = highest;
  // Bounded: `number` falls in every turn.
  while (number > 0) {
    const header = numbers.has(number) ? await readHeader(disk, number) : null;
    if (header !== null && header.predecessor < number) {
      links.push({ header, limit });
      limit = header.predecessorEnd;
      number = header.predecessor;
      continue;
    }
    // A segment gets its name only after its header was flushed: a missing or unreadable one is damage, and what
    // was linked behind it hangs in the air.
    brokenBytes = (brokenBytes ?? 0) + (await lostIn(disk, numbers.has(number) ? [number] : []));
    brokenBytes += await lostIn(
      disk,
      links.map((link) => link.header.first.segment),
    );
    links = [];
    limit = null;
    number = Math.max(0, ...[...numbers].filter((other) => other < number));
  }
  return { links: links.reverse(), brokenBytes, highest };
}

/** Bytes in use behind the header pages of these segments. */
export async function lostIn(disk: ReadableDisk, segments: readonly number[]): Promise<number> {
  let lost = 0;
  for (const number of segments) {
    const file = await disk.open(segmentName(number), "read");
    try {
      const size = Math.min(await file.size(), SEGMENT_BYTES_MAX);
      lost += (await usedEnd(readWindow(file, size), SEGMENT_HEADER_BYTES)) - SEGMENT_HEADER_BYTES;
    } finally {
      await file.close();
    }
  }
  return lost;
}

async function readHeader(disk: ReadableDisk, number: number): Promise<SegmentHeader | null> {
  const file = await disk.open(segmentName(number), "read");
  try {
    return decodeSegmentHeader(await file.read(0, SEGMENT_HEADER_BYTES), number);
  } finally {
    await file.close();
  }
}
