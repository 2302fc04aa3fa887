/** Every log as it was seen from outside: the ids of its records by position, and those that its disk lost. */
import { toHex } from "../core/base/bytes.ts";
import type { AnyRecord } from "../core/record/record.ts";

/** One host's log. */
export type Chain = {
  /** Hex ids by seq. */
  readonly ids: string[];
  /** By seq, ids that stood there once and do no more: peers may have them. */
  readonly lost: Map<number, Set<string>>;
  /** How often its disk lost something. */
  losses: number;
};

/** Who wrote a record, and when it was durable, true time. */
export type Written = { readonly host: string; readonly atUs: number };

export type Chronicle = {
  chainOf(host: string): Chain;
  /** A log was read anew: the first seq that is not as it was known to be, or null where all is there. */
  lossIn(host: string, records: readonly AnyRecord[]): number | null;
  /** What stood from `seq` on is lost from now on. */
  lose(host: string, seq: number): void;
  /** `atUs`: true time at which the record was known to be durable. */
  append(host: string, record: AnyRecord, atUs: number): void;
  /** Of a record that ever was durable, by its hex id. */
  written(record: string): Written | null;
};

/** The record is one that this host's disk had lost: whoever has it again stores it at its old position. */
export function wasLost(chronicle: Chronicle, host: string, record: AnyRecord): boolean {
  return chronicle.chainOf(host).lost.get(record.header.seq)?.has(toHex(record.id)) === true;
}

export function newChronicle(): Chronicle {
  const chains = new Map<string, Chain>();
  const written = new Map<string, Written>();
  function chainOf(host: string): Chain {
    const chain = chains.get(host) ?? { ids: [], lost: new Map(), losses: 0 };
    chains.set(host, chain);
    return chain;
  }
  return {
    chainOf,
    written: (record) => written.get(record) ?? null,
    lossIn(host, records) {
      const { ids } = chainOf(host);
      // A log is a chain of hashes: where its last known record stands, so do all before it.
      const last = ids.at(-1);
      const found = records[ids.length - 1];
      if (last === undefined || (found !== undefined && toHex(found.id) === last)) return null;
      return ids.findIndex((id, seq) => {
        const record = records[seq];
        return record === undefined || toHex(record.id) !== id;
      });
    },
    lose(host, seq) {
      const chain = chainOf(host);
      const { ids, lost } = chain;
      chain.losses += 1;
      for (const [i, id] of ids.splice(seq).entries()) {
        const there = lost.get(seq + i) ?? new Set();
        lost.set(seq + i, there.add(id));
      }
    },
    append(host, record, atUs) {
      const { ids, lost } = chainOf(host);
      const id = toHex(record.id);
      lost.get(record.header.seq)?.delete(id);
      ids.push(id);
      if (!written.has(id)) written.set(id, { host, atUs });
    },
  };
}
