/** Changes that know NMEA 0183: fields of a sentence, its checksum made right again most of the time. */
import type { Chance } from "../../src/sim/chance.ts";
import type { Mutator } from "./mutator.ts";

const FIELDS: readonly [string, ...string[]] = [
  "",
  "0",
  "-1",
  "1",
  "3",
  "A",
  "V",
  "N",
  "S",
  "E",
  "W",
  "M",
  "999999",
  "1e9",
  "Infinity",
  "9000.0000",
  "18000.0001",
  "235960.00",
  "310299",
  "é",
  "4717.11399",
];

export const nmeaMutator: Mutator = (chance, input, other) => {
  const lines = textOf(input).split("\n");
  const others = textOf(other).split("\n");
  const at = chance.below(lines.length);
  const action = chance.below(8);
  if (action === 0) lines.splice(at, 1);
  else if (action === 1) lines.splice(at, 0, others[chance.below(others.length)] ?? "");
  else lines[at] = sentenceOf(chance, lines[at] ?? "");
  return new Uint8Array(Buffer.from(lines.join("\n"), "latin1"));
};

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

function sentenceOf(chance: Chance, line: string): string {
  const body = line.replace(/^\$/, "").split("*")[0] ?? "";
  const fields = body.split(",");
  const at = chance.below(fields.length);
  const action = chance.below(12);
  if (action === 0) fields.splice(at, 1);
  else if (action === 1) fields.splice(at, 0, chance.pick(FIELDS));
  else fields[at] = chance.hits(600) ? chance.pick(FIELDS) : digitChanged(chance, fields[at] ?? "");
  return checksummed(fields.join(","), chance.hits(50));
}

function digitChanged(chance: Chance, field: string): string {
  const at = chance.below(field.length + 1);
  return field.slice(0, at) + chance.pick(["0", "9", ".", "-", "", "A"]) + field.slice(at + chance.below(2));
}

export function checksummed(body: string, wrong = false): string {
  let sum = wrong ? 1 : 0;
  for (let i = 0; i < body.length; i++) sum ^= body.charCodeAt(i) & 0xff;
  return `$${body}*${sum.toString(16).toUpperCase().padStart(2, "0")}`;
}
