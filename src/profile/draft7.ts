/** JSON Schema (draft-07) of a piece of a schema, for editors. */
import * as z from "zod";
import type { Piece } from "./leaf.ts";

export type JsonSchema = Readonly<Record<string, unknown>>;

export function draft7(piece: Piece<unknown>, title: string): JsonSchema {
  return { ...z.toJSONSchema(piece, { target: "draft-7", io: "input" }), title };
}
