/** Where an authority keeps its lineage: a folder that its operator owns, copies and may carry about. */

export type StoredRecord = {
  /** For messages: which file. */
  readonly name: string;
  /** A packed envelope. */
  readonly bytes: Uint8Array;
};

export interface AuthorityFolder {
  /** The authority's own records in their order, the inception first; empty before there is one. */
  records(): Promise<readonly StoredRecord[]>;
  /**
   * Durable when it resolves, and never half: a crash leaves the record whole or not at all. Rejects with PortError
   * `authority-record-stands` where a record has that position already: none is ever overwritten.
   */
  append(seq: number, bytes: Uint8Array): Promise<void>;
  /** Records of others: the chain above, with the inceptions of its authors, policy and snapshots. */
  documents(): Promise<readonly StoredRecord[]>;
  /** In the place of those of the same name. */
  keepDocuments(records: readonly StoredRecord[]): Promise<void>;
  /** Inceptions of the roots that are trusted; an authority that is a root itself has its own there, to hand out. */
  roots(): Promise<readonly StoredRecord[]>;
  keepRoot(bytes: Uint8Array): Promise<void>;
  /** The public keys of set `generation`, encoded, or null: committed to by their hash, and not yet in any record. */
  keySet(generation: number): Promise<Uint8Array | null>;
  keepKeySet(generation: number, bytes: Uint8Array): Promise<void>;
  /** PEM: by which brokers know those whom this authority certified; null before it certified anybody. */
  brokerCertificate(): Promise<string | null>;
  keepBrokerCertificate(pem: string): Promise<void>;
}
