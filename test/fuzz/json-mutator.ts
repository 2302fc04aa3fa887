/** Changes that know lines of JSON: other values, absent, renamed and doubled names, numbers that no double holds. */
import type { Chance } from "../../src/sim/chance.ts";
import type { Mutator } from "./mutator.ts";
import { joined, replaced } from "./room.ts";

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** Marks text that is to stand in the line as it is, since JSON.stringify would not write it. */
const RAW = "raw:";
const RAW_TEXT = new RegExp(`"${RAW}((?:[^"\\\\]|\\\\.)*)"`, "g");

const VALUES: readonly [Json, ...Json[]] = [
  null,
  true,
  false,
  0,
  -1,
  1,
  2,
  3,
  8,
  0.5,
  -0.000_000_1,
  90,
  180.1,
  1e15,
  2 ** 53,
  -(2 ** 53),
  1e308,
  "",
  "a",
  "\u0000",
  "\ud800",
  "x".repeat(300),
  "2017-06-30T23:59:60.999Z",
  "2255-01-01T00:00:00Z",
  "1980-02-30T00:00:00.1234567890Z",
  `${RAW}1e999`,
  `${RAW}-0`,
  `${RAW}1e-400`,
  `${RAW}9007199254740993`,
  `${RAW}{"a":1,"a":2}`,
  `${RAW}01`,
  [],
  {},
  [[]],
];

const NAMES: readonly [string, ...string[]] = ["__proto__", "constructor", "", "class", "a"];

export const jsonLineMutator: Mutator = (chance, input, other) => {
  const ends = lineEnds(input);
  const at = chance.below(ends.length);
  const [from, end] = [at === 0 ? 0 : (ends[at - 1] ?? 0) + 1, ends[at] ?? input.length];
  const action = chance.below(10);
  if (action === 0) return replaced(input, from, Math.min(end + 1, input.length), NOTHING);
  if (action === 1) {
    const others = lineEnds(other);
    const which = chance.below(others.length);
    const taken = other.subarray(which === 0 ? 0 : (others[which - 1] ?? 0) + 1, others[which]);
    return joined([input.subarray(0, from), taken, LINE_FEED, input.subarray(from)]);
  }
  return replaced(input, from, end, Buffer.from(lineOf(chance, textOf(input.subarray(from, end))), "utf8"));
};

const NOTHING = new Uint8Array(0);
const LINE_FEED = Uint8Array.of(0x0a);

/** Where each line ends: at its line feed, or at the end of `bytes`. */
function lineEnds(bytes: Uint8Array): readonly number[] {
  const ends: number[] = [];
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) ends.push(at);
  ends.push(bytes.length);
  return ends;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

function lineOf(chance: Chance, line: string): string {
  const value = parsed(line);
  if (value === undefined) return JSON.stringify(chance.pick(VALUES));
  const text = JSON.stringify(changed(chance, value));
  if (!text.includes(RAW)) return text;
  return text.replaceAll(RAW_TEXT, (_all, raw: string) => raw.replaceAll('\\"', '"'));
}

function parsed(line: string): Json | undefined {
  try {
    return JSON.parse(line) as Json;
  } catch {
    return undefined;
  }
}

function changed(chance: Chance, value: Json): Json {
  if (value === null || typeof value !== "object") return scalar(chance, value);
  const names = Object.keys(value);
  const name = names[chance.below(Math.max(1, names.length))];
  if (name === undefined || chance.hits(50)) return chance.pick(VALUES);
  if (Array.isArray(value)) return items(chance, value);
  const entries = Object.entries(value);
  if (chance.hits(100)) return Object.fromEntries(entries.filter(([each]) => each !== name));
  if (chance.hits(60))
    return Object.fromEntries(entries.map(([each, of]) => [each === name ? chance.pick(NAMES) : each, of]));
  if (chance.hits(60)) return Object.fromEntries([...entries.slice(1), ...entries.slice(0, 1)]);
  return Object.fromEntries(entries.map(([each, of]) => [each, each === name ? changed(chance, of) : of]));
}

function items(chance: Chance, value: readonly Json[]): Json[] {
  const at = chance.below(value.length);
  const item = value[at] ?? null;
  if (chance.hits(200)) return value.filter((_, i) => i !== at);
  if (chance.hits(200)) return [...value, ...Array<Json>(chance.pick([1, 2, 70])).fill(item)];
  return value.map((each, i) => (i === at ? changed(chance, each) : each));
}

function scalar(chance: Chance, value: Json): Json {
  if (typeof value === "string" && value.length > 0 && chance.hits(500)) {
    const at = chance.below(value.length);
    const letter = chance.pick(["", "A", "0", "=", "-", "_", " ", "é"]);
    return value.slice(0, at) + letter + value.slice(at + chance.below(2));
  }
  if (typeof value === "number" && chance.hits(400)) return value + chance.pick([-1, 1, 0.1, -1_000_000]);
  return chance.pick(VALUES);
}
