/** A session's channel to a guard in the same process. */
import { PortError } from "../../src/ports/port-error.ts";
import type { GuardEvent, GuardMessage, GuardResult } from "./guard/guard-wire.ts";
import type { GuardChannel } from "./guard-session.ts";

/** The guard's side: what it says to the session. */
export type LocalLine = { deliver(message: GuardMessage): void };

type Waiting = { readonly done: (result: GuardResult) => void; readonly failed: (error: PortError) => void };
type Order = (id: number, command: Parameters<GuardChannel["request"]>[0]) => void;

export function localChannel(order: Order): {
  readonly channel: GuardChannel;
  readonly line: LocalLine;
  /** The connection is gone: nothing is ordered any more, and what was asked is never answered. */
  lose(): void;
} {
  const waiting = new Map<number, Waiting>();
  let listener: (event: GuardEvent) => void = () => {};
  let isLost = false;
  let nextId = 1;
  return {
    lose() {
      isLost = true;
      waiting.clear();
    },
    line: {
      deliver(message) {
        if ("event" in message) {
          listener(message.event);
          return;
        }
        const one = waiting.get(message.id);
        waiting.delete(message.id);
        if ("result" in message) one?.done(message.result);
        else {
          const { code, message: text, retryable } = message.refused;
          one?.failed(new PortError("radio", code, text, retryable));
        }
      },
    },
    channel: {
      listen(heard) {
        listener = heard;
      },
      request(command) {
        return new Promise((done, failed) => {
          if (isLost) {
            failed(new PortError("radio", "radio-lost", "the connection to the guard is gone", false));
            return;
          }
          const id = nextId++;
          waiting.set(id, { done, failed });
          order(id, command);
        });
      },
    },
  };
}
