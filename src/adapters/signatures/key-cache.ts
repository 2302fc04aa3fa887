/** A bounded memo of what a public key's bytes came to; the key used longest ago leaves first. */
export type KeyCache<Value> = {
  /** The kept value for `key`, or what `make` gives, which is then kept. */
  get(key: Uint8Array, make: (key: Uint8Array) => Value): Value;
  readonly size: number;
};

export function keyCache<Value>(keysMax: number): KeyCache<Value> {
  // A Map iterates in the order of insertion: a hit is inserted anew, so the first entry is the oldest.
  const kept = new Map<string, { readonly value: Value }>();
  return {
    get(key, make) {
      const name = Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString("latin1");
      const hit = kept.get(name);
      const entry = hit ?? { value: make(key) };
      if (hit !== undefined) kept.delete(name);
      kept.set(name, entry);
      if (kept.size > keysMax) kept.delete(kept.keys().next().value as string);
      return entry.value;
    },
    get size() {
      return kept.size;
    },
  };
}
