/** JSON Schemas (draft-07) of the four kinds of files, for editors: made of the definitions that load the files. */
import * as z from "zod";
import { agentProfile } from "./agent-schema.ts";
import { commodityDocument } from "./commodity-schema.ts";
import type { Drivers } from "./driver-registry.ts";
import type { Piece } from "./leaf.ts";
import { policyDocument } from "./policy-schema.ts";
import { type ScenarioSources, scenarioDocument } from "./scenario-schema.ts";

export type JsonSchema = Readonly<Record<string, unknown>>;

/** With the options of exactly these drivers. */
export function profileJsonSchema(drivers: Drivers): JsonSchema {
  return draft7(agentProfile(drivers, "/"), "spectrum-agent profile");
}

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

function draft7(piece: Piece<unknown>, title: string): JsonSchema {
  return { ...z.toJSONSchema(piece, { target: "draft-7", io: "input" }), title };
}
