/** The agent's end of the control socket (ports/control). */
import { createServer, type Socket } from "node:net";
import type { Clock } from "../../ports/clock.ts";
import type { ControlAnswer, ControlHandler, ControlServer } from "../../ports/control.ts";
import { PortError } from "../../ports/port-error.ts";
import {
  ANSWER_BYTES_MAX,
  CONNECTION_ID,
  decodeRequest,
  encodeAnswer,
  lineCutter,
  REQUEST_BYTES_MAX,
} from "./control-line.ts";
import { placeSocket } from "./socket-place.ts";

const CONNECTIONS_MAX = 16;
/** With those that are being told that they are too many. */
const SOCKETS_MAX = 64;
/** For an asker that is refused to read why. */
const FAREWELL_US = 1_000_000;
/** Over all connections. A request keeps its place until its handler is done, also when its asker is gone. */
const IN_FLIGHT_MAX = 16;
/** What may wait for an asker that does not read. */
const UNREAD_BYTES_MAX = 2 * ANSWER_BYTES_MAX;
const IDLE_US = 300_000_000;
/** From the first byte of a request to its end. */
const LINE_US = 10_000_000;
const ANSWER_US = 60_000_000;
const EXIT_USAGE = 2;
const EXIT_HARDWARE = 5;
const EXIT_TEMPORARY = 75;

export type UnixServerOptions = {
  readonly path: string;
  readonly clock: Clock;
  readonly handler: ControlHandler;
  /** Members of this group may use the socket as well as the owner. */
  readonly group?: string;
  readonly answerTimeoutUs?: number;
  readonly lineTimeoutUs?: number;
  readonly idleTimeoutUs?: number;
};

/** Rejects with `control-in-use`, `control-group-unknown` or `control-failed`. */
export async function openUnixServer(options: UnixServerOptions): Promise<ControlServer> {
  const sockets = new Set<Socket>();
  let served = 0;
  const load: Load = { inFlight: 0 };
  const server = createServer((socket) => {
    // An asker that is gone is no trouble; "close" follows.
    socket.on("error", () => {});
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    if (served >= CONNECTIONS_MAX) {
      farewell(socket, options.clock, busy(`${CONNECTIONS_MAX} connections are open`));
      return;
    }
    served += 1;
    socket.once("close", () => {
      served -= 1;
    });
    serve(socket, options, load);
  });
  server.maxConnections = SOCKETS_MAX;
  const remove = await placeSocket(server, options.path, options.group ?? null);
  return {
    close: () =>
      new Promise((resolve) => {
        remove();
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

type Load = { inFlight: number };

/** Reads requests from one connection until it ends, breaks a bound or is silent too long. */
function serve(socket: Socket, options: UnixServerOptions, load: Load): void {
  const { clock } = options;
  const lines = lineCutter(REQUEST_BYTES_MAX);
  let waiting = 0;
  let refused = false;
  let cancelTimer = (): void => {};

  const watch = (): void => {
    cancelTimer();
    const midLine = lines.held > 0;
    if (!midLine && waiting > 0) return;
    const us = midLine ? (options.lineTimeoutUs ?? LINE_US) : (options.idleTimeoutUs ?? IDLE_US);
    cancelTimer = clock.at(clock.read().bootUs + us, () => socket.destroy());
  };
  const send = (id: number, answer: ControlAnswer): void => {
    if (socket.destroyed || refused) return;
    socket.write(encodeAnswer(id, answer));
    if (socket.writableLength > UNREAD_BYTES_MAX) socket.destroy();
  };
  const refuse = (code: string, message: string): void => {
    refused = true;
    cancelTimer();
    farewell(socket, clock, { ok: false, code, message, exit: EXIT_USAGE });
  };
  const take = (line: Uint8Array): void => {
    const request = decodeRequest(line);
    if (request === null) {
      refuse("control-request-malformed", "a line that is no request");
      return;
    }
    if (load.inFlight >= IN_FLIGHT_MAX) {
      send(request.id, busy(`${IN_FLIGHT_MAX} requests are being answered`));
      return;
    }
    load.inFlight += 1;
    waiting += 1;
    void answered(options, request.message, () => {
      load.inFlight -= 1;
    }).then((answer) => {
      waiting -= 1;
      send(request.id, answer);
      if (!socket.destroyed && !refused) watch();
    });
  };

  socket.on("data", (piece: Buffer) => {
    if (refused) return;
    const startsLine = lines.held === 0;
    const complete = lines.push(piece);
    if (complete === null) {
      refuse("control-line-too-long", `a request is at most ${REQUEST_BYTES_MAX} bytes`);
      return;
    }
    for (const line of complete) if (!refused) take(line);
    // The time for a line runs from its first byte: later bytes do not renew it.
    if (!refused && (startsLine || complete.length > 0)) watch();
  });
  socket.once("close", () => cancelTimer());
  watch();
}

/** Says why, then reads on without use: closing over unread bytes would break the asker's write before it reads this. */
function farewell(socket: Socket, clock: Clock, answer: ControlAnswer): void {
  socket.end(encodeAnswer(CONNECTION_ID, answer));
  socket.resume();
  const cancel = clock.at(clock.read().bootUs + FAREWELL_US, () => socket.destroy());
  socket.once("close", cancel);
}

/** The handler's answer, or `control-timeout` in its place; `done` when the handler is. */
function answered(
  options: UnixServerOptions,
  request: Parameters<ControlHandler>[0],
  done: () => void,
): Promise<ControlAnswer> {
  const { clock, handler } = options;
  return new Promise((resolve, reject) => {
    const us = options.answerTimeoutUs ?? ANSWER_US;
    const cancel = clock.at(clock.read().bootUs + us, () => {
      const message = `${request.verb} is not answered yet; it goes on`;
      resolve({ ok: false, code: "control-timeout", message, exit: EXIT_TEMPORARY });
    });
    handler(request)
      .then(resolve, (error: unknown) => {
        // Device trouble is an answer; anything else is a programming error and stops the agent.
        if (error instanceof PortError) resolve(answerOf(error));
        else reject(error);
      })
      .finally(() => {
        cancel();
        done();
      });
  });
}

function answerOf(error: PortError): ControlAnswer {
  const exit = error.retryable ? EXIT_TEMPORARY : EXIT_HARDWARE;
  return { ok: false, code: error.code, message: error.message, exit };
}

function busy(message: string): ControlAnswer {
  return { ok: false, code: "control-busy", message, exit: EXIT_TEMPORARY };
}
