/**
 * A bundle: the records of one or more lineages as text, one JSON value a line, readable without this program. The first
 * line describes the format; nothing in it is trusted (PROTOCOL §9).
 */
import { fromHex, toHex } from "../base/bytes.ts";
import { accept, type Measure, type Result, refuse, rejection } from "../base/rejection.ts";
import { limits } from "../wire/limits.ts";
import { fromBase64url, toBase64url } from "./base64url.ts";
import { type BundleDescription, bundleDescription } from "./bundle-description.ts";

export const BUNDLE_SCHEMA = "spectrum-agent.bundle/1";

export const bundleLimits = {
  FILE_BYTES_MAX: 268_435_456,
  /** One line with its line feed. */
  LINE_BYTES_MAX: 65_536,
  RECORDS_MAX: 1_000_000,
  LINEAGES_MAX: 256,
  EXPORTED_BY_CHARS_MAX: 200,
} as const;

/** `public` holds no openings of sealed fields; `party` all that its exporter has. */
export type BundleView = "public" | "party";

/** A lineage that the bundle claims to hold whole, and how many of its records. */
export type ExportedLineage = { readonly lineage: Uint8Array; readonly records: number };

/** What a bundle says of itself. Claims only add checks that the records are then held to. */
export type BundleClaims = {
  readonly lineages: readonly ExportedLineage[];
  /** Records of other lineages that stand behind those. */
  readonly foreign: number;
  /** Artifact of the one lease whose records these are; with it no lineage is held whole. */
  readonly lease?: Uint8Array | null;
};

export type BundleHeader = BundleClaims & {
  readonly exportedBy: string;
  readonly views: readonly BundleView[];
};

/** One line: an own record of an exported lineage, or (`lineage` null) a foreign one. */
export type BundleRecord = { readonly lineage: Uint8Array | null; readonly envelope: Uint8Array };

export type Bundle = { readonly header: BundleHeader; readonly records: readonly BundleRecord[] };

export function writeBundleHeader({
  exportedBy,
  views,
  lineages,
  foreign,
  lease = null,
}: BundleHeader): string {
  const line: HeaderLine = {
    schema: BUNDLE_SCHEMA,
    description: bundleDescription(),
    exportedBy,
    views,
    lineages: lineages.map((each) => ({ lineage: toHex(each.lineage), records: each.records })),
    foreign,
    ...(lease === null ? {} : { lease: toHex(lease) }),
  };
  return JSON.stringify(line);
}

export function writeBundleRecord({ lineage, envelope }: BundleRecord): string {
  const line: RecordLine = {
    lineage: lineage === null ? null : toHex(lineage),
    envelope: toBase64url(envelope),
  };
  return JSON.stringify(line);
}

export function writeBundle({ header, records }: Bundle): readonly string[] {
  return [writeBundleHeader(header), ...records.map(writeBundleRecord)];
}

/** Lines without their line feeds. Peer-controlled: work is linear, and ends at the first line that does not fit. */
export function readBundle(lines: Iterable<string>): Result<Bundle> {
  const reader = bundleReader();
  for (const line of lines) {
    const taken = reader.line(line);
    if (!taken.ok) return taken;
  }
  return reader.end();
}

export type BundleReader = {
  /** Takes the next line. After a refusal nothing more is taken. */
  line(text: string): Result<null>;
  end(): Result<Bundle>;
};

/** Reads line by line, so that a file need not be held as text. */
export function bundleReader(): BundleReader {
  const records: BundleRecord[] = [];
  let header: BundleHeader | null = null;
  let lineNumber = 0;
  return {
    line(text) {
      lineNumber += 1;
      if (header === null) {
        const read = readBundleHeader(text);
        if (!read.ok) return read;
        header = read.value;
        return accept(null);
      }
      if (records.length === bundleLimits.RECORDS_MAX) {
        return wrong("bundle-too-long", lineNumber, {}, { recordsMax: bundleLimits.RECORDS_MAX });
      }
      const read = readBundleRecord(text, lineNumber);
      if (!read.ok) return read;
      records.push(read.value);
      return accept(null);
    },
    end() {
      if (header === null) return wrong("bundle-empty", 0, { lines: 0 }, { linesMin: 1 });
      return accept({ header, records });
    },
  };
}

export function readBundleHeader(text: string): Result<BundleHeader> {
  const value = parse(text);
  if (value === undefined) return malformed(1, "a JSON object of at most LINE_BYTES_MAX");
  const { schema, exportedBy, views, lineages, foreign, lease = null } = value;
  if (schema !== BUNDLE_SCHEMA) {
    const found = typeof schema === "string" ? schema.slice(0, 100) : "none";
    return wrong("bundle-schema", 1, { schema: found }, { schema: BUNDLE_SCHEMA });
  }
  if (typeof exportedBy !== "string" || exportedBy.length > bundleLimits.EXPORTED_BY_CHARS_MAX) {
    return malformed(1, "exportedBy as text");
  }
  if (!Array.isArray(views) || views.length > 2 || !views.every(isView)) return malformed(1, "views");
  if (!isCount(foreign)) return malformed(1, "foreign as a count");
  if (!Array.isArray(lineages) || lineages.length > bundleLimits.LINEAGES_MAX) {
    return malformed(1, "lineages as a list");
  }
  const read = lineages.map(readExported);
  const known = read.filter((each) => each !== null);
  if (known.length < read.length) return malformed(1, "lineages with id and number of records");
  if (new Set(known.map((each) => toHex(each.lineage))).size < known.length) {
    return malformed(1, "each lineage once");
  }
  const artifact = lease === null ? null : idOf(lease);
  if (artifact === undefined || (artifact !== null && known.length > 0)) {
    return malformed(1, "lease as the 64 hex digits of an artifact, where lineages is empty");
  }
  const header = { exportedBy, views, lineages: known, foreign };
  return accept(artifact === null ? header : { ...header, lease: artifact });
}

export function readBundleRecord(text: string, lineNumber: number): Result<BundleRecord> {
  const value = parse(text);
  if (value === undefined || Object.keys(value).join() !== "lineage,envelope") {
    return malformed(lineNumber, "a JSON object of lineage and envelope");
  }
  const lineage = value["lineage"] === null ? null : idOf(value["lineage"]);
  if (lineage === undefined) return malformed(lineNumber, "lineage of 64 hex digits, or null");
  const envelope = typeof value["envelope"] === "string" ? fromBase64url(value["envelope"]) : null;
  if (envelope === null || envelope.length > limits.ENVELOPE_BYTES_MAX) {
    return malformed(lineNumber, "envelope in base64url");
  }
  return accept({ lineage, envelope });
}

type HeaderLine = {
  readonly schema: typeof BUNDLE_SCHEMA;
  readonly description: BundleDescription;
  readonly exportedBy: string;
  readonly views: readonly BundleView[];
  readonly lineages: readonly { readonly lineage: string; readonly records: number }[];
  readonly foreign: number;
  readonly lease?: string;
};

type RecordLine = { readonly lineage: string | null; readonly envelope: string };

type JsonObject = { readonly [name: string]: unknown };

/** The one object on a line, or undefined. */
function parse(text: string): JsonObject | undefined {
  if (text.length >= bundleLimits.LINE_BYTES_MAX) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as JsonObject)
      : undefined;
  } catch {
    return undefined;
  }
}

function readExported(value: unknown): ExportedLineage | null {
  if (typeof value !== "object" || value === null) return null;
  const { lineage, records } = value as JsonObject;
  const id = idOf(lineage);
  return id === undefined || !isCount(records) ? null : { lineage: id, records };
}

function idOf(value: unknown): Uint8Array | undefined {
  return typeof value === "string" && value.length === 64 ? (fromHex(value) ?? undefined) : undefined;
}

function isView(value: unknown): value is BundleView {
  return value === "public" || value === "party";
}

function isCount(value: unknown): value is number {
  return (
    typeof value === "number" &&
    Number.isSafeInteger(value) &&
    value >= 0 &&
    value <= bundleLimits.RECORDS_MAX
  );
}

function malformed(line: number, form: string): Result<never> {
  return wrong("bundle-malformed", line, {}, { form });
}

function wrong(code: string, line: number, measured: Measure, required: Measure): Result<never> {
  return refuse(rejection(code, line === 0 ? "" : `line ${line}`, measured, required));
}
