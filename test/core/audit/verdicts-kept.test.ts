/**
 * Every record of a whole story taken out in turn, from the bundle of all parties, of the holder alone and of its consumer
 * alone: all that the verdict then says otherwise, word for word, beside what is kept in kept/*.txt. Who changes an audit
 * sees there what else it changed; to accept that, delete the files and run with SPECTRUM_WRITE_VERDICTS=1.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Bundle } from "../../../src/core/audit/bundle.ts";
import type { NumberedCheck } from "../../../src/core/audit/verdict.ts";
import { toHex } from "../../../src/core/base/bytes.ts";
import type { AnyRecord } from "../../../src/core/record/record.ts";
import { readRecord } from "../../../src/core/record/record.ts";
import { readEnvelope } from "../../../src/core/wire/envelope.ts";
import { primitives } from "../../support/lineage-builder.ts";
import { consumersBundle, holdersBundle, rootOf, type Story, story, verify, wholeBundle } from "./story.ts";

const WHOLE_ID = /[0-9a-f]{64}/g;
const told = story({ name: "kept" });

/** Of every record and lineage of the story, by hex id. */
function namesOf({ market, exporters, derived }: Story): ReadonlyMap<string, string> {
  const names = new Map([[toHex(derived.id), "lease"]]);
  const authors = ["holder", "consumer", "rival", "far", "stranger"];
  const all = [market.root, ...exporters];
  for (const [i, author] of all.entries()) {
    const name = i === 0 ? "root" : (authors[i - 1] ?? "?");
    names.set(toHex(author.lineage), name);
    for (const record of author.records())
      names.set(toHex(record.id), `${name}:${record.header.seq}:${record.kind}`);
  }
  return names;
}

function lineOf(check: NumberedCheck, names: ReadonlyMap<string, string>): string {
  const { code, subject, artifact, result, measured, required, sentence } = check;
  const about = artifact === null || artifact === subject ? subject : `${subject} of ${artifact}`;
  const sizes = [measured, required].map((each) => JSON.stringify(each)).join(" < ");
  const line = `${result} ${code} ${about} ${sizes} ${sentence}`;
  return named(line, names);
}

function named(line: string, names: ReadonlyMap<string, string>): string {
  return line.replace(WHOLE_ID, (id) => names.get(id) ?? "someone");
}

function linesOf(bundle: Bundle, of: Story, names: ReadonlyMap<string, string>): readonly string[] {
  const { checks, refusals } = verify(bundle, rootOf(of));
  const judged = refusals.map(({ rejection, code, recomputed, reason }) =>
    named(`${recomputed} refusal-of-${code} ${rejection} ${reason}`, names),
  );
  return [...checks.map((each) => lineOf(each, names)), ...judged];
}

function recordOf(envelope: Uint8Array): AnyRecord {
  const read = readEnvelope(envelope);
  const record = read.ok ? readRecord(read.value, primitives.sha256) : read;
  if (!record.ok) throw new Error("a story's records are read");
  return record.value;
}

/** What `now` says and `whole` did not, and of what nothing is said any more. */
function differences(whole: readonly string[], now: readonly string[]): readonly string[] {
  const [before, after] = [new Set(whole), new Set(now.map(topicOf))];
  const said = now.filter((line) => !before.has(line)).map((line) => `  + ${shortOf(line)}`);
  return [
    ...said,
    ...whole.filter((line) => !after.has(topicOf(line))).map((line) => `  - ${topicOf(line)}`),
  ];
}

/** Code and subject. */
function topicOf(line: string): string {
  return line.split(" ").slice(1, 3).join(" ");
}

/** What passed is known by its numbers. */
function shortOf(line: string): string {
  return line.startsWith("passed ") ? line.replace(/ < .*$/, "") : line;
}

function kept(of: Story, bundle: Bundle): string {
  const names = namesOf(of);
  const whole = linesOf(bundle, of, names);
  const lines = [...whole];
  for (const [i, { envelope }] of bundle.records.entries()) {
    lines.push(`without ${names.get(toHex(recordOf(envelope).id)) ?? "someone"}`);
    const records = bundle.records.filter((_, k) => k !== i);
    lines.push(...differences(whole, linesOf({ ...bundle, records }, of, names)));
  }
  return `${lines.join("\n")}\n`;
}

describe("the verdict on a story of which one record is missing", () => {
  test.each([
    ["all", wholeBundle],
    ["holder", holdersBundle],
    ["consumer", consumersBundle],
  ] as const)("says what it said, in the bundle of: %s", (name, bundle) => {
    const file = new URL(`kept/${name}.txt`, import.meta.url);
    const text = kept(told, bundle(told));
    if (process.env["SPECTRUM_WRITE_VERDICTS"] === "1" && !existsSync(file)) writeFileSync(file, text);
    expect(text.split("\n")).toEqual(readFileSync(file, "utf8").split("\n"));
  });
});
