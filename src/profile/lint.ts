/** Everything that is wrong with an operator's file, and what is not wrong but wants a look before the file is used. */
import { PROFILE_SCHEMA } from "./agent-schema.ts";
import { composeFile } from "./compose-file.ts";
import type { Composition, SourceFile } from "./composition.ts";
import type { Drivers } from "./driver-registry.ts";
import { kindOf } from "./file-kinds.ts";
import { loadPolicy } from "./load.ts";
import { placeOf } from "./origins.ts";
import { printable } from "./printable.ts";
import { complaint, type Path, type ProfileError } from "./profile-error.ts";
import { readFileBytes } from "./read-text.ts";
import { shippedNames, shippedPath } from "./shipped-file.ts";
import { isMap, sourceAt } from "./sourced.ts";
import type { YamlDocument } from "./yaml-document.ts";

export type Linted = {
  /** As `fileKinds` names it; null where the file does not say. */
  readonly kind: string | null;
  readonly errors: readonly ProfileError[];
  readonly warnings: readonly ProfileError[];
};

export function lintFile(file: string, drivers: Drivers): Linted {
  const composed = composeFile(file, readFileBytes);
  if (!composed.ok) return { kind: null, errors: composed.errors, warnings: [] };
  const { document } = composed.composition;
  const found = kindOf(document, drivers);
  if (!found.ok) return { kind: null, errors: [found.error], warnings: [] };
  const { kind } = found;
  const errors = kind.findings(file);
  const warnings = [
    ...changeMarks(composed.composition),
    ...composed.composition.files.flatMap((each) => unverified(each.document)),
    ...(kind.schema === PROFILE_SCHEMA ? unverifiedPolicy(document) : []),
  ];
  return { kind: kind.name, errors, warnings };
}

const MARK = /\bCHANGE\b/;
/** `# CHANGE to your broker`, and not a comment that speaks of such marks. */
const MARK_IN_COMMENT = /(?:^|\s)#\s*CHANGE\b/;

/** Marks in values, and in comments above or beside a value that no other file replaces. */
function changeMarks(composed: Composition): readonly ProfileError[] {
  const { document, tree, files } = composed;
  const told = complaint("change-left", "your own value", "write it, and take the mark away");
  const values = pathsOf(document.value).filter((path) => {
    const value = valueAt(document.value, path);
    return typeof value === "string" && MARK.test(value);
  });
  const comments = files.flatMap((source) =>
    markedComments(source).flatMap(({ path, line, column, text }) => {
      if (sourceAt(tree, path) !== source.document) return [];
      const error = source.document.atKey(path, { ...told, found: `\`${printable(text)}\`` });
      return [{ ...error, line, column }];
    }),
  );
  return [...values.map((path) => document.at(path, told)), ...comments];
}

type MarkedComment = {
  /** Of the value that it is about: the one in the same line, else the next. */
  readonly path: Path;
  readonly line: number;
  readonly column: number;
  readonly text: string;
};

function markedComments({ document, text }: SourceFile): readonly MarkedComment[] {
  if (!MARK_IN_COMMENT.test(text)) return [];
  const places = pathsOf(document.value).map((path) => ({ path, line: placeOf(document, path).line }));
  places.sort((a, b) => a.line - b.line);
  return text.split(/\r\n|\r|\n/).flatMap((each, i) => {
    const mark = MARK_IN_COMMENT.exec(each);
    const marked = mark === null ? undefined : places.find(({ line }) => line > i);
    if (mark === null || marked === undefined) return [];
    const start = each.indexOf("#", mark.index);
    return [{ path: marked.path, line: i + 1, column: start + 1, text: each.slice(start) }];
  });
}

/** A policy or commodity says it of itself. */
function unverified(document: YamlDocument): readonly ProfileError[] {
  const key = "verify-before-use";
  if (!isMap(document.value) || document.value[key] !== true) return [];
  return [document.at([key], complaint("verify-before-use", "false, once every number is checked"))];
}

/** A profile for production under a shipped policy that says it. Other policies are known by their records only. */
function unverifiedPolicy(document: YamlDocument): readonly ProfileError[] {
  const { policy, production } = isMap(document.value) ? document.value : {};
  if (production === false || typeof policy !== "string" || !shippedNames("policies").includes(policy))
    return [];
  const shipped = loadPolicy(shippedPath("policies", policy));
  if (!shipped.ok || !shipped.policy.verifyBeforeUse) return [];
  const allowed = "a policy whose numbers are checked, in production";
  return [document.at(["policy"], complaint("verify-before-use", allowed))];
}

/** Every value below `root`, in the order of the file, parents first. */
function pathsOf(root: unknown, path: Path = []): readonly Path[] {
  if (typeof root !== "object" || root === null) return [];
  return Object.entries(root).flatMap(([key, each]) => {
    const below = [...path, Array.isArray(root) ? Number(key) : key];
    return [below, ...pathsOf(each, below)];
  });
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<string | number, unknown>)[key], root);
}
