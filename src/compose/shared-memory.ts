/** What the agents of one simulated world need not read and judge again: twenty of them hear each record. */
import { hash } from "node:crypto";
import type { Memory } from "../core/base/memory.ts";

/** Records kept, twice as many at most: the younger half is what was asked for since the older half was full. */
const READ_MAX = 20_000;
/** Evaluations kept of one context: as its parties and its auditors hold what it names. */
const JUDGED_MAX = 4;

type Judged = { readonly rest: readonly unknown[]; readonly value: unknown };

export function sharedMemory(): Memory {
  let younger = new Map<string, unknown>();
  let older = new Map<string, unknown>();
  const judged = new WeakMap<object, Judged[]>();
  function keep(key: string, value: unknown): void {
    if (younger.size >= READ_MAX) [older, younger] = [younger, new Map()];
    younger.set(key, value);
  }
  return {
    ofBytes<T>(bytes: Uint8Array, make: (bytes: Uint8Array) => T): T {
      const key = hash("sha256", bytes, "binary");
      const recent = younger.get(key);
      if (recent !== undefined) return recent as T;
      const value = (older.get(key) as T | undefined) ?? make(bytes);
      keep(key, value);
      return value;
    },
    ofValues<T>(first: object, rest: readonly unknown[], make: () => T): T {
      const known = judged.get(first) ?? [];
      const found = known.find((each) => isSame(each.rest, rest));
      if (found !== undefined) return found.value as T;
      const value = make();
      if (known.length >= JUDGED_MAX) known.shift();
      known.push({ rest, value });
      judged.set(first, known);
      return value;
    },
  };
}

function isSame(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some.length === others.length && some.every((each, i) => each === others[i]);
}
