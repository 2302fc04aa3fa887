/** The records that decisions look up, and which of them have to be stored beside one's own. */
import { equalBytes, toHex } from "../base/bytes.ts";
import type { Bodies } from "../pairing/bodies.ts";
import type { AnyRecord } from "../record/record.ts";
import { lookUp } from "./agent.ts";
import type { Agent } from "./turn.ts";

export function bodiesOf(agent: Agent): Bodies {
  return { get: (id) => lookUp(agent, id) };
}

/** The inceptions whose keys signed `records` and the stored documents, so that a copy of the log verifies alone. */
export function inceptions(agent: Agent, ...records: readonly AnyRecord[]): readonly AnyRecord[] {
  const own = agent.provisional.key;
  const authors = new Map<string, AnyRecord>();
  for (const record of [...records, ...agent.documents.values()]) {
    const { lineage } = record.header;
    if (own !== null && equalBytes(lineage, own.lineage)) continue;
    const found = agent.volatile.known.inceptionOf(lineage);
    if (found !== undefined) authors.set(toHex(lineage), found);
  }
  return [...authors.values()];
}
