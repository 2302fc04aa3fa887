/** What reads a TPM's responses (hardware/tpm/codec): frames in pairs, the number of the command and its answer. */
import { FRAME_BYTES_MAX, TAG } from "../../../hardware/tpm/codec/constants.ts";
import { encoded } from "../../../hardware/tpm/codec/field.ts";
import { announcedBytes, type Decoded, decodeResponse } from "../../../hardware/tpm/codec/frame.ts";
import { breach, type Target } from "../target.ts";
import { framesOf, joined, tpmMutator } from "../tpm-mutator.ts";
import { sameBytes } from "./canonical.ts";
import { type AnyCommand, commands } from "./tpm-commands.ts";
import { conversation } from "./tpm-conversation.ts";

/** Two empty blobs and the attributes. */
const LEAST_ACKNOWLEDGEMENT_BYTES = 5;

type ReadResponse = (command: AnyCommand, bytes: Uint8Array) => Decoded<object>;

/** The parameters that are read are written as the same bytes; success only under a response's tag and size. */
export function tpmResponseTarget(read: ReadResponse = decodeResponse): Target {
  return {
    name: "tpm-response",
    seeds: () =>
      conversation().map(({ command, answer }) => joined([Uint8Array.of(commands.indexOf(command)), answer])),
    mutators: [tpmMutator],
    bytesMax: FRAME_BYTES_MAX,
    run(input) {
      const frames = framesOf(input);
      for (let i = 0; i + 1 < frames.length; i += 2) {
        const command = commands[(frames[i]?.[0] ?? 0) % commands.length];
        const answer = frames[i + 1];
        if (command !== undefined && answer !== undefined) checkOne(command, answer, read);
      }
    },
  };
}

function checkOne(command: AnyCommand, bytes: Uint8Array, read: ReadResponse): void {
  const decoded = read(command, bytes);
  if (decoded.kind !== "success") return;
  const tag = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  if (announcedBytes(bytes) !== bytes.length) breach("a response is as long as it announces");
  if (tag !== (command.authorisations > 0 ? TAG.SESSIONS : TAG.PLAIN))
    breach(`a response has sessions exactly where its command had them: ${command.name}`);
  const from = 10 + (command.answersHandle ? 4 : 0) + (tag === TAG.SESSIONS ? 4 : 0);
  const written = encoded(command.response, decoded.response);
  sameBytes(`the answer of ${command.name}`, bytes.subarray(from, from + written.length), written);
  const acknowledged = bytes.length - from - written.length;
  if (
    acknowledged < LEAST_ACKNOWLEDGEMENT_BYTES * command.authorisations ||
    (tag === TAG.PLAIN && acknowledged > 0)
  )
    breach("a response is read to its end");
}
