/** One step of a generated script, as its table entry encodes it or broken in one place. */
import type { Command } from "../../hardware/tpm/codec/command.ts";
import { encodeCommand } from "../../hardware/tpm/codec/frame.ts";
import type { EccPublic, Ticket } from "../../hardware/tpm/codec/structures.ts";
import type { Chance } from "./tpm-chance.ts";
import { mutated } from "./tpm-mutation.ts";

/** A child key that one machine made: the private part is the machine's own, so steps name it by number. */
export type Blob = { readonly private: Uint8Array; readonly public: EccPublic };

/** What only the machine that said it takes again: wrapped keys, and tickets of verified signatures. */
export type Own = { readonly blobs: Blob[]; readonly tickets: Ticket[] };

export type AnyCommand = Command<object, object>;

export type Step =
  | {
      readonly kind: "command";
      readonly text: string;
      readonly command: AnyCommand;
      /** Bytes for the machine that answered with `own`. */
      bytes(own: Own): Uint8Array;
    }
  | { readonly kind: "power-cycle"; readonly text: string };

/** A step as its table entry encodes it, then broken in one place for one in eight. */
export function made<P extends object, R extends object>(
  chance: Chance,
  command: Command<P, R>,
  handles: readonly number[],
  parameters: P,
  sessions: readonly number[] = [],
): Step {
  const break_ = chance.oneIn(8) ? mutated(chance, command) : null;
  const step = plain(command, handles, parameters, sessions);
  if (break_ === null || step.kind !== "command") return step;
  return { ...step, text: `${step.text} ${break_.text}`, bytes: (own) => break_.apply(step.bytes(own)) };
}

export function plain<P extends object, R extends object>(
  command: Command<P, R>,
  handles: readonly number[],
  parameters: P,
  sessions: readonly number[] = [],
): Step {
  const shown = handles.map((handle) => handle.toString(16)).join(",");
  return {
    kind: "command",
    text: `${command.name}(${shown}${"type" in parameters ? ` type ${parameters.type}` : ""})`,
    command: command as unknown as AnyCommand,
    bytes: () => encodeCommand(command, handles, parameters, sessions),
  };
}
