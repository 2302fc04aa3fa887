/** A durable state as text, to be compared: what the log folds to and what the agent has must read the same. */
import type { State } from "../core/agent/state.ts";
import { toHex } from "../core/base/bytes.ts";
import type { AnyRecord } from "../core/record/record.ts";

/** Every durable value as text, maps in order of their keys: two states are equal when their texts are. */
export function dumpState(state: State): string {
  return JSON.stringify(plain(state), null, 1);
}

function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value);
  if (typeof value === "bigint") return `${value}n`;
  if (value instanceof Map) return [...value].map(([k, v]) => [k, plain(v)]).sort(byKey);
  if (value instanceof Set) return [...value].map(plain).sort();
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  // A record is its id with its signature: the rest follows from its payload.
  if ("envelope" in value && "id" in value) {
    const { id, envelope } = value as AnyRecord;
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
