/** Both readers of the control socket (adapters/control): a stream cut into lines, a line into a request or an answer. */
import {
  decodeAnswer,
  decodeRequest,
  encodeAnswer,
  encodeRequest,
  lineCutter,
} from "../../../src/adapters/control/control-line.ts";
import { jsonLineMutator } from "../json-mutator.ts";
import { plainMutators } from "../mutator.ts";
import { breach, type Target } from "../target.ts";
import { linesOfText, sameInPieces } from "./streams.ts";

/** Shorter than the socket's own, so that too long lines are met too. */
const LINE_BYTES_MAX = 1_024;

/** The same lines however they are cut, none held beyond the bound; what is read is written and read as the same. */
export function controlTarget(decode: typeof decodeRequest = decodeRequest): Target {
  return {
    name: "control",
    seeds,
    mutators: [...plainMutators, ...Array<typeof jsonLineMutator>(12).fill(jsonLineMutator)],
    bytesMax: 4_096,
    run(input) {
      sameInPieces(input, (pieces) => linesOf(pieces).map((line) => line.toString("latin1")));
      for (const line of linesOf([input])) {
        const request = decode(line);
        if (request !== null) {
          if (!(request.id > 0)) breach("a request has a number from 1");
          same(request, decode(withoutEnd(encodeRequest(request.id, request.message))));
        }
        const answer = decodeAnswer(line);
        if (answer !== null) same(answer, decodeAnswer(withoutEnd(encodeAnswer(answer.id, answer.message))));
      }
    },
  };
}

/** Up to the first line that is too long; in one piece with it, lines before it are lost with the connection. */
function linesOf(pieces: readonly Uint8Array[]): readonly Buffer[] {
  const cutter = lineCutter(LINE_BYTES_MAX);
  const lines: Buffer[] = [];
  for (const piece of pieces) {
    const more = cutter.push(piece);
    if (more === null) return [];
    if (cutter.held > LINE_BYTES_MAX) breach("what is held is bounded");
    lines.push(...(more as Buffer[]));
  }
  return lines;
}

function withoutEnd(line: Buffer): Buffer {
  return line.subarray(0, line.length - 1);
}

function same(read: unknown, again: unknown): void {
  if (JSON.stringify(read) !== JSON.stringify(again)) breach("what is read is written and read as the same");
}

function seeds(): readonly Uint8Array[] {
  const offer = "0a".repeat(32);
  const requests = [
    { id: 1, verb: "status", arguments: {} },
    { id: 2, verb: "accept", arguments: { offer } },
    { id: 3, verb: "terminate" },
  ];
  const answers = [
    { id: 1, ok: true, result: { ready: true, leases: [] } },
    { id: 2, ok: true, result: null },
    { id: 0, ok: false, code: "usage", message: "unknown verb", exit: 2 },
  ];
  return [
    linesOfText(...requests, ...answers),
    ...[...requests, ...answers].map((each) => linesOfText(each)),
  ];
}
