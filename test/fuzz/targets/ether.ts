/** The world of simulated devices (hardware/world): its lines both ways, and its transmit log. */
import { createHash } from "node:crypto";
import { lineReader, writeLine } from "../../../hardware/world/ether-lines.ts";
import {
  etherAnswer,
  etherAnswerFields,
  etherRequest,
  etherRequestFields,
} from "../../../hardware/world/ether-wire.ts";
import { memoryTransmitLog, readTransmitLog } from "../../../hardware/world/transmit-log.ts";
import { jsonLineMutator } from "../json-mutator.ts";
import { plainMutators } from "../mutator.ts";
import { breach, type Target } from "../target.ts";
import { linesOfText, sameInPieces } from "./streams.ts";

type ReadLog = typeof readTransmitLog;

/** What is read is written and read as the same; of a log the good lines are written again, byte for byte. */
export function etherTarget(readLog: ReadLog = readTransmitLog): Target {
  return {
    name: "ether",
    seeds,
    mutators: [...plainMutators, ...Array<typeof jsonLineMutator>(12).fill(jsonLineMutator)],
    bytesMax: 8_192,
    run(input) {
      sameInPieces(input, taken);
      for (const fields of taken([input])) checkFields(fields);
      const text = Buffer.from(input).toString("utf8");
      checkLog(text, readLog);
      checkLog(chained(text), readLog);
    },
  };
}

type Fields = Readonly<Record<string, unknown>>;

function taken(pieces: readonly Uint8Array[]): readonly Fields[] {
  const lines: Fields[] = [];
  const reader = lineReader(
    (fields) => void lines.push(fields),
    (reason) => void lines.push({ reason }),
  );
  for (const piece of pieces) reader(piece);
  return lines;
}

function checkFields(fields: Fields): void {
  const request = etherRequest(fields);
  if (request !== null) same(request, etherRequest(throughLine(etherRequestFields(request))));
  const answer = etherAnswer(fields);
  if (answer !== null) same(answer, etherAnswer(throughLine(etherAnswerFields(answer.id, answer.answer))));
}

function throughLine(fields: Fields): Fields {
  return JSON.parse(writeLine(fields)) as Fields;
}

function same(read: unknown, again: unknown): void {
  if (JSON.stringify(read) !== JSON.stringify(again)) breach("what is read is written and read as the same");
}

function checkLog(text: string, readLog: ReadLog): void {
  const { damage, entries, intervals } = readLog(text);
  const lines = text.split("\n");
  if ((damage?.line ?? lines.length) - 1 !== entries.length)
    breach("each line before the damage is an entry");
  const log = memoryTransmitLog();
  for (const entry of entries) log.append(entry);
  if (
    log.text() !==
    lines
      .slice(0, entries.length)
      .map((line) => `${line}\n`)
      .join("")
  )
    breach("the good lines of a log are written again, byte for byte");
  for (const { startBootUs, endBootUs } of intervals)
    if (endBootUs !== null && endBootUs < startBootUs) breach("an emission ends after it began");
}

const FIRST_HASH = "0".repeat(64);

/** The same lines under hashes that are right, so that what stands behind the chain's check is reached. */
function chained(text: string): string {
  let hash = FIRST_HASH;
  return text
    .split("\n")
    .map((line) => {
      const body = line.replace(/,"hash":"[^"]*"\}$/, "}");
      hash = createHash("sha256").update(hash).update(body).digest("hex");
      return line === "" ? line : `${body.slice(0, -1)},"hash":"${hash}"}`;
    })
    .join("\n");
}

function seeds(): readonly Uint8Array[] {
  const [lease, cause] = ["0a".repeat(32), "0b".repeat(32)];
  const dutyCycles = [
    { lowerHz: 433_050_000, upperHz: 434_790_000, shareCentiPercent: 1_000, windowUs: 3_600_000_000 },
  ];
  const emission = {
    lowerHz: 433_050_000,
    upperHz: 433_075_000,
    eirpCentiDbm: 1_000,
    dutyCycles,
    lease,
    cause,
  };
  const lines = [
    { id: 1, do: "attach", version: 1, attachment: { emitter: "tx", feedPeriodUs: 500_000 } },
    { id: 2, do: "on", emission },
    { id: 3, do: "off", reason: "mute" },
    { id: 4, do: "feed" },
    { id: 2, state: { on: emission, sinceBootUs: 7 } },
    { id: 3, refused: { code: "malformed", message: "no such emitter" } },
  ];
  const log = memoryTransmitLog();
  for (const [i, state] of (["on", "off", "on"] as const).entries())
    log.append({
      bootUs: 1_000 * i,
      emitter: "tx",
      state,
      ...emission,
      reason: state === "on" ? "armed" : "mute",
    });
  return [...lines.map((each) => linesOfText(each)), new Uint8Array(Buffer.from(log.text()))];
}
