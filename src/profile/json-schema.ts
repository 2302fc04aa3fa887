/** JSON Schemas (draft-07) of the other kinds of files, for editors: made of the definitions that load the files. */
import { commodityDocument } from "./commodity-schema.ts";
import { draft7, type JsonSchema } from "./draft7.ts";
import { policyDocument } from "./policy-schema.ts";
import { type ScenarioSources, scenarioDocument } from "./scenario-schema.ts";

export function policyJsonSchema(): JsonSchema {
  return draft7(policyDocument(), "spectrum-agent common policy");
}

export function commodityJsonSchema(): JsonSchema {
  return draft7(commodityDocument(), "spectrum-agent commodity");
}

/** With the names of exactly these policies and commodities. */
export function scenarioJsonSchema(sources: ScenarioSources): JsonSchema {
  return draft7(scenarioDocument(sources), "spectrum-agent scenario");
}
