/** A fleet's list of hosts, a CSV file: who they are, where they stand, and the request of each. */
import { dirname, resolve } from "node:path";
import type { Vertex } from "../core/record/spectrum-fields.ts";
import { checkDocument } from "./check-document.ts";
import { type CsvColumns, type CsvFinding, type CsvRow, parseCsv } from "./csv-document.ts";
import { map, type Piece, word } from "./leaf.ts";
import { brokerUrl } from "./mesh-schema.ts";
import { hex } from "./octets.ts";
import { path } from "./path-leaf.ts";
import type { Path, ProfileError } from "./profile-error.ts";
import { latitude, longitude } from "./quantity.ts";
import { type ReadBytes, readFileBytes, readText } from "./read-text.ts";

export type ListedHost = {
  readonly name: string;
  readonly place: Vertex;
  /** Absolute path of the file that `authority request` wrote on the host. */
  readonly requestPath: string;
  /** SHA-256 of the endorsement key, as it was delivered; null where the list does not say. */
  readonly ekHash: Uint8Array | null;
  /** Instead of the profile's own broker. */
  readonly broker: string | null;
  readonly row: number;
  /** The line and column of one of its cells; of the row for "". */
  at(column: HostColumn | ""): { readonly line: number; readonly column: number };
};

export type HostColumn = "host" | "latitude" | "longitude" | "request" | "ek-hash" | "broker";

/** Sound rows, and what is wrong with all others. */
export type HostList = { readonly hosts: readonly ListedHost[]; readonly errors: readonly CsvFinding[] };

const HOST_COLUMNS: CsvColumns = {
  required: ["host", "latitude", "longitude", "request"],
  optional: ["ek-hash", "broker"],
};

export function loadHostList(file: string, readBytes: ReadBytes = readFileBytes): HostList {
  const text = readText(file, readBytes);
  if (typeof text !== "string") return { hosts: [], errors: [{ ...text, row: 0 }] };
  const table = parseCsv(file, text, HOST_COLUMNS);
  if (!table.ok) return { hosts: [], errors: table.errors };
  const piece = hostRow(dirname(resolve(file)));
  const read = table.rows.map((row) => readRow(row, piece));
  const wrong = read.flatMap((each) => (each.ok ? [] : each.errors));
  const errors = [...table.errors, ...wrong].sort((a, b) => a.row - b.row);
  return { hosts: read.flatMap((each) => (each.ok ? [each.host] : [])), errors };
}

type ReadRow =
  | { readonly ok: true; readonly host: ListedHost }
  | { readonly ok: false; readonly errors: readonly CsvFinding[] };

function readRow({ row, document }: CsvRow, piece: Piece<WrittenHost>): ReadRow {
  const checked = checkDocument(document, piece);
  if (!checked.ok) return { ok: false, errors: checked.errors.map((each) => ({ ...each, row })) };
  const at = (column: string) => placeOf(document.at(column === "" ? [] : ([column] as Path), ANYTHING));
  return { ok: true, host: { ...checked.value, row, at } };
}

const ANYTHING = { code: "field-form", allowed: "", hint: "" } as const;

function placeOf({ line, column }: ProfileError): { readonly line: number; readonly column: number } {
  return { line, column };
}

type WrittenHost = Omit<ListedHost, "row" | "at">;

function hostRow(folder: string): Piece<WrittenHost> {
  return map({
    host: word(63, "name of the host"),
    latitude: latitude("where its antenna stands, north positive"),
    longitude: longitude("the same, east positive"),
    request: path(folder, "its request, from `authority request`"),
    "ek-hash": hex(32, "SHA-256 of its endorsement key's public area").optional(),
    broker: brokerUrl("its broker, instead of the profile's").optional(),
  }).transform(
    (written): WrittenHost => ({
      name: written.host,
      place: { latE7: written.latitude, lonE7: written.longitude },
      requestPath: written.request,
      ekHash: written["ek-hash"] ?? null,
      broker: written.broker ?? null,
    }),
  );
}
