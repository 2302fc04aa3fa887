/** All kinds of files that an operator writes, told apart by their first key: how each is checked and described. */
import { PROFILE_SCHEMA } from "./agent-schema.ts";
import { COMMODITY_SCHEMA } from "./commodity-schema.ts";
import type { JsonSchema } from "./draft7.ts";
import type { Drivers } from "./driver-registry.ts";
import { GRANT_SCHEMA } from "./grant-schema.ts";
import {
  commodityJsonSchema,
  grantJsonSchema,
  licenceJsonSchema,
  policyJsonSchema,
  policyProfileJsonSchema,
  requestJsonSchema,
  scenarioJsonSchema,
} from "./json-schema.ts";
import { LICENCE_SCHEMA } from "./licence-schema.ts";
import { loadCommodity, loadPiece, loadPolicy, loadProfile, loadScenario } from "./load.ts";
import { loadGrant, loadLicence, loadRequest } from "./load-grant.ts";
import { POLICY_PROFILE_SCHEMA, policyProfileFile } from "./policy-profile-file.ts";
import { POLICY_SCHEMA } from "./policy-schema.ts";
import { complaint, didYouMean, type ProfileError } from "./profile-error.ts";
import { baseJsonSchema, profileJsonSchema } from "./profile-json-schema.ts";
import { readFileBytes } from "./read-text.ts";
import { REQUEST_SCHEMA } from "./request-schema.ts";
import { SCENARIO_SCHEMA } from "./scenario-schema.ts";
import { scenarioSources } from "./scenario-sources.ts";
import { isMap } from "./sourced.ts";
import type { YamlDocument } from "./yaml-document.ts";

export type FileKind = {
  readonly name: string;
  /** What stands under `schema`; null for a part of a file. */
  readonly schema: string | null;
  readonly about: string;
  jsonSchema(): JsonSchema;
  /** Everything that is wrong with the file. */
  findings(file: string): readonly ProfileError[];
};

type Outcome = { readonly ok: true } | { readonly ok: false; readonly errors: readonly ProfileError[] };

export function fileKinds(drivers: Drivers): readonly FileKind[] {
  const here = (file: string) => scenarioSources(file, drivers);
  return [
    {
      name: "agent",
      schema: PROFILE_SCHEMA,
      about: "one agent on one host",
      jsonSchema: () => profileJsonSchema(drivers),
      findings: (file) => errorsOf(loadProfile(file, drivers)),
    },
    {
      name: "agent-base",
      schema: null,
      about: "a part of such a file, which others extend",
      jsonSchema: () => baseJsonSchema(drivers),
      findings: () => [],
    },
    kind("policy", POLICY_SCHEMA, "a common policy", [policyJsonSchema, loadPolicy]),
    kind("policy-profile", POLICY_PROFILE_SCHEMA, "one profile of common policies", [
      policyProfileJsonSchema,
      (file) => loadPiece(file, policyProfileFile(), readFileBytes),
    ]),
    kind("commodity", COMMODITY_SCHEMA, "what is traded", [commodityJsonSchema, loadCommodity]),
    kind("grant", GRANT_SCHEMA, "what a credential is to grant", [grantJsonSchema, loadGrant]),
    kind("licence", LICENCE_SCHEMA, "a licence that a root stands on", [licenceJsonSchema, loadLicence]),
    kind("request", REQUEST_SCHEMA, "an agent's request for a credential", [requestJsonSchema, loadRequest]),
    {
      name: "scenario",
      schema: SCENARIO_SCHEMA,
      about: "agents, faults on a timeline, expectations",
      jsonSchema: () => scenarioJsonSchema(here(".")),
      findings: (file) => errorsOf(loadScenario(file, here(file))),
    },
  ];
}

export type FoundKind =
  | { readonly ok: true; readonly kind: FileKind }
  | { readonly ok: false; readonly error: ProfileError };

/** By what stands under `schema`. */
export function kindOf(document: YamlDocument, drivers: Drivers): FoundKind {
  const kinds = fileKinds(drivers);
  const schema = isMap(document.value) ? document.value["schema"] : undefined;
  const kind = kinds.find((each) => each.schema !== null && each.schema === schema);
  if (kind !== undefined) return { ok: true, kind };
  const words = kinds.flatMap((each) => each.schema ?? []);
  const code = schema === undefined || schema === null ? "field-absent" : "field-choice";
  const near = typeof schema === "string" ? didYouMean(schema, words) : "";
  return { ok: false, error: document.at(["schema"], complaint(code, words.join(" | "), near)) };
}

type Parts = readonly [jsonSchema: () => JsonSchema, load: (file: string) => Outcome];

function kind(name: string, schema: string, about: string, [jsonSchema, load]: Parts): FileKind {
  return { name, schema, about, jsonSchema, findings: (file) => errorsOf(load(file)) };
}

function errorsOf(outcome: Outcome): readonly ProfileError[] {
  return outcome.ok ? [] : outcome.errors;
}
