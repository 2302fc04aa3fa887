/** JSON Schemas (draft-07) of the other kinds of files, for editors: made of the definitions that load the files. */
import { commodityDocument } from "./commodity-schema.ts";
import { draft7, type JsonSchema } from "./draft7.ts";
import { grantDocument } from "./grant-schema.ts";
import { licenceDocument } from "./licence-schema.ts";
import { COMPOSED_OF, POLICY_PROFILE_SCHEMA, policyProfileFile } from "./policy-profile-file.ts";
import { POLICY_KEYS, POLICY_PROFILES_MAX } from "./policy-profiles.ts";
import { policyDocument } from "./policy-schema.ts";
import { requestDocument } from "./request-schema.ts";
import { type ScenarioSources, scenarioDocument } from "./scenario-schema.ts";

/** A file that is composed of others may leave out what they set. */
export function policyJsonSchema(): JsonSchema {
  const { $schema, title, ...whole } = draft7(policyDocument(), "spectrum-agent common policy");
  const required = (whole["required"] as readonly string[]).filter((key) => !POLICY_KEYS.includes(key));
  const { profiles: _, ...keys } = whole["properties"] as Readonly<Record<string, JsonSchema>>;
  const composed = {
    ...whole,
    properties: { ...keys, [COMPOSED_OF]: composedOf() },
    required: [...required, COMPOSED_OF],
  };
  const forms = [
    ["if", { required: [COMPOSED_OF] }],
    ["then", composed],
    ["else", whole],
  ] as const;
  return { $schema, title, ...Object.fromEntries(forms) };
}

function composedOf(): JsonSchema {
  const description = "its profiles: jurisdiction, licence class, safety, in this order";
  const items = {
    type: "string",
    description: `of schema ${POLICY_PROFILE_SCHEMA}, relative to the folder of this file`,
  };
  return { type: "array", description, items, minItems: 1, maxItems: POLICY_PROFILES_MAX };
}

export function policyProfileJsonSchema(): JsonSchema {
  return draft7(policyProfileFile(), "spectrum-agent profile of a common policy");
}

export function commodityJsonSchema(): JsonSchema {
  return draft7(commodityDocument(), "spectrum-agent commodity");
}

export function grantJsonSchema(): JsonSchema {
  return draft7(grantDocument({}), "spectrum-agent grant");
}

export function licenceJsonSchema(): JsonSchema {
  return draft7(licenceDocument(), "spectrum-agent licence");
}

export function requestJsonSchema(): JsonSchema {
  return draft7(requestDocument(), "spectrum-agent request for a credential");
}

/** With the names of exactly these policies and commodities. */
export function scenarioJsonSchema(sources: ScenarioSources): JsonSchema {
  return draft7(scenarioDocument(sources), "spectrum-agent scenario");
}
