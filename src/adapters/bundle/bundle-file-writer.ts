/** Writes a bundle from one or more stores, line by line, into a file that appears whole or not at all. */
import { hash } from "node:crypto";
import { constants, type FileHandle, open, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import {
  type BundleView,
  bundleLimits,
  type ExportedLineage,
  writeBundleHeader,
  writeBundleRecord,
} from "../../core/audit/bundle.ts";
import { viewed } from "../../core/audit/bundle-view.ts";
import type { Primitives } from "../../core/base/primitives.ts";
import { recordOfBytes } from "../../core/record/record-of-bytes.ts";
import { PortError } from "../../ports/port-error.ts";
import type { Frame } from "../../ports/store.ts";

export type BundleExport = {
  /** One lineage's log each; read three times, and no farther than the first time. */
  readonly logs: readonly (() => AsyncIterable<Frame>)[];
  /** Envelopes of others that no log holds: documents of the operator. */
  readonly documents: readonly Uint8Array[];
  readonly exportedBy: string;
  readonly view: BundleView;
  /** Artifact of the one lease that it is about; then there is no log. */
  readonly lease?: Uint8Array;
  readonly primitives: Primitives;
};

export type WrittenBundle = {
  readonly lineages: readonly ExportedLineage[];
  readonly foreign: number;
  readonly bytes: number;
};

/**
 * Replaces the file at `path`. Rejects with PortError {port: "bundle"}: `bundle-source-damaged` (a frame is no envelope,
 * or a log begins with no record), `bundle-too-large`, `bundle-unwritable`.
 */
export async function writeBundleFile(path: string, parts: BundleExport): Promise<WrittenBundle> {
  const survey = await surveyed(parts);
  const partial = `${path}.partial`;
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;
  const file = await guarded(() => open(partial, flags, 0o600));
  try {
    const bytes = await writeLines(file, parts, survey).finally(() => file.close());
    await guarded(async () => {
      await rename(partial, path);
      const folder = await open(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
      await folder.sync().finally(() => folder.close());
    });
    return { lineages: survey.lineages, foreign: survey.foreign.size, bytes };
  } catch (error) {
    await unlink(partial).catch(() => undefined);
    throw error;
  }
}

type Survey = {
  readonly lineages: readonly ExportedLineage[];
  /** Frames of each log that count: what is appended meanwhile is not exported. */
  readonly frames: readonly number[];
  /** Digests of foreign envelopes that are nobody's own line. */
  readonly foreign: ReadonlySet<string>;
};

/** What the first line has to say before anything else is written. */
async function surveyed(parts: BundleExport): Promise<Survey> {
  const lineages: ExportedLineage[] = [];
  const frames: number[] = [];
  const own = new Set<string>();
  const foreign = new Set(parts.documents.map((bytes) => digestOf(shown(bytes, parts.view))));
  for (const log of parts.logs) {
    let lineage: Uint8Array | null = null;
    let records = 0;
    let count = 0;
    for await (const frame of log()) {
      count += 1;
      const digest = digestOf(shown(frame.bytes, parts.view));
      if (frame.kind === "foreign") {
        foreign.add(digest);
        continue;
      }
      lineage ??= lineageOf(frame.bytes, parts.primitives);
      records += 1;
      own.add(digest);
    }
    if (lineage === null) throw damaged("a log holds no own record");
    lineages.push({ lineage, records });
    frames.push(count);
    if (own.size + foreign.size > bundleLimits.RECORDS_MAX) throw tooLarge("records");
  }
  return { lineages, frames, foreign: new Set([...foreign].filter((digest) => !own.has(digest))) };
}

async function writeLines(file: FileHandle, parts: BundleExport, survey: Survey): Promise<number> {
  const out = lineWriter(file);
  const header = {
    exportedBy: parts.exportedBy,
    views: [parts.view],
    ...survey,
    foreign: survey.foreign.size,
    lease: parts.lease ?? null,
  };
  await out.line(writeBundleHeader(header));
  for (const [i, { lineage }] of survey.lineages.entries()) {
    for await (const frame of framesOf(parts, survey, i)) {
      if (frame.kind !== "own") continue;
      await out.line(writeBundleRecord({ lineage, envelope: shown(frame.bytes, parts.view) }));
    }
  }
  const left = new Set(survey.foreign);
  for await (const bytes of foreignOf(parts, survey)) {
    const envelope = shown(bytes, parts.view);
    if (left.delete(digestOf(envelope))) await out.line(writeBundleRecord({ lineage: null, envelope }));
  }
  return await out.end();
}

async function* foreignOf(parts: BundleExport, survey: Survey): AsyncGenerator<Uint8Array> {
  yield* parts.documents;
  for (const i of parts.logs.keys()) {
    for await (const frame of framesOf(parts, survey, i)) if (frame.kind === "foreign") yield frame.bytes;
  }
}

async function* framesOf({ logs }: BundleExport, survey: Survey, i: number): AsyncGenerator<Frame> {
  let left = survey.frames[i] ?? 0;
  const log = logs[i];
  if (log === undefined) return;
  for await (const frame of log()) {
    if (left === 0) return;
    left -= 1;
    yield frame;
  }
}

const WRITE_CHUNK_BYTES = 262_144;

/** Gathers lines into chunks; at most one chunk and one line are held. */
function lineWriter(file: FileHandle): {
  line(text: string): Promise<void>;
  end(): Promise<number>;
} {
  let held: string[] = [];
  let heldChars = 0;
  let bytes = 0;
  const flush = async (): Promise<void> => {
    const chunk = Buffer.from(held.join(""), "utf8");
    held = [];
    heldChars = 0;
    bytes += chunk.length;
    if (bytes > bundleLimits.FILE_BYTES_MAX) throw tooLarge("bytes");
    await guarded(() => file.writeFile(chunk));
  };
  return {
    async line(text) {
      if (text.length >= bundleLimits.LINE_BYTES_MAX) throw tooLarge("the length of a line");
      held.push(text, "\n");
      heldChars += text.length + 1;
      if (heldChars >= WRITE_CHUNK_BYTES) await flush();
    },
    async end() {
      await flush();
      await guarded(() => file.sync());
      return bytes;
    },
  };
}

function lineageOf(bytes: Uint8Array, primitives: Primitives): Uint8Array {
  const record = recordOfBytes(bytes, primitives);
  if (!record.ok) throw damaged(record.rejections.map(({ code, field }) => `${code} ${field}`).join(", "));
  return record.value.header.lineage;
}

function shown(bytes: Uint8Array, view: BundleView): Uint8Array {
  return viewed(bytes, view) ?? unreadable();
}

function unreadable(): never {
  throw damaged("a frame is no envelope");
}

function digestOf(bytes: Uint8Array): string {
  return hash("sha256", bytes, "base64");
}

function damaged(why: string): PortError {
  return new PortError("bundle", "bundle-source-damaged", `the log cannot be exported: ${why}`, false);
}

function tooLarge(what: string): PortError {
  return new PortError(
    "bundle",
    "bundle-too-large",
    `the bundle would exceed ${what} that a bundle may have`,
    false,
  );
}

async function guarded<T>(what: () => Promise<T>): Promise<T> {
  try {
    return await what();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new PortError("bundle", "bundle-unwritable", `cannot write the bundle: ${message}`, false, cause);
  }
}
