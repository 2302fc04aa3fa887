/** The key `extends` of a device profile: one base or a list of them, by path or by the name of a shipped profile. */
import { dirname, isAbsolute, join } from "node:path";
import type { JsonSchema } from "./draft7.ts";
import { isPathText } from "./path-leaf.ts";
import { type Complaint, complaint, didYouMean, type Path } from "./profile-error.ts";
import { shippedNames, shippedPath, YAML } from "./shipped-file.ts";

export const EXTENDS = "extends";

export const EXTENDS_LIMITS = {
  /** Bases below one another. */
  DEPTH_MAX: 8,
  /** Bases of one profile, at whatever depth, each as often as it is named. */
  FILES_MAX: 32,
} as const;

/** One base as it is written, and where. */
export type ExtendsEntry = { readonly path: Path; readonly text: string };

export type ExtendsRead =
  | { readonly ok: true; readonly entries: readonly ExtendsEntry[] }
  | { readonly ok: false; readonly path: Path; readonly told: Complaint };

/** In the order of the file: later ones go before earlier ones. */
export function extendsEntries(written: unknown): ExtendsRead {
  if (written === undefined) return { ok: true, entries: [] };
  const list: readonly unknown[] = Array.isArray(written) ? written : [written];
  if (list.length < 1 || list.length > EXTENDS_LIMITS.FILES_MAX) {
    const allowed = `1 to ${EXTENDS_LIMITS.FILES_MAX} entries`;
    return { ok: false, path: [EXTENDS], told: complaint("field-count", allowed) };
  }
  const entries: ExtendsEntry[] = [];
  for (const [i, text] of list.entries()) {
    const path = Array.isArray(written) ? [EXTENDS, i] : [EXTENDS];
    if (!isPathText(text)) {
      const code = typeof text === "string" ? "field-form" : "field-type";
      return { ok: false, path, told: complaint(code, allowedBases()) };
    }
    entries.push({ path, text });
  }
  return { ok: true, entries };
}

export type FoundBase =
  | { readonly ok: true; readonly file: string }
  | { readonly ok: false; readonly told: Complaint };

/** The file that `text` names in `file`; nothing is opened. */
export function baseFile(text: string, file: string): FoundBase {
  if (text.endsWith(YAML)) return { ok: true, file: isAbsolute(text) ? text : join(dirname(file), text) };
  const names = shippedNames("devices");
  if (names.includes(text)) return { ok: true, file: shippedPath("devices", text) };
  return { ok: false, told: complaint("extends-unknown", allowedBases(), didYouMean(text, names)) };
}

export function allowedBases(): string {
  return `${shippedNames("devices").join(" | ")}, or a path that ends in ${YAML}`;
}

/** What an editor is told of the key. */
export function extendsJsonSchema(): JsonSchema {
  const entry = { type: "string", description: `${allowedBases()}, relative to the folder of this file` };
  const list = { type: "array", items: entry, minItems: 1, maxItems: EXTENDS_LIMITS.FILES_MAX };
  return {
    description: "what this file goes on from; later ones go before earlier ones",
    oneOf: [entry, list],
  };
}
