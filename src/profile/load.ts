/** Reads the operator's files into resolved values, or says everything that is wrong with them. Never writes one. */
import { dirname, resolve } from "node:path";
import type { AgentProfile } from "./agent-profile.ts";
import { agentProfile } from "./agent-schema.ts";
import { checkDocument } from "./check-document.ts";
import { type CommodityDocument, commodityDocument } from "./commodity-schema.ts";
import { composeFile } from "./compose-file.ts";
import { absolutePaths } from "./composed-paths.ts";
import type { Composition } from "./composition.ts";
import type { Drivers } from "./driver-registry.ts";
import type { Piece } from "./leaf.ts";
import { type PolicyDocument, policyDocument } from "./policy-schema.ts";
import type { ProfileError } from "./profile-error.ts";
import { resolvedProfileSchema } from "./profile-json-schema.ts";
import { type ReadBytes, readFileBytes, readText } from "./read-text.ts";
import type { Scenario } from "./scenario.ts";
import { type ScenarioSources, scenarioDocument } from "./scenario-schema.ts";
import { parseYaml } from "./yaml-document.ts";

export type Loaded<Name extends string, T> =
  | ({ readonly ok: true } & { readonly [K in Name]: T })
  | { readonly ok: false; readonly errors: readonly ProfileError[] };

/** With all that it extends. Paths are taken from the folder of the file that writes them; nothing else is opened. */
export function loadProfile(
  file: string,
  drivers: Drivers,
  readBytes: ReadBytes = readFileBytes,
): Loaded<"profile", AgentProfile> {
  const composed = composeFile(file, readBytes);
  return composed.ok ? profileOf(composed.composition, drivers) : composed;
}

/** What the agent reads in a file and its bases, once they are one document. */
export function profileOf(composed: Composition, drivers: Drivers): Loaded<"profile", AgentProfile> {
  const isAlone = composed.files.length === 1;
  const whole = isAlone ? composed : absolutePaths(composed, resolvedProfileSchema(drivers));
  const folder = dirname(resolve(composed.document.file));
  const checked = checkDocument(whole.document, agentProfile(drivers, folder));
  return checked.ok ? { ok: true, profile: checked.value } : checked;
}

/** With the profiles that it names by path. */
export function loadPolicy(
  file: string,
  readBytes: ReadBytes = readFileBytes,
): Loaded<"policy", PolicyDocument> {
  const composed = composeFile(file, readBytes);
  const loaded = composed.ok ? checkDocument(composed.composition.document, policyDocument()) : composed;
  return loaded.ok ? { ok: true, policy: loaded.value } : loaded;
}

export function loadCommodity(
  file: string,
  readBytes: ReadBytes = readFileBytes,
): Loaded<"commodity", CommodityDocument> {
  const loaded = loadPiece(file, commodityDocument(), readBytes);
  return loaded.ok ? { ok: true, commodity: loaded.value } : loaded;
}

/** `sources`: what the scenario names beside itself. */
export function loadScenario(
  file: string,
  sources: ScenarioSources,
  readBytes: ReadBytes = readFileBytes,
): Loaded<"scenario", Scenario> {
  const loaded = loadPiece(file, scenarioDocument(sources), readBytes);
  return loaded.ok ? { ok: true, scenario: loaded.value } : loaded;
}

/** Any file of an operator's, by the schema `piece`. */
export function loadPiece<T>(file: string, piece: Piece<T>, readBytes: ReadBytes): Loaded<"value", T> {
  const text = readText(file, readBytes);
  if (typeof text !== "string") return { ok: false, errors: [text] };
  const parsed = parseYaml(file, text);
  return parsed.ok ? checkDocument(parsed.document, piece) : parsed;
}
