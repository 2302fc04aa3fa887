/** Whose policies and commodities an offer may name: they set the windows, the guard band and the steps. */
import { equalBytes, toHex } from "../base/bytes.ts";
import { type Rejection, rejection } from "../base/rejection.ts";
import type { RecordOf } from "../record/record.ts";
import { lookUp } from "./agent.ts";
import { ownTime } from "./own-evidence.ts";
import { isRecognisedWithDocuments } from "./recognitions.ts";
import type { Turn } from "./turn.ts";

/** Policy and schema of an offer must come from a trusted root, or from one that is recognised with its documents. */
export function untrustedDocuments(turn: Turn, offer: RecordOf<"offer">): readonly Rejection[] {
  const named = [
    { name: "policy", code: "policy-untrusted", id: offer.header.policy },
    { name: "schema", code: "schema-untrusted", id: offer.body.schema },
  ];
  return named.flatMap(({ name, code, id }) => {
    const record = id === null ? undefined : lookUp(turn.agent, id);
    const author = record?.header.lineage;
    if (author !== undefined && isTrusted(turn, author, offer)) return [];
    const measured = { author: author === undefined ? "not at hand" : toHex(author) };
    return [rejection(code, `offer.${name}`, measured, { author: "a trusted root" })];
  });
}

function isTrusted(turn: Turn, author: Uint8Array, { body }: RecordOf<"offer">): boolean {
  const { agent } = turn;
  const { roots } = agent.config;
  if (roots.some((root) => equalBytes(root, author))) return true;
  const interval = ownTime(turn);
  if (interval === null) return false;
  return isRecognisedWithDocuments(agent, author, { interval, block: body.block });
}
