/** The record files that a profile names, read and held against the names in it: no port is needed for that. */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { unknownNames } from "../agent/agent-settings.ts";
import { type DocumentFile, type DocumentSet, documentSet } from "../agent/document-set.ts";
import type { Primitives } from "../core/base/primitives.ts";
import type { AgentProfile } from "../profile/agent-profile.ts";
import { profileFault } from "./open-ports.ts";
import { settingsOf } from "./settings.ts";

/**
 * Rejects with PortError `profile-documents` for files that are no records and names that none of them bears, and with
 * the system's own error for a file that cannot be read.
 */
export async function profileDocuments(profile: AgentProfile, primitives: Primitives): Promise<DocumentSet> {
  const trust = await recordFilesAt(profile.trustPaths);
  const read = documentSet(trust, await recordFilesAt(profile.documentPaths), primitives);
  if (!read.ok) throw profileFault(read.faults.map(({ path, rejection }) => `${path}: ${rejection.code}`));
  const unknown = unknownNames(settingsOf(profile), read.documents);
  if (unknown.length === 0) return read.documents;
  throw profileFault(
    unknown.map(({ code, field, measured }) => `${field}: ${code}: ${String(measured["name"])}`),
  );
}

/** Files, or all files of folders, in the order of their names. */
export async function recordFilesAt(paths: readonly string[]): Promise<readonly DocumentFile[]> {
  const files: string[] = [];
  for (const path of paths) {
    if (!(await stat(path)).isDirectory()) files.push(path);
    else files.push(...(await readdir(path)).sort().map((name) => join(path, name)));
  }
  return Promise.all(files.map(async (path) => ({ path, bytes: new Uint8Array(await readFile(path)) })));
}
