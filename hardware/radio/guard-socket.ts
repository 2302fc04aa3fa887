/** The way to a guard program over its unix socket. What is lost is lost: nothing is sent twice. */
import { connect, type Socket } from "node:net";
import type { Clock } from "../../src/ports/clock.ts";
import { PortError } from "../../src/ports/port-error.ts";
import { lineReader, writeLine } from "./guard/guard-lines.ts";
import {
  type GuardEvent,
  type GuardMessage,
  type GuardResult,
  guardMessage,
  guardRequestFields,
} from "./guard/guard-wire.ts";
import type { GuardChannel } from "./guard-session.ts";

export type GuardSocket = GuardChannel & {
  /** Resolves with the reason when the connection is gone, whoever ended it. */
  readonly gone: Promise<string>;
  close(): void;
};

/** Requests without an answer; one more is refused here. */
const REQUESTS_MAX = 16;

/**
 * How long the guard may take to answer, µs, beyond its own bound for a mute. Then the connection is closed,
 * which silences whatever this session armed.
 */
const GUARD_ANSWER_US_MAX = 8_000_000;

type Waiting = {
  readonly done: (result: GuardResult) => void;
  readonly failed: (error: PortError) => void;
  readonly cancel: () => void;
};

/** Rejects with PortError `radio-lost` when nobody serves `path`. */
export async function guardSocket(path: string, clock: Clock): Promise<GuardSocket> {
  const socket = await connected(path);
  const waiting = new Map<number, Waiting>();
  let listener: (event: GuardEvent) => void = () => {};
  let nextId = 1;
  let goneReason: string | null = null;
  let leave: (reason: string) => void = () => {};
  const gone = new Promise<string>((left) => {
    leave = left;
  });
  const drop = (reason: string): void => {
    if (goneReason !== null) return;
    goneReason = reason;
    socket.destroy();
    for (const one of waiting.values()) {
      one.cancel();
      one.failed(lost(reason));
    }
    waiting.clear();
    leave(reason);
  };
  const hear = (message: GuardMessage): void => {
    if ("event" in message) {
      listener(message.event);
      return;
    }
    const one = waiting.get(message.id);
    waiting.delete(message.id);
    one?.cancel();
    if ("result" in message) one?.done(message.result);
    else one?.failed(refusal(message.refused));
  };
  const take = lineReader((fields) => {
    const message = guardMessage(fields);
    if (message === null) drop("the guard spoke nonsense");
    else hear(message);
  }, drop);
  socket.on("data", take);
  socket.on("error", () => {});
  socket.on("end", () => drop("the guard closed the connection"));
  socket.on("close", () => drop("the guard closed the connection"));
  return {
    gone,
    close: () => drop("closed"),
    listen(heard) {
      listener = heard;
    },
    request(command) {
      if (goneReason !== null) return Promise.reject(lost(goneReason));
      if (waiting.size >= REQUESTS_MAX && command.do !== "mute") {
        return Promise.reject(new PortError("radio", "radio-queue-full", "too many orders at once", true));
      }
      return new Promise((done, failed) => {
        const id = nextId++;
        const cancel = clock.at(clock.read().bootUs + GUARD_ANSWER_US_MAX, () =>
          drop("the guard does not answer"),
        );
        waiting.set(id, { done, failed, cancel });
        socket.write(writeLine(guardRequestFields({ id, command })));
      });
    },
  };
}

function connected(path: string): Promise<Socket> {
  return new Promise((open, failed) => {
    const socket = connect(path);
    const refuse = (error: Error): void =>
      failed(new PortError("radio", "radio-lost", `no guard: ${error.message}`, true, error));
    socket.once("error", refuse);
    socket.once("connect", () => {
      socket.off("error", refuse);
      open(socket);
    });
  });
}

function refusal(refused: { code: string; message: string; retryable: boolean }): PortError {
  return new PortError("radio", refused.code, refused.message, refused.retryable);
}

function lost(reason: string): PortError {
  return new PortError("radio", "radio-lost", reason, true);
}
