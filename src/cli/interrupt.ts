/** SIGINT (Ctrl-C) and SIGTERM to a command that runs long: it ends where it stands and says what it reached. */
import { constants } from "node:os";
import { printMessage } from "./output.ts";

export type EndSignal = "SIGINT" | "SIGTERM";

export type Interrupt = {
  /** The signal that came, or null. */
  readonly signal: () => EndSignal | null;
  readonly hasCome: () => boolean;
};

const END_SIGNALS: readonly EndSignal[] = ["SIGINT", "SIGTERM"];
/** What shells add to a signal's number: 130 for SIGINT, 143 for SIGTERM. */
const SIGNALLED = 128;

/** From now on the first signal is noted, and another one ends the program at once. */
export function catchInterrupt(): Interrupt {
  let came: EndSignal | null = null;
  const note = (signal: EndSignal): void => {
    came = signal;
    for (const each of END_SIGNALS) process.off(each, note);
    printMessage(`${signal}: ending where it stands; another one ends it at once`);
  };
  for (const each of END_SIGNALS) process.on(each, note);
  return { signal: () => came, hasCome: () => came !== null };
}

/** As a shell tells it. */
export function exitOfSignal(signal: EndSignal): number {
  return SIGNALLED + constants.signals[signal];
}
