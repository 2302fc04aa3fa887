/** What one simulated command comes to, and how a handler is tied to its table entry. */
import type { Command } from "../codec/command.ts";
import { FAULT, type Source } from "../codec/field.ts";
import { type Acknowledgement, encodeResponse } from "../codec/frame.ts";
import type { Machine } from "./machine.ts";

export type Outcome<R> =
  | { readonly kind: "done"; readonly handle: number | null; readonly response: R }
  | { readonly kind: "refused"; readonly code: number };

export function done<R>(response: R, handle: number | null = null): Outcome<R> {
  return { kind: "done", handle, response };
}

export function refused(code: number): Outcome<never> {
  return { kind: "refused", code };
}

export type Perform<P, R> = (tpm: Machine, handles: readonly number[], parameters: P) => Outcome<R>;

type Outline = Pick<Command<object, object>, "name" | "code" | "handles" | "authorisations" | "sessions">;

/** A table entry with its handler, the types closed over. */
export type Bound = Outline & {
  /** Reads the parameters from `source`, performs, and encodes: response bytes, or a response code. */
  run(
    tpm: Machine,
    handles: readonly number[],
    source: Source,
    acknowledge: () => readonly Acknowledgement[],
  ): Uint8Array | number;
};

export function bind<P extends object, R extends object>(
  command: Command<P, R>,
  perform: Perform<P, R>,
): Bound {
  const { name, code, handles, authorisations, sessions } = command;
  return {
    name,
    code,
    handles,
    authorisations,
    sessions,
    run(tpm, given, source, acknowledge) {
      const parameters = command.parameters.read(source);
      if (source.fault !== 0) return source.fault;
      if (source.at !== source.end) return FAULT.SIZE;
      const outcome = perform(tpm, given, parameters);
      if (outcome.kind === "refused") return outcome.code;
      return encodeResponse(command, outcome.handle, outcome.response, acknowledge());
    },
  };
}

/** Trailing zeros of a password do not count (part 1 §19.6.4). */
export function withoutZeros(secret: Uint8Array): Uint8Array {
  let length = secret.length;
  while (length > 0 && secret[length - 1] === 0) length--;
  return secret.slice(0, length);
}
