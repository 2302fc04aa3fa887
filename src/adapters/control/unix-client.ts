/** The operator's end of the control socket (ports/control): the command line, and whoever shows the agent's state. */
import { connect, type Socket } from "node:net";
import type { Clock } from "../../ports/clock.ts";
import type { ControlAnswer, ControlRequest } from "../../ports/control.ts";
import { PortError } from "../../ports/port-error.ts";
import {
  ANSWER_BYTES_MAX,
  CONNECTION_ID,
  decodeAnswer,
  encodeRequest,
  lineCutter,
  REQUEST_BYTES_MAX,
} from "./control-line.ts";

/** Longer than the agent's own, so that its word comes first. */
const ANSWER_US = 65_000_000;
const WAITING_MAX = 16;

export type UnixClientOptions = {
  readonly path: string;
  readonly clock: Clock;
  readonly answerTimeoutUs?: number;
};

export type ControlClient = {
  /**
   * The agent's answer. Rejects with PortError `agent-not-reachable` (retryable) when the connection breaks first,
   * `control-timeout`, `control-line-too-long` for a request of more than 64 KiB, `control-busy` beyond 16 at once.
   */
  request(request: ControlRequest): Promise<ControlAnswer>;
  close(): void;
};

type Waiting = {
  readonly resolve: (answer: ControlAnswer) => void;
  readonly reject: (error: PortError) => void;
};

/** Rejects with `agent-not-reachable` when nobody listens at `path`, or the socket may not be used. */
export async function openUnixClient(options: UnixClientOptions): Promise<ControlClient> {
  const socket = await connected(options.path);
  const { clock } = options;
  const waiting = new Map<number, Waiting>();
  let nextId = CONNECTION_ID + 1;
  /** The agent's word on the whole connection, before it closes it. */
  let refusal: ControlAnswer | null = null;
  let lost: PortError | null = null;

  const lose = (why: string): void => {
    lost ??= notReachable(why);
    for (const one of waiting.values()) one.reject(lost);
    waiting.clear();
    socket.destroy();
  };
  // One more byte than an answer may have is room for its line end.
  const lines = lineCutter(ANSWER_BYTES_MAX + 1);
  socket.on("data", (piece: Buffer) => {
    const complete = lines.push(piece);
    if (complete === null) lose("the agent sent an answer without an end");
    for (const line of complete ?? []) take(line);
  });
  socket.once("close", () => lose("the agent closed the connection"));
  socket.on("error", (error) => lose(error.message));

  function take(line: Uint8Array): void {
    const answer = decodeAnswer(line);
    if (answer === null) {
      lose("the agent sent a line that is no answer");
      return;
    }
    if (answer.id === CONNECTION_ID) {
      refusal = answer.message;
      for (const one of waiting.values()) one.resolve(answer.message);
      waiting.clear();
      return;
    }
    waiting.get(answer.id)?.resolve(answer.message);
    waiting.delete(answer.id);
  }

  function request(asked: ControlRequest): Promise<ControlAnswer> {
    const id = nextId++;
    const line = encodeRequest(id, asked);
    if (line.length > REQUEST_BYTES_MAX) {
      const message = `the request has ${line.length} bytes, and at most ${REQUEST_BYTES_MAX} are taken`;
      return Promise.reject(new PortError("control", "control-line-too-long", message, false));
    }
    if (refusal !== null) return Promise.resolve(refusal);
    if (waiting.size >= WAITING_MAX) {
      const message = `${WAITING_MAX} requests wait on this connection`;
      return Promise.reject(new PortError("control", "control-busy", message, true));
    }
    if (lost !== null) return Promise.reject(lost);
    const answer = new Promise<ControlAnswer>((resolve, reject) => waiting.set(id, { resolve, reject }));
    const cancel = clock.at(clock.read().bootUs + (options.answerTimeoutUs ?? ANSWER_US), () => {
      const one = waiting.get(id);
      waiting.delete(id);
      one?.reject(new PortError("control", "control-timeout", `no answer to ${asked.verb} in time`, true));
    });
    socket.write(line);
    return answer.finally(cancel);
  }

  return { request, close: () => lose("the connection was closed here") };
}

/** One request on a connection of its own. */
export async function askAgent(options: UnixClientOptions, request: ControlRequest): Promise<ControlAnswer> {
  const client = await openUnixClient(options);
  try {
    return await client.request(request);
  } finally {
    client.close();
  }
}

function connected(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const refused = (error: Error): void => reject(notReachable(`${path}: ${error.message}`));
    socket.once("error", refused);
    socket.once("connect", () => {
      socket.off("error", refused);
      resolve(socket);
    });
  });
}

function notReachable(message: string): PortError {
  return new PortError("control", "agent-not-reachable", message, true);
}
