/** A table of an operator's (RFC 4180, UTF-8, the first line names the columns), with the place of every cell. */
import { CsvError, parse } from "csv-parse/sync";
import { printable } from "./printable.ts";
import { didYouMean, type Path, type ProfileCode, type ProfileError } from "./profile-error.ts";
import type { YamlDocument } from "./yaml-document.ts";

/** `document.value` maps columns to texts; an empty cell is no key. */
export type CsvRow = {
  /** From 1, the line of names not counted. */
  readonly row: number;
  readonly document: YamlDocument;
};

export type CsvTable =
  | { readonly ok: true; readonly rows: readonly CsvRow[]; readonly errors: readonly CsvFinding[] }
  | { readonly ok: false; readonly errors: readonly CsvFinding[] };

/** `row` 0 is the line of names. */
export type CsvFinding = ProfileError & { readonly row: number };

export type CsvColumns = { readonly required: readonly string[]; readonly optional: readonly string[] };

const CSV_ROWS_MAX = 5_000;
const CELL_CHARACTERS_MAX = 4_096;

/** A table whose names are wrong has no rows; one with too many or too few cells in a row has the others. */
export function parseCsv(file: string, text: string, columns: CsvColumns): CsvTable {
  const bytes = Buffer.from(text, "utf8");
  const places = placesIn(bytes);
  const found = (row: number, at: number, path: string, told: Told): CsvFinding => {
    const { code, allowed, hint = "", found: shown = "nothing" } = told;
    return { file, ...places(at), path, code, found: shown, allowed, hint, row };
  };
  let records: readonly Cells[];
  try {
    records = cellsOf(bytes);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // Where the row begins: inside of one the library counts line ends in its own way.
    const at = typeof error["bytes"] === "number" ? error["bytes"] : 0;
    const allowed = "cells as RFC 4180 has them";
    return {
      ok: false,
      errors: [found(0, at, "", { code: "csv-syntax", found: printable(error.message), allowed })],
    };
  }
  const [names, ...lines] = records.filter((cells) => cells.length > 1 || cells[0]?.text !== "");
  const wrong = nameFaults(names ?? [], columns).map(({ at, path, ...told }) => found(0, at, path, told));
  if (lines.length === 0 && wrong.length === 0)
    wrong.push(found(0, bytes.length, "", { code: "field-count", allowed: "a host in a row of its own" }));
  if (lines.length > CSV_ROWS_MAX)
    wrong.push(
      found(0, 0, "", {
        code: "field-count",
        allowed: `at most ${CSV_ROWS_MAX} rows`,
        found: `${lines.length}`,
      }),
    );
  if (wrong.length > 0) return { ok: false, errors: wrong };
  const keys = (names ?? []).map(({ text: name }) => name);
  const errors = lines.flatMap((cells, i) => {
    if (cells.length === keys.length) return [];
    const told = {
      code: "field-count",
      allowed: `${keys.length} cells`,
      found: `${cells.length} cells`,
    } as const;
    return [found(i + 1, cells[0]?.at ?? 0, "", told)];
  });
  const rows = lines.flatMap((cells, i) => {
    if (cells.length !== keys.length) return [];
    return [{ row: i + 1, document: rowDocument(file, keys, cells, (at) => places(at)) }];
  });
  return { ok: true, rows, errors };
}

type Told = {
  readonly code: ProfileCode;
  readonly allowed: string;
  readonly hint?: string;
  readonly found?: string;
};

/** A cell's text, and the byte at which it begins, its quote included. */
type Cell = { readonly text: string; readonly at: number };
type Cells = readonly Cell[];

function cellsOf(bytes: Buffer): readonly Cells[] {
  const records: Cell[][] = [];
  let last: Cell[] = [];
  let ended = 0;
  parse(bytes, {
    bom: true,
    record_delimiter: ["\r\n", "\n"],
    relax_column_count: true,
    max_record_size: 16 * CELL_CHARACTERS_MAX,
    // Each cell tells where it ended: the next one begins behind the comma or the line's end.
    cast: (text, { index, bytes: end }) => {
      if (index === 0) {
        last = [];
        records.push(last);
      }
      last.push({ text, at: startOf(bytes, index, ended) });
      ended = end;
      return "";
    },
  });
  return records;
}

function startOf(bytes: Buffer, index: number, ended: number): number {
  if (index > 0) return ended + 1;
  let at = ended;
  while (bytes[at] === CARRIAGE_RETURN || bytes[at] === LINE_FEED) {
    const isFeed = bytes[at] === LINE_FEED;
    at += 1;
    if (isFeed) break;
  }
  return at;
}

const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;

type NameFault = Told & { readonly at: number; readonly path: string };

function nameFaults(names: Cells, { required, optional }: CsvColumns): readonly NameFault[] {
  const known = [...required, ...optional];
  const allowed = known.join(" | ");
  const wrong = names.flatMap(({ text, at }, i): readonly NameFault[] => {
    const path = printable(text);
    if (!known.includes(text))
      return [
        { code: "field-unknown", allowed, hint: didYouMean(text, known), found: `\`${path}\``, at, path },
      ];
    if (names.findIndex((each) => each.text === text) < i)
      return [{ code: "field-twice", allowed: "each column once", found: `\`${path}\``, at, path }];
    return [];
  });
  const absent = required.filter((name) => !names.some(({ text }) => text === name));
  return [
    ...wrong,
    ...absent.map(
      (path): NameFault => ({ code: "field-absent", allowed: `a column \`${path}\``, at: 0, path }),
    ),
  ];
}

type PlacedAt = (at: number) => { readonly line: number; readonly column: number };

function rowDocument(file: string, keys: readonly string[], cells: Cells, places: PlacedAt): YamlDocument {
  const filled = keys.flatMap((key, i) => {
    const text = cells[i]?.text ?? "";
    return text === "" ? [] : [[key, text] as const];
  });
  const at: YamlDocument["at"] = (path: Path, { code, allowed, hint, found }) => {
    const key = String(path[0] ?? "");
    const cell = cells[keys.indexOf(key)] ?? cells[0];
    const shown =
      found ?? (cell === undefined || cell.text === "" ? "nothing" : `\`${printable(cell.text)}\``);
    return { file, ...places(cell?.at ?? 0), path: key, code, found: shown, allowed, hint };
  };
  return { file, value: Object.fromEntries(filled), at, atKey: at };
}

/** Line and column from 1, the column in UTF-16 units. */
function placesIn(bytes: Buffer): PlacedAt {
  const starts = [0];
  for (let i = bytes.indexOf(LINE_FEED); i >= 0; i = bytes.indexOf(LINE_FEED, i + 1)) starts.push(i + 1);
  return (at) => {
    let line = starts.findIndex((start) => start > at);
    line = line < 0 ? starts.length : line;
    const column = bytes.subarray(starts[line - 1], at).toString("utf8").length + 1;
    return { line, column };
  };
}
