/** Device or network trouble. Caught only where effects are performed (src/agent, src/compose.ts). */
export class PortError extends Error {
  override readonly name = "PortError";
  readonly port: string;
  /** Stable id from the error registry, e.g. `tpm-locked-out`, `store-full`. */
  readonly code: string;
  /** True when the same call may go through later without anybody's help. */
  readonly retryable: boolean;

  constructor(port: string, code: string, message: string, retryable: boolean, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.port = port;
    this.code = code;
    this.retryable = retryable;
  }
}
