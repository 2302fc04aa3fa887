/** Paths in an operator's file, relative to the folder of the file that writes them. */
import { resolve } from "node:path";
import { type Piece, read, refuse, textLeaf } from "./leaf.ts";
import { complaint } from "./profile-error.ts";

const PATH_MAX = 1_024;

/** Marks a path in the JSON Schema, in a keyword that editors pass over. */
export const PATH_COMMENT = "a path, relative to the folder of the file that writes it";

const PATH_ALLOWED: string = `a path of 1 to ${PATH_MAX} characters`;

export function isPathText(value: unknown): value is string {
  return typeof value === "string" && /^[^\p{C}]+$/u.test(value) && value.length <= PATH_MAX;
}

/** A path, taken from `folder` where it is relative. */
export function path(folder: string, description: string): Piece<string> {
  return textLeaf({ description, $comment: PATH_COMMENT }, PATH_ALLOWED, (text) =>
    isPathText(text) ? read(resolve(folder, text)) : refuse(complaint("field-form", PATH_ALLOWED)),
  );
}
