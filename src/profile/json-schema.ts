/** JSON Schemas (draft-07) of the three kinds of files, for editors: made of the definitions that load the files. */
import * as z from "zod";
import { agentProfile } from "./agent-schema.ts";
import { commodityDocument } from "./commodity-schema.ts";
import type { Drivers } from "./driver-registry.ts";
import type { Piece } from "./leaf.ts";
import { policyDocument } from "./policy-schema.ts";

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

function draft7(piece: Piece<unknown>, title: string): JsonSchema {
  return { ...z.toJSONSchema(piece, { target: "draft-7", io: "input" }), title };
}
