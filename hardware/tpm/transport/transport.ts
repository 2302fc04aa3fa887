/** The way to a TPM: command bytes out, response bytes back. */
import { PortError } from "../../../src/ports/port-error.ts";

export interface TpmTransport {
  /**
   * Sends one whole command (at most FRAME_BYTES_MAX) and resolves with one whole response. One command may be in
   * flight; the caller sees to that. Rejects with PortError `tpm-lost`: whether the TPM executed the command is
   * then unknown, and the transport is of no more use.
   */
  exchange(command: Uint8Array): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Opens a fresh way to the same TPM. Rejects with PortError `tpm-lost`. */
export type Connect = () => Promise<TpmTransport>;

/** Retryable: a later call connects again and makes its transient objects anew. */
export function tpmLost(why: string, cause?: unknown): PortError {
  return new PortError("tpm", "tpm-lost", `the TPM is not reachable: ${why}`, true, cause);
}
