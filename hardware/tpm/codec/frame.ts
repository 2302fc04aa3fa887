/** The envelope of a command and of a response: header, handles, authorisations, parameters (TPM 2.0 part 1 §18). */
import { concat } from "../../../src/core/base/bytes.ts";
import type { Command } from "./command.ts";
import { FRAME_BYTES_MAX, HIERARCHY, isSession, RC, TAG } from "./constants.ts";
import type { Field, Sink } from "./field.ts";
import { blob, checked, encoded, FAULT, record, sourceOf, u8, u16, u32 } from "./field.ts";

const HEADER_BYTES = 10;

/** TPMS_AUTH_COMMAND: the empty password (RS_PW) or a policy session, each of which ends with its command. */
export type Authorisation = {
  readonly session: number;
  readonly nonce: Uint8Array;
  readonly attributes: number;
  readonly secret: Uint8Array;
};

export const authorisation: Field<Authorisation> = record<Authorisation>({
  session: checked(u32, FAULT.VALUE, (session) => isSession(session) || session === HIERARCHY.PASSWORD),
  nonce: blob(64),
  attributes: u8,
  secret: blob(64),
});

const NOTHING = new Uint8Array(0);

/** TPMS_AUTH_RESPONSE. */
export type Acknowledgement = {
  readonly nonce: Uint8Array;
  readonly attributes: number;
  readonly secret: Uint8Array;
};
const acknowledgement: Field<Acknowledgement> = record<Acknowledgement>({
  nonce: blob(64),
  attributes: u8,
  secret: blob(64),
});

/** Bytes of a command; `sessions` authorise its handles, in order, and the empty password where none is given. */
export function encodeCommand<P extends object, R extends object>(
  command: Command<P, R>,
  handles: readonly number[],
  parameters: P,
  sessions: readonly number[] = [],
): Uint8Array {
  const body: Sink = [];
  for (const handle of handles) u32.write(body, handle);
  if (command.authorisations > 0) {
    const area: Sink = [];
    for (let i = 0; i < command.authorisations; i++) {
      const session = sessions[i] ?? HIERARCHY.PASSWORD;
      authorisation.write(area, { session, nonce: NOTHING, attributes: 0, secret: NOTHING });
    }
    const bytes = concat(...area);
    u32.write(body, bytes.length);
    body.push(bytes);
  }
  command.parameters.write(body, parameters);
  return framed(command.authorisations > 0 ? TAG.SESSIONS : TAG.PLAIN, command.code, concat(...body));
}

/** Header {tag, size, code or response code} and body. */
export function framed(tag: number, code: number, body: Uint8Array): Uint8Array {
  const head: Sink = [];
  u16.write(head, tag);
  u32.write(head, HEADER_BYTES + body.length);
  u32.write(head, code);
  return concat(...head, body);
}

export function encodeResponse<P extends object, R extends object>(
  command: Command<P, R>,
  handle: number | null,
  response: R,
  acknowledgements: readonly Acknowledgement[] = [],
): Uint8Array {
  const body: Sink = [];
  if (handle !== null) u32.write(body, handle);
  const parameters = encoded(command.response, response);
  const hasSessions = acknowledgements.length > 0;
  if (hasSessions) u32.write(body, parameters.length);
  body.push(parameters);
  for (const each of acknowledgements) acknowledgement.write(body, each);
  return framed(hasSessions ? TAG.SESSIONS : TAG.PLAIN, RC.SUCCESS, concat(...body));
}

/** Size that a header announces, or null while fewer than six bytes are here. Out of bounds: -1. */
export function announcedBytes(bytes: Uint8Array): number | null {
  if (bytes.length < 6) return null;
  const source = sourceOf(bytes);
  source.at = 2;
  const size = u32.read(source);
  return size < HEADER_BYTES || size > FRAME_BYTES_MAX ? -1 : size;
}

export type Decoded<R> =
  | { readonly kind: "success"; readonly handle: number; readonly response: R }
  /** The TPM's own word: its response code. */
  | { readonly kind: "code"; readonly code: number }
  | { readonly kind: "malformed"; readonly why: string };

/** What the TPM answered. `bytes` come from a device or a socket: at most FRAME_BYTES_MAX, believed in nothing. */
export function decodeResponse<P extends object, R extends object>(
  command: Command<P, R>,
  bytes: Uint8Array,
): Decoded<R> {
  const source = sourceOf(bytes);
  const tag = u16.read(source);
  const size = u32.read(source);
  const code = u32.read(source);
  if (source.fault !== 0 || size !== bytes.length)
    return { kind: "malformed", why: "header and length differ" };
  if (code !== RC.SUCCESS) return { kind: "code", code };
  // Our commands carry one authorisation for each handle that needs it, and the answer one acknowledgement for each.
  if (tag !== (command.authorisations > 0 ? TAG.SESSIONS : TAG.PLAIN)) {
    return { kind: "malformed", why: `${command.name} answered under tag ${tag.toString(16)}` };
  }
  const handle = command.answersHandle ? u32.read(source) : 0;
  const all = source.end;
  if (tag === TAG.SESSIONS) {
    const length = u32.read(source);
    if (source.fault !== 0 || source.at + length > source.end) {
      return { kind: "malformed", why: "parameter area longer than the response" };
    }
    source.end = source.at + length;
  }
  const response = command.response.read(source);
  if (source.fault !== 0 || source.at !== source.end) {
    return { kind: "malformed", why: `${command.name} answered a structure that is not its own` };
  }
  source.end = all;
  for (let i = 0; i < command.authorisations; i++) acknowledgement.read(source);
  if (source.fault !== 0 || source.at !== all) {
    return {
      kind: "malformed",
      why: `${command.name} answered with other acknowledgements than it was given`,
    };
  }
  return { kind: "success", handle, response };
}
