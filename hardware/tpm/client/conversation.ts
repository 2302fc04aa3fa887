/** Typed commands over one transport: encode, exchange, decode, and a bounded patience with a busy TPM. */
import type { Clock } from "../../../src/ports/clock.ts";
import { PortError } from "../../../src/ports/port-error.ts";
import type { Command } from "../codec/command.ts";
import { RC } from "../codec/constants.ts";
import { decodeResponse, encodeCommand } from "../codec/frame.ts";
import type { TpmTransport } from "../transport/transport.ts";

export type Success<R> = { readonly kind: "success"; readonly handle: number; readonly response: R };
export type Answer<R> = Success<R> | { readonly kind: "code"; readonly code: number };

export type Conversation = {
  /** The TPM's answer, a refusal as its response code; `sessions` as `encodeCommand` has them. Rejects with `tpm-lost`, or `tpm-failed` for a malformed answer. */
  ask<P extends object, R extends object>(
    command: Command<P, R>,
    handles: readonly number[],
    parameters: P,
    sessions?: readonly number[],
  ): Promise<Answer<R>>;
  /** As `ask`, but a refusal rejects with the PortError of its code. */
  run<P extends object, R extends object>(
    command: Command<P, R>,
    handles: readonly number[],
    parameters: P,
    sessions?: readonly number[],
  ): Promise<Success<R>>;
  close(): Promise<void>;
};

/** The command was not executed and may be sent again as it is (TPM 2.0 part 2 §6.6.3, warnings). */
const BUSY: readonly number[] = [RC.RETRY, RC.YIELDED, RC.CANCELED, RC.TESTING, RC.NV_RATE];
/** Trouble that ends by itself, besides. */
const MAY_PASS: readonly number[] = [...BUSY, RC.NV_UNAVAILABLE, RC.PCR_CHANGED];
const BUSY_ATTEMPTS_MAX = 12;
const BUSY_PAUSE_FIRST_US = 20_000;
const BUSY_PAUSE_MAX_US = 1_000_000;

export function conversation(clock: Clock, transport: TpmTransport): Conversation {
  const ask: Conversation["ask"] = async (command, handles, parameters, sessions) => {
    const bytes = encodeCommand(command, handles, parameters, sessions);
    let pauseUs = BUSY_PAUSE_FIRST_US;
    for (let attempt = 1; ; attempt++) {
      const answer = decodeResponse(command, await transport.exchange(bytes));
      if (answer.kind === "success") return answer;
      if (answer.kind === "malformed") {
        throw new PortError("tpm", "tpm-failed", `TPM2_${command.name}: ${answer.why}`, false);
      }
      if (!BUSY.includes(answer.code) || attempt === BUSY_ATTEMPTS_MAX) return answer;
      await pause(clock, pauseUs);
      pauseUs = Math.min(2 * pauseUs, BUSY_PAUSE_MAX_US);
    }
  };
  return {
    ask,
    async run(command, handles, parameters, sessions) {
      const answer = await ask(command, handles, parameters, sessions);
      if (answer.kind === "code") throw refusal(command.name, answer.code);
      return answer;
    },
    close: () => transport.close(),
  };
}

/**
 * `tpm-restarted`: nothing was executed, because the objects or the start-up of this conversation are gone.
 * `tpm-locked-out` heals by time alone, so it is retryable; other refusals only where the TPM was merely busy.
 */
export function refusal(commandName: string, code: number): PortError {
  const text = `TPM2_${commandName} answered 0x${code.toString(16).padStart(3, "0")}`;
  if (objectsAreGone(code)) return new PortError("tpm", "tpm-restarted", text, true);
  if (code === RC.LOCKOUT) return new PortError("tpm", "tpm-locked-out", text, true);
  return new PortError("tpm", "tpm-failed", text, MAY_PASS.includes(code));
}

function objectsAreGone(code: number): boolean {
  return code === RC.INITIALIZE || (code >= RC.REFERENCE_H0 && code <= RC.REFERENCE_H0 + 6);
}

function pause(clock: Clock, durationUs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.at(clock.read().bootUs + durationUs, resolve);
  });
}
