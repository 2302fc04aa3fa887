/** Why rows of a list were refused, as a table that opens beside the list (RFC 4180). */

const COLUMNS = ["row", "line", "column", "host", "field", "code", "found", "allowed"] as const;

export type WrittenReason = { readonly [K in (typeof COLUMNS)[number]]: string | number };

export function formatReasons(reasons: readonly WrittenReason[]): string {
  const lines = reasons.map((reason) => COLUMNS.map((column) => quoted(reason[column])));
  return [COLUMNS, ...lines].map((cells) => `${cells.join(",")}\r\n`).join("");
}

function quoted(cell: string | number): string {
  return typeof cell === "number" ? String(cell) : `"${cell.replaceAll('"', '""')}"`;
}
