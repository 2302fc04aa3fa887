/** JSON Schemas (draft-07) of the other kinds of files, for editors: made of the definitions that load the files. */
import { commodityDocument } from "./commodity-schema.ts";
import { draft7, type JsonSchema } from "./draft7.ts";
import { grantDocument } from "./grant-schema.ts";
import { licenceDocument } from "./licence-schema.ts";
import { policyDocument } from "./policy-schema.ts";
import { requestDocument } from "./request-schema.ts";
import { type ScenarioSources, scenarioDocument } from "./scenario-schema.ts";

export function policyJsonSchema(): JsonSchema {
  return draft7(policyDocument(), "spectrum-agent common policy");
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
