/** Several files of an operator's as one document, in which each value keeps the file that says it. */
import type { ProfileCode, ProfileError } from "./profile-error.ts";
import { plain, type Sourced, sourceAt } from "./sourced.ts";
import type { YamlDocument } from "./yaml-document.ts";

export type SourceFile = { readonly document: YamlDocument; readonly text: string };

export type Composition = {
  /** One document without `extends`, or names of files; each finding stands in the file that says the value. */
  readonly document: YamlDocument;
  readonly tree: Sourced;
  /** The file itself first, then each other one once. */
  readonly files: readonly SourceFile[];
};

export type Composed =
  | { readonly ok: true; readonly composition: Composition }
  | { readonly ok: false; readonly errors: readonly ProfileError[] };

/** `tree` as the one document that `files` make; `told` is what becomes of a finding in any of them. */
export function composition(
  tree: Sourced,
  files: readonly SourceFile[],
  told: (error: ProfileError, top: YamlDocument) => ProfileError = withWayOut,
): Composition {
  const top = tree.from;
  const document: YamlDocument = {
    file: top.file,
    value: plain(tree),
    at: (path, what) => told(sourceAt(tree, path).at(path, what), top),
    atKey: (path, what) => told(sourceAt(tree, path).atKey(path, what), top),
  };
  return { document, tree, files };
}

/** A base says it, and may be right for everybody else: the file that extends it can take it away. */
function withWayOut(error: ProfileError, top: YamlDocument): ProfileError {
  const removable: readonly ProfileCode[] = ["field-unknown", "fields-conflict"];
  if (error.file === top.file || !removable.includes(error.code)) return error;
  const wayOut = `\`null\` under this key in ${top.file} takes it away`;
  return { ...error, hint: error.hint === "" ? wayOut : `${error.hint} ${wayOut}` };
}
