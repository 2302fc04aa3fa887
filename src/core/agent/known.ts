/**
 * Records and keys that others made and this agent verified: volatile and bounded; the operator's own are pinned, and those
 * by trusted roots that only hearsay brings have room of their own.
 */
import { idText } from "../base/bytes.ts";
import type { KindName } from "../record/kinds.ts";
import type { AnyRecord } from "../record/record.ts";
import { type Session, withSession } from "../record/session.ts";
import type { Inception, SigningKey } from "../record/signing-key.ts";
import { bounds } from "./bounds.ts";

type KeyEntry = {
  /** In the order in which they followed each other. */
  readonly keys: readonly SigningKey[];
  readonly inception: Inception;
  readonly rotations: readonly AnyRecord[];
  /** The latest ones, in the order of their positions. */
  readonly sessions: readonly Session[];
};

/** What chains and evaluation stand on: a flood of other records must not push them out. */
const DOCUMENTS: readonly KindName[] = [
  "schema",
  "policy",
  "credential",
  "recognition",
  "status-snapshot",
  "attestation",
];

/** Who vouches that there are not too many: the operator, a root that the operator trusts, or nobody. */
export type Standing = "pinned" | "trusted" | "anybody's";

export class Known {
  /** From the operator's files: never let go. */
  readonly #pinned = new Map<string, AnyRecord>();
  readonly #trusted = new Map<string, AnyRecord>();
  readonly #documents = new Map<string, AnyRecord>();
  readonly #others = new Map<string, AnyRecord>();
  /** What is not pinned, by its kind: evaluation and each tick look at one kind of thousands of records. */
  readonly #byKind = new Map<KindName, Map<string, AnyRecord>>();
  readonly #pinnedKeys = new Map<string, KeyEntry>();
  readonly #keys = new Map<string, KeyEntry>();

  add(record: AnyRecord, standing: Standing): void {
    const id = idText(record.id);
    if (standing === "pinned") {
      this.#pinned.set(id, record);
      return;
    }
    const map = standing === "trusted" ? this.#trusted : this.#cacheOf(record);
    const most = standing === "trusted" ? bounds.TRUSTED_RECORDS_MAX : bounds.KNOWN_RECORDS_MAX;
    const gone = put(map, id, record, most);
    if (gone !== undefined) this.#kind(gone.kind).delete(idText(gone.id));
    const alike = this.#kind(record.kind);
    alike.delete(id);
    alike.set(id, record);
  }

  #cacheOf({ kind }: AnyRecord): Map<string, AnyRecord> {
    return DOCUMENTS.includes(kind) ? this.#documents : this.#others;
  }

  #kind(kind: KindName): Map<string, AnyRecord> {
    const standing = this.#byKind.get(kind);
    if (standing !== undefined) return standing;
    const fresh = new Map<string, AnyRecord>();
    this.#byKind.set(kind, fresh);
    return fresh;
  }

  get(id: Uint8Array): AnyRecord | undefined {
    const key = idText(id);
    return (
      this.#pinned.get(key) ?? this.#trusted.get(key) ?? this.#documents.get(key) ?? this.#others.get(key)
    );
  }

  /** The same record, with more of it opened: it stays where it is. */
  reopen(record: AnyRecord): void {
    const key = idText(record.id);
    for (const map of [this.#pinned, this.#trusted, this.#documents, this.#others, this.#kind(record.kind)]) {
      if (map.has(key)) map.set(key, record);
    }
  }

  /** The first key of a lineage. Where the lineage is known already, only that it is pinned from now on. */
  addKey(key: SigningKey, inception: Inception, pinned: boolean): void {
    const lineage = idText(key.lineage);
    const entry = this.#entry(key.lineage) ?? { keys: [key], inception, rotations: [], sessions: [] };
    if (pinned) this.#pinnedKeys.set(lineage, entry);
    else put(this.#keys, lineage, entry, bounds.KEYS_MAX);
  }

  /** The key that followed the last one; true where there was room for it. */
  addRotation(key: SigningKey, rotation: AnyRecord): boolean {
    const entry = this.#entry(key.lineage);
    if (entry === undefined || entry.rotations.length >= bounds.ROTATIONS_MAX) return false;
    const lineage = idText(key.lineage);
    const longer = { keys: [...entry.keys, key], rotations: [...entry.rotations, rotation] };
    this.#replace(lineage, { ...entry, ...longer });
    return true;
  }

  /** A checked certificate of a lineage that is known. */
  addSession(session: Session): void {
    const { lineage } = session.certificate.header;
    const entry = this.#entry(lineage);
    if (entry === undefined) return;
    const sessions = withSession(entry.sessions, session, bounds.SESSIONS_MAX);
    this.#replace(idText(lineage), { ...entry, sessions });
  }

  #replace(lineage: string, entry: KeyEntry): void {
    const map = this.#pinnedKeys.has(lineage) ? this.#pinnedKeys : this.#keys;
    map.set(lineage, entry);
  }

  /** Keeps a peer's key whatever a flood of new lineages does: it is a party of ours. */
  pinKey(lineage: Uint8Array): void {
    const key = idText(lineage);
    const entry = this.#keys.get(key);
    // What was pinned has followed rotations since.
    if (entry !== undefined && !this.#pinnedKeys.has(key)) this.#pinnedKeys.set(key, entry);
  }

  /** All keys that a lineage had, the present one last; none where its inception is not known. */
  keysOf(lineage: Uint8Array): readonly SigningKey[] {
    return this.#entry(lineage)?.keys ?? [];
  }

  sessionsOf(lineage: Uint8Array): readonly Session[] {
    return this.#entry(lineage)?.sessions ?? [];
  }

  isKnown(lineage: Uint8Array): boolean {
    return this.#entry(lineage) !== undefined;
  }

  /** From which anybody works out who signs the lineage: its inception, its rotations, and the latest certificates, in their order. */
  keyRecordsOf(lineage: Uint8Array): readonly AnyRecord[] {
    const entry = this.#entry(lineage);
    if (entry === undefined) return [];
    return [entry.inception, ...entry.rotations, ...entry.sessions.map(({ certificate }) => certificate)];
  }

  /** What others made and a flood could add to: neither the operator's own, nor keys of parties. */
  get size(): number {
    return this.#documents.size + this.#others.size + this.#keys.size;
  }

  /** All whose keys are known. */
  *lineages(): Generator<Uint8Array> {
    for (const map of [this.#pinnedKeys, this.#keys])
      for (const { inception } of map.values()) yield inception.header.lineage;
  }

  *ofKind<K extends KindName>(kind: K): Generator<Extract<AnyRecord, { kind: K }>> {
    for (const map of [this.#pinned, this.#kind(kind)]) {
      for (const record of map.values()) {
        if (record.kind === kind) yield record as Extract<AnyRecord, { kind: K }>;
      }
    }
  }

  /** Goes its own way from here: an exploration follows several futures of one agent. */
  copy(): Known {
    const made = new Known();
    for (const [key, each] of this.#pinned) made.#pinned.set(key, each);
    for (const [key, each] of this.#trusted) made.#trusted.set(key, each);
    for (const [key, each] of this.#documents) made.#documents.set(key, each);
    for (const [key, each] of this.#others) made.#others.set(key, each);
    for (const [kind, alike] of this.#byKind) made.#byKind.set(kind, new Map(alike));
    for (const [key, each] of this.#pinnedKeys) made.#pinnedKeys.set(key, each);
    for (const [key, each] of this.#keys) made.#keys.set(key, each);
    return made;
  }

  #entry(lineage: Uint8Array): KeyEntry | undefined {
    const key = idText(lineage);
    return this.#pinnedKeys.get(key) ?? this.#keys.get(key);
  }
}

/** Sets, as the newest, and lets the oldest go beyond `most`: the result, where one went. */
export function put<V>(map: Map<string, V>, key: string, value: V, most: number): V | undefined {
  map.delete(key);
  map.set(key, value);
  if (map.size <= most) return undefined;
  const [oldest] = map;
  if (oldest === undefined) return undefined;
  map.delete(oldest[0]);
  return oldest[1];
}
