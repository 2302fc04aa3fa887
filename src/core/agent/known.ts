/** Records and keys that others made and this agent verified: volatile, bounded, oldest out first. */
import { toHex } from "../base/bytes.ts";
import type { AnyRecord, SigningKey } from "../record/record.ts";
import { bounds } from "./bounds.ts";

export class Known {
  readonly #records = new Map<string, AnyRecord>();
  readonly #keys = new Map<string, SigningKey>();
  readonly #inceptions = new Map<string, AnyRecord>();

  add(record: AnyRecord): void {
    put(this.#records, toHex(record.id), record, bounds.KNOWN_RECORDS_MAX);
  }

  get(id: Uint8Array): AnyRecord | undefined {
    return this.#records.get(toHex(id));
  }

  addKey(key: SigningKey, inception: AnyRecord): void {
    put(this.#keys, toHex(key.lineage), key, bounds.KEYS_MAX);
    put(this.#inceptions, toHex(key.lineage), inception, bounds.KEYS_MAX);
  }

  keyOf(lineage: Uint8Array): SigningKey | undefined {
    return this.#keys.get(toHex(lineage));
  }

  inceptionOf(lineage: Uint8Array): AnyRecord | undefined {
    return this.#inceptions.get(toHex(lineage));
  }

  *ofKind<K extends AnyRecord["kind"]>(kind: K): Generator<Extract<AnyRecord, { kind: K }>> {
    for (const record of this.#records.values()) {
      if (record.kind === kind) yield record as Extract<AnyRecord, { kind: K }>;
    }
  }
}

/** Sets, as the newest, and lets the oldest go beyond `most`. */
export function put<V>(map: Map<string, V>, key: string, value: V, most: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= most) return;
  const oldest = map.keys().next();
  if (!oldest.done) map.delete(oldest.value);
}
