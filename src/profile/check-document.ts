/** Holds one file against its schema and says of every finding where it stands. */
import type * as z from "zod";
import type { Piece } from "./leaf.ts";
import { printable } from "./printable.ts";
import { type Complaint, complaint, didYouMean, type Path, type ProfileError } from "./profile-error.ts";
import type { YamlDocument } from "./yaml-document.ts";
import { YAML_LIMITS } from "./yaml-limits.ts";

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly errors: readonly ProfileError[] };

/** All findings, in the order of the file; of several files, those of the document itself first. */
export function checkDocument<T>(document: YamlDocument, piece: Piece<T>): Checked<T> {
  const parsed = piece.safeParse(document.value);
  if (parsed.success) return { ok: true, value: parsed.data };
  // A file of another kind has every key wrong: one finding says it all.
  const ofKind = parsed.error.issues.filter(({ path }) => path.length === 1 && path[0] === "schema");
  const errors = (ofKind.length > 0 ? ofKind : parsed.error.issues)
    .flatMap((issue) => errorsOf(document, issue))
    .sort((a, b) => fileOrder(document, a, b) || a.line - b.line || a.column - b.column);
  return { ok: false, errors: errors.slice(0, YAML_LIMITS.ERRORS_MAX) };
}

function fileOrder({ file }: YamlDocument, a: ProfileError, b: ProfileError): number {
  if (a.file === b.file) return 0;
  if (a.file === file || b.file === file) return a.file === file ? -1 : 1;
  return a.file < b.file ? -1 : 1;
}

function errorsOf(document: YamlDocument, issue: z.core.$ZodIssue): readonly ProfileError[] {
  const path = issue.path.map((part) => (typeof part === "number" ? part : String(part)));
  if (issue.code !== "unrecognized_keys") return [document.at(path, told(document, path, issue))];
  const allowed = issue.message.split(" | ");
  return issue.keys.map((key) => {
    const unknown = complaint(
      "field-unknown",
      issue.message,
      didYouMean(key, allowed),
      `\`${printable(key)}\``,
    );
    return document.atKey([...path, key], unknown);
  });
}

function told(document: YamlDocument, path: Path, issue: z.core.$ZodIssue): Complaint {
  const absent = isAbsent(document.value, path);
  switch (issue.code) {
    case "custom":
      return issue.params as Complaint;
    case "invalid_type":
      return complaint(
        absent ? "field-absent" : "field-type",
        issue.expected === "array" ? "a list" : "a map of keys",
      );
    case "invalid_value":
      return complaint(absent ? "field-absent" : "field-choice", issue.values.map(String).join(" | "));
    case "too_small":
      return complaint("field-count", `at least ${issue.minimum} entries`);
    case "too_big":
      return complaint("field-count", `at most ${issue.maximum} entries`);
    case "invalid_union":
      return unionComplaint(document, path, issue);
    default:
      return complaint(absent ? "field-absent" : "field-form", issue.message);
  }
}

/** The only unions are the sections of drivers, told apart by `driver`. */
function unionComplaint(document: YamlDocument, path: Path, issue: z.core.$ZodIssueInvalidUnion): Complaint {
  const words = "options" in issue && Array.isArray(issue.options) ? issue.options.map(String) : [];
  const allowed = words.length === 0 ? "no driver: none is installed for this port" : words.join(" | ");
  if (isAbsent(document.value, path)) return complaint("field-absent", allowed);
  return complaint("driver-unknown", allowed, didYouMean(String(valueAt(document.value, path)), words));
}

function isAbsent(root: unknown, path: Path): boolean {
  const value = valueAt(root, path);
  return value === undefined || value === null;
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, part) => {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    return (value as Record<string | number, unknown>)[part];
  }, root);
}
