/** A device profile with all that it extends as one file, which means the same from every folder. */
import type { AgentProfile } from "./agent-profile.ts";
import { composeFile } from "./compose-file.ts";
import { absolutePaths } from "./composed-paths.ts";
import type { Drivers } from "./driver-registry.ts";
import { type Loaded, profileOf } from "./load.ts";
import { type Origin, originsOf } from "./origins.ts";
import { formatPath } from "./profile-error.ts";
import { resolvedProfileSchema } from "./profile-json-schema.ts";
import { type ReadBytes, readFileBytes } from "./read-text.ts";
import { formatYaml } from "./yaml-document.ts";

export type ResolvedProfile = {
  /** As it is written, without `extends`; defaults that no file writes are left out, paths are absolute. */
  readonly value: unknown;
  readonly profile: AgentProfile;
  /** The file itself first, then each base once. */
  readonly files: readonly string[];
  readonly origins: readonly Origin[];
};

/** Refused where the profile would be. */
export function resolveProfile(
  file: string,
  drivers: Drivers,
  readBytes: ReadBytes = readFileBytes,
): Loaded<"resolved", ResolvedProfile> {
  const composed = composeFile(file, readBytes);
  if (!composed.ok) return composed;
  const { tree, document, files } = absolutePaths(composed.composition, resolvedProfileSchema(drivers));
  const loaded = profileOf(composed.composition, drivers);
  if (!loaded.ok) return loaded;
  const resolved = {
    value: document.value,
    profile: loaded.profile,
    files: files.map((each) => each.document.file),
    origins: originsOf(tree),
  };
  return { ok: true, resolved };
}

/** With `notes`, a comment tells which line of which file each value comes from. */
export function resolvedYaml({ value, origins }: ResolvedProfile, notes: boolean): string {
  if (!notes) return formatYaml(value);
  const told = new Map(origins.map(({ path, file, line }) => [path, `${file}:${line}`]));
  return formatYaml(value, (path) => told.get(formatPath(path)) ?? "");
}
