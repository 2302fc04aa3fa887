/** The records that decisions look up, and which of them have to be stored beside one's own. */
import { chainOf } from "../authority/chain.ts";
import { equalBytes, idText } from "../base/bytes.ts";
import type { Bodies } from "../pairing/bodies.ts";
import type { AnyRecord, RecordOf } from "../record/record.ts";
import { limits } from "../wire/limits.ts";
import { lookUp } from "./agent.ts";
import type { Agent } from "./turn.ts";

export function bodiesOf(agent: Agent): Bodies {
  return { get: (id) => lookUp(agent, id) };
}

/** Ids that the author of `record` has to be asked for: the next link of its chain, its attestation, an offer's schema. */
export function missingDocuments(
  agent: Agent,
  record: RecordOf<"offer"> | RecordOf<"acceptance">,
): readonly Uint8Array[] {
  const { links, missing } = chainOf(record.header.credential, bodiesOf(agent));
  // A chain of that many links is too long, whatever the next one is.
  const link = links.length < limits.CHAIN_LINKS_MAX ? missing : null;
  const schema = record.kind === "offer" ? record.body.schema : null;
  return [record.header.attestation, link, schema]
    .filter((id) => id !== null)
    .filter((id) => lookUp(agent, id) === undefined);
}

/** The inceptions and rotations of the keys that signed `records`, all that an entry stores: so a copy of the log verifies alone. */
export function inceptions(agent: Agent, ...records: readonly AnyRecord[]): readonly AnyRecord[] {
  const own = agent.provisional.key;
  const authors = new Map<string, readonly AnyRecord[]>();
  for (const record of records) {
    const { lineage } = record.header;
    if (own !== null && equalBytes(lineage, own.lineage)) continue;
    authors.set(idText(lineage), agent.volatile.known.keyRecordsOf(lineage));
  }
  return [...authors.values()].flat();
}
