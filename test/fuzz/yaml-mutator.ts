/** Changes that know YAML as operators write it: lines moved, doubled, indented, and other values behind a key. */
import type { Chance } from "../../src/sim/chance.ts";
import type { Mutator } from "./mutator.ts";

const VALUES: readonly [string, ...string[]] = [
  "",
  "0",
  "-1",
  "1e999",
  "0x10",
  "true",
  "~",
  "''",
  '"\\u0000"',
  "[]",
  "{}",
  "[[[[[]]]]]",
  "{a: {b: c}}",
  "&a [x, *a]",
  "*a",
  "!!binary aGk=",
  "!!js/function x",
  "|",
  ">-",
  "- a",
  "433.05MHz",
  "433.05",
  "-10dBm EIRP",
  "10min",
  "999999999999999999999h",
  "0.0000000001deg",
  "2026-02-30T00:00:00Z",
  "12 EUR",
  "? a",
  "a: b: c",
  "#",
  "é📡",
  "__proto__",
  "<<: *a",
  "x".repeat(300),
];

export const yamlMutator: Mutator = (chance, input, other) => {
  const lines = textOf(input).split("\n");
  const others = textOf(other).split("\n");
  const at = chance.below(lines.length);
  const line = lines[at] ?? "";
  const action = chance.below(12);
  if (action === 0) lines.splice(at, 1);
  else if (action === 1) lines.splice(at, 0, others[chance.below(others.length)] ?? "");
  else if (action === 2) lines.splice(chance.below(lines.length), 0, line);
  else if (action === 3) lines[at] = `${" ".repeat(chance.below(7))}${line.trimStart()}`;
  else lines[at] = lineOf(chance, line);
  return new Uint8Array(Buffer.from(lines.join("\n"), "utf8"));
};

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

/** Another value behind its colon, a key renamed, or one letter. */
function lineOf(chance: Chance, line: string): string {
  const colon = line.indexOf(":");
  const action = chance.below(10);
  if (colon >= 0 && action < 6) return `${line.slice(0, colon + 1)} ${chance.pick(VALUES)}`;
  if (colon >= 0 && action === 6) return `${chance.pick(VALUES)}${line.slice(colon)}`;
  const at = chance.below(line.length + 1);
  const letter = chance.pick([
    "",
    "0",
    "9",
    ".",
    "-",
    "e",
    ":",
    " ",
    "[",
    "]",
    "{",
    ",",
    '"',
    "&",
    "*",
    "\t",
  ]);
  return line.slice(0, at) + letter + line.slice(at + chance.below(2));
}
