/** A durable state as text, to be compared: what the log folds to and what the agent has must read the same. */
import type { State } from "../core/agent/state.ts";
import { equalBytes, toHex } from "../core/base/bytes.ts";
import type { AnyRecord } from "../core/record/record.ts";

/** Every durable value as text, maps in order of their keys: two states are equal when their texts are. */
export function dumpState(state: State): string {
  return JSON.stringify(plain(state), null, 1);
}

/** True where `dumpState` gives the same text of both, at a fraction of the work. */
export function sameState(a: State, b: State): boolean {
  return isSame(a, b);
}

function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (a instanceof Uint8Array) return b instanceof Uint8Array && equalBytes(a, b);
  if (a instanceof Map) return b instanceof Map && isSameMap(a, b);
  // Members of a state's sets are strings and numbers.
  if (a instanceof Set) return b instanceof Set && a.size === b.size && [...a].every((each) => b.has(each));
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((each, i) => isSame(each, b[i]));
  }
  return isRecord(a) || isRecord(b) ? plain(a) === plain(b) : isSameObject(a, b);
}

function isSameMap(a: ReadonlyMap<unknown, unknown>, b: ReadonlyMap<unknown, unknown>): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) if (!b.has(key) || !isSame(value, b.get(key))) return false;
  return true;
}

function isSameObject(a: object, b: object): boolean {
  const [these, those] = [Object.entries(a), b as Readonly<Record<string, unknown>>];
  const isEqual = ([name, value]: [string, unknown]): boolean =>
    name === "bytes" || (Object.hasOwn(those, name) && isSame(value, those[name]));
  return these.length === Object.keys(those).length && these.every(isEqual);
}

function isRecord(value: object): value is AnyRecord {
  return "envelope" in value && "id" in value;
}

function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value);
  if (typeof value === "bigint") return `${value}n`;
  if (value instanceof Map) return [...value].map(([k, v]) => [k, plain(v)]).sort(byKey);
  if (value instanceof Set) return [...value].map(plain).sort();
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  // A record is its id with its signature: the rest follows from its payload.
  if (isRecord(value)) {
    const { id, envelope } = value;
    return `${toHex(id)} ${envelope.signatures.map(({ signature }) => toHex(signature).slice(0, 8)).join(" ")}`;
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== "bytes")
      .map(([name, each]) => [name, plain(each)])
      .sort(byKey),
  );
}

function byKey(a: readonly unknown[], b: readonly unknown[]): number {
  return String(a[0]) < String(b[0]) ? -1 : 1;
}
