/** A fleet's profile as one host of it gets it: one file, with the host's name, and with what comes beside it. */

import type { AgentProfile } from "./agent-profile.ts";
import { agentProfile } from "./agent-schema.ts";
import { checkDocument } from "./check-document.ts";
import { composeFile } from "./compose-file.ts";
import { pathsFromBelow } from "./composed-paths.ts";
import type { Drivers } from "./driver-registry.ts";
import { type Loaded, profileOf } from "./load.ts";
import { resolvedProfileSchema } from "./profile-json-schema.ts";
import { type ReadBytes, readFileBytes } from "./read-text.ts";
import { isMap } from "./sourced.ts";
import { formatYaml, parseYaml } from "./yaml-document.ts";

/** Where a host keeps what comes with its profile, from the profile's own folder. */
export const HOST_FILES = { trust: "trust", documents: "documents" } as const;

export type FleetProfile = {
  /** As it stands at the desk: its trust and documents are the desk's files. */
  readonly profile: AgentProfile;
  /** YAML for one host. Relative paths are from the folder below the host's own profile. */
  textFor(host: { readonly name: string; readonly broker: string | null }): string;
};

/** Refused where the profile would be. */
export function loadFleetProfile(
  file: string,
  drivers: Drivers,
  readBytes: ReadBytes = readFileBytes,
): Loaded<"fleet", FleetProfile> {
  const composed = composeFile(file, readBytes);
  if (!composed.ok) return composed;
  const loaded = profileOf(composed.composition, drivers);
  if (!loaded.ok) return loaded;
  const { value } = pathsFromBelow(composed.composition, resolvedProfileSchema(drivers)).document;
  const textFor: FleetProfile["textFor"] = ({ name, broker }) => formatYaml(ofHost(value, name, broker));
  return { ok: true, fleet: { profile: loaded.profile, textFor } };
}

function ofHost(value: unknown, name: string, broker: string | null): unknown {
  const written = isMap(value) ? value : {};
  const mesh = isMap(written["mesh"]) ? written["mesh"] : {};
  return {
    ...written,
    name,
    mesh: { ...meshOf(mesh), ...(broker === null ? {} : { url: broker }) },
    trust: [HOST_FILES.trust],
    documents: [HOST_FILES.documents],
  };
}

/** An enrolled client's certificates come with the enrolment, and lie where it finds them unless told. */
function meshOf(mesh: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (mesh["client"] !== "enrolled") return mesh;
  const { ca: _, cert: __, ...rest } = mesh;
  return rest;
}

/** What a host reads in the text that it was given, in the folder where it keeps it. */
export function hostProfile(text: string, folder: string, drivers: Drivers): Loaded<"profile", AgentProfile> {
  const parsed = parseYaml(`${folder}/profile.yaml`, text);
  if (!parsed.ok) return parsed;
  const checked = checkDocument(parsed.document, agentProfile(drivers, folder));
  return checked.ok ? { ok: true, profile: checked.value } : checked;
}
