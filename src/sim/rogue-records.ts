/** What dishonest peers of a world signed: whose it is, and where they wrote two records at one position. */
import { toHex } from "../core/base/bytes.ts";
import type { AnyRecord } from "../core/record/record.ts";

export type RogueRecords = {
  take(rogue: string, record: AnyRecord): void;
  isRogue(name: string): boolean;
  /** Its name, by the hex of a lineage. */
  nameOf(lineage: string): string | null;
  /** Its author's name, by the hex id of a record. */
  authorOf(record: string): string | null;
  /** Hex ids that stand at one position, two or more each. */
  forks(): readonly (readonly string[])[];
};

export function newRogueRecords(): RogueRecords {
  const authors = new Map<string, string>();
  const names = new Map<string, string>();
  const rogues = new Set<string>();
  const positions = new Map<string, string[]>();
  return {
    take(rogue, record) {
      const id = toHex(record.id);
      const position = `${rogue} ${record.header.seq}`;
      rogues.add(rogue);
      names.set(toHex(record.header.lineage), rogue);
      authors.set(id, rogue);
      positions.set(position, [...(positions.get(position) ?? []), id]);
    },
    nameOf: (lineage) => names.get(lineage) ?? null,
    isRogue: (name) => rogues.has(name),
    authorOf: (record) => authors.get(record) ?? null,
    forks: () => [...positions.values()].filter((ids) => ids.length > 1),
  };
}
