/** Opens a port and keeps trying: missing hardware never stops the daemon (DESIGN §4). */
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import { PortError } from "../ports/port-error.ts";
import { pause } from "./pause.ts";

const FIRST_PAUSE_US = 500_000;
const LAST_PAUSE_US = 10_000_000;

export type RetryParts = {
  readonly clock: Clock;
  readonly log: Log;
  readonly port: string;
  readonly waiting: Map<string, string>;
};

/** Rejects only with what trying again cannot mend. */
export async function openRetrying<Port>(parts: RetryParts, open: () => Promise<Port>): Promise<Port> {
  const { clock, log, port, waiting } = parts;
  for (let pauseUs = FIRST_PAUSE_US; ; pauseUs = Math.min(2 * pauseUs, LAST_PAUSE_US)) {
    try {
      const opened = await open();
      waiting.delete(port);
      return opened;
    } catch (error) {
      if (!(error instanceof PortError) || !error.retryable) throw error;
      waiting.set(port, `${error.code}: ${error.message}`);
      log.warn("not-ready", { port, reason: `${error.code}: ${error.message}` });
      await pause(clock, pauseUs);
    }
  }
}
