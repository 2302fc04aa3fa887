/** Reads the operator's files into resolved values, or says everything that is wrong with them. Never writes one. */
import { closeSync, openSync, readSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { AgentProfile } from "./agent-profile.ts";
import { agentProfile } from "./agent-schema.ts";
import { checkDocument } from "./check-document.ts";
import { type CommodityDocument, commodityDocument } from "./commodity-schema.ts";
import type { Drivers } from "./driver-registry.ts";
import type { Piece } from "./leaf.ts";
import { type PolicyDocument, policyDocument } from "./policy-schema.ts";
import { complaint, type ProfileCode, type ProfileError } from "./profile-error.ts";
import type { Scenario } from "./scenario.ts";
import { type ScenarioSources, scenarioDocument } from "./scenario-schema.ts";
import { parseYaml, YAML_LIMITS } from "./yaml-document.ts";

/** The bytes of a file, at most `most` of them; throws what node:fs throws. */
export type ReadBytes = (file: string, most: number) => Uint8Array;

export type Loaded<Name extends string, T> =
  | ({ readonly ok: true } & { readonly [K in Name]: T })
  | { readonly ok: false; readonly errors: readonly ProfileError[] };

/** Paths in the profile are taken from its own folder; nothing that it names is opened. */
export function loadProfile(
  file: string,
  drivers: Drivers,
  readBytes: ReadBytes = readFileBytes,
): Loaded<"profile", AgentProfile> {
  const loaded = loadPiece(file, agentProfile(drivers, dirname(resolve(file))), readBytes);
  return loaded.ok ? { ok: true, profile: loaded.value } : loaded;
}

export function loadPolicy(
  file: string,
  readBytes: ReadBytes = readFileBytes,
): Loaded<"policy", PolicyDocument> {
  const loaded = loadPiece(file, policyDocument(), readBytes);
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

function readText(file: string, readBytes: ReadBytes): string | ProfileError {
  const wrong = (code: ProfileCode, allowed: string, found: string): ProfileError => {
    return { file, line: 1, column: 1, path: "", found, ...complaint(code, allowed) };
  };
  let bytes: Uint8Array;
  try {
    // One more than is read, so that too much shows.
    bytes = readBytes(file, YAML_LIMITS.LENGTH_MAX + 1);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    return wrong("file-unreadable", "a readable file", code);
  }
  if (bytes.length > YAML_LIMITS.LENGTH_MAX) {
    return wrong("file-too-large", `at most ${YAML_LIMITS.LENGTH_MAX} bytes`, "more bytes");
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return wrong("file-not-utf8", "UTF-8", "other bytes");
  }
}

export function readFileBytes(file: string, most: number): Uint8Array {
  const descriptor = openSync(file, "r");
  try {
    const bytes = new Uint8Array(most);
    let length = 0;
    while (length < bytes.length) {
      const count = readSync(descriptor, bytes, length, bytes.length - length, null);
      if (count === 0) break;
      length += count;
    }
    return bytes.subarray(0, length);
  } finally {
    closeSync(descriptor);
  }
}
