/**
 * One line of JSON a message over the control socket: `{"id":1,"verb":"status","arguments":{}}` and
 * `{"id":1,"ok":true,"result":…}` or `{"id":1,"ok":false,"code":…,"message":…,"exit":…}`. Answers may come in another
 * order than their requests; an answer with id 0 is to the connection as a whole.
 */
import type { ControlAnswer, ControlRequest } from "../../ports/control.ts";

export const REQUEST_BYTES_MAX: number = 64 * 1024;
export const ANSWER_BYTES_MAX: number = 4 * 1024 * 1024;
export const CONNECTION_ID = 0;
const EXIT_MAX = 255;
const VERB = /^[a-z][a-z0-9-]{0,63}$/;

export type Numbered<T> = { readonly id: number; readonly message: T };

export function encodeRequest(id: number, request: ControlRequest): Buffer {
  return line({ id, verb: request.verb, arguments: request.arguments });
}

/** The answer's line; one that would be too long becomes `control-answer-too-large`. */
export function encodeAnswer(id: number, answer: ControlAnswer): Buffer {
  const bytes = line(answer.ok ? { id, ok: true, result: answer.result ?? null } : { id, ...answer });
  if (bytes.length <= ANSWER_BYTES_MAX) return bytes;
  const message = `the answer has ${bytes.length} bytes, and at most ${ANSWER_BYTES_MAX} are sent`;
  return line({ id, ok: false, code: "control-answer-too-large", message, exit: 2 });
}

/** Null for what is no request. Anybody who may open the socket writes this. */
export function decodeRequest(bytes: Uint8Array): Numbered<ControlRequest> | null {
  const value = parseObject(bytes);
  if (value === null || !isId(value["id"]) || value["id"] === CONNECTION_ID) return null;
  const verb = value["verb"];
  const given = value["arguments"] ?? {};
  if (typeof verb !== "string" || !VERB.test(verb) || !isObject(given)) return null;
  return { id: value["id"], message: { verb, arguments: given } };
}

export function decodeAnswer(bytes: Uint8Array): Numbered<ControlAnswer> | null {
  const value = parseObject(bytes);
  if (value === null || !isId(value["id"])) return null;
  const { id, ok, code, message, exit } = value;
  if (ok === true && "result" in value) return { id, message: { ok, result: value["result"] } };
  const failed = ok === false && typeof code === "string" && typeof message === "string";
  return failed && isExit(exit) ? { id, message: { ok, code, message, exit } } : null;
}

/**
 * Cuts a stream into lines of at most `bytesMax`. `push` returns the lines that are complete, without their ends, or
 * null when one is too long: then the stream is lost.
 */
export function lineCutter(bytesMax: number): {
  push(piece: Uint8Array): Uint8Array[] | null;
  readonly held: number;
} {
  let parts: Uint8Array[] = [];
  let held = 0;
  return {
    get held() {
      return held;
    },
    push(piece) {
      const lines: Uint8Array[] = [];
      let from = 0;
      for (let end = piece.indexOf(0x0a); end >= 0; end = piece.indexOf(0x0a, from)) {
        if (held + end - from > bytesMax) return null;
        lines.push(Buffer.concat([...parts, piece.subarray(from, end)]));
        parts = [];
        held = 0;
        from = end + 1;
      }
      if (from < piece.length) parts.push(piece.subarray(from));
      held += piece.length - from;
      return held > bytesMax ? null : lines;
    },
  };
}

function line(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`, "utf8");
}

function parseObject(bytes: Uint8Array): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** A failure's exit code: what the system takes for one, and not that of success. */
function isExit(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= EXIT_MAX;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isId(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
