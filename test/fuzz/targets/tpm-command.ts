/** The simulated TPM under a sequence of any commands (hardware/tpm/simulator), its answers read by the client. */
import { FRAME_BYTES_MAX, TAG } from "../../../hardware/tpm/codec/constants.ts";
import { announcedBytes, decodeResponse } from "../../../hardware/tpm/codec/frame.ts";
import { dispatch } from "../../../hardware/tpm/simulator/dispatch.ts";
import type { Machine } from "../../../hardware/tpm/simulator/machine.ts";
import { breach, type Target } from "../target.ts";
import { framesOf, joined, tpmMutator } from "../tpm-mutator.ts";
import { type AnyCommand, commands } from "./tpm-commands.ts";
import { conversation, freshMachine } from "./tpm-conversation.ts";

const HEADER_BYTES = 10;
const PASSWORD_BYTES = 9;
const SLOTS = 3;

type Dispatch = (tpm: Machine, command: Uint8Array) => Uint8Array;

/** Any bytes get a response: bounded, as long as it says, without a body where refused, and read by the client. */
export function tpmCommandTarget(answer: Dispatch = dispatch): Target {
  return {
    name: "tpm-command",
    seeds() {
      const asked = conversation().map((each) => each.asked);
      return [
        joined(asked.slice(0, 2)),
        joined(asked.slice(0, 12)),
        joined([...asked.slice(0, 1), ...asked.slice(15)]),
      ];
    },
    mutators: [tpmMutator],
    bytesMax: FRAME_BYTES_MAX,
    run(input) {
      const tpm = freshMachine();
      for (const frame of framesOf(input)) {
        checkOne(frame, answer(tpm, frame));
        if (tpm.slots.length !== SLOTS) breach("there are three slots");
      }
    },
  };
}

function checkOne(asked: Uint8Array, answer: Uint8Array): void {
  if (answer.length > FRAME_BYTES_MAX) breach("a response is bounded");
  if (announcedBytes(answer) !== answer.length) breach("a response is as long as it says");
  const view = new DataView(answer.buffer, answer.byteOffset, answer.byteLength);
  if (view.getUint32(6) !== 0) {
    if (answer.length !== HEADER_BYTES || view.getUint16(0) !== TAG.PLAIN) breach("a refusal has no body");
    return;
  }
  const code = new DataView(asked.buffer, asked.byteOffset, asked.byteLength).getUint32(6);
  const command = commands.find((each) => each.code === code);
  if (command === undefined) breach("an unknown command is refused");
  // Our client sends as many sessions as the command needs, and reads no other answers.
  if (!hasOurSessions(asked, command)) return;
  const read = decodeResponse(command, answer);
  if (read.kind !== "success")
    breach(`the client reads what ${command.name} answers: ${JSON.stringify(read)}`);
}

/** No session area where none is needed, else one as long as that many empty passwords. */
function hasOurSessions(asked: Uint8Array, { handles, authorisations }: AnyCommand): boolean {
  const view = new DataView(asked.buffer, asked.byteOffset, asked.byteLength);
  if (authorisations === 0) return view.getUint16(0) === TAG.PLAIN;
  return view.getUint32(HEADER_BYTES + 4 * handles.length) === PASSWORD_BYTES * authorisations;
}
