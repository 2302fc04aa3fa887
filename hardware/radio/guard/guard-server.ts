/** The guard's unix socket: sessions of processes of one user (mode 0600), bounded in every direction. */
import { unlinkSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { lineReader, writeLine } from "./guard-lines.ts";
import type { GuardOutlets, GuardRunner } from "./guard-runner.ts";
import { PENDING_MAX } from "./guard-state.ts";
import { type GuardRequest, guardRequest } from "./guard-wire.ts";

export type GuardServer = {
  readonly outlets: Pick<GuardOutlets, "send" | "drop">;
  /** Resolves when `path` accepts connections. Rejects when another guard serves it. */
  listen(path: string, runner: GuardRunner): Promise<void>;
  close(): void;
};

/** Longest path that Linux takes for a unix socket, bytes (sun_path is 108 with its final zero). */
const SOCKET_PATH_BYTES_MAX = 107;

/** Unsent answers that a session may leave unread before it is dropped, bytes. */
const UNREAD_BYTES_MAX = 65_536;

export function guardServer(): GuardServer {
  const sockets = new Map<number, Socket>();
  let server: Server | null = null;
  let nextConnection = 1;
  return {
    outlets: {
      send(connection, message) {
        const socket = sockets.get(connection);
        if (socket === undefined || socket.destroyed) return;
        if (socket.writableLength > UNREAD_BYTES_MAX) socket.destroy();
        else socket.write(writeLine(message));
      },
      drop: (connection) => sockets.get(connection)?.destroy(),
    },
    async listen(path, runner) {
      if (Buffer.byteLength(path) > SOCKET_PATH_BYTES_MAX) {
        throw new Error(`socket path longer than ${SOCKET_PATH_BYTES_MAX} bytes`);
      }
      server = createServer((socket) => {
        const connection = nextConnection++;
        sockets.set(connection, socket);
        serveSession(socket, connection, runner);
        socket.once("close", () => sockets.delete(connection));
      });
      await listenAlone(server, path);
    },
    close() {
      server?.close();
      for (const socket of sockets.values()) socket.destroy();
    },
  };
}

function serveSession(socket: Socket, connection: number, runner: GuardRunner): void {
  let gone = false;
  let deferred = 0;
  const end = (): void => {
    if (gone) return;
    gone = true;
    socket.destroy();
    runner.take({ kind: "closed", connection });
  };
  const give = ({ id, command }: GuardRequest): void => {
    if (!gone) runner.take({ kind: "command", connection, id, command });
  };
  const take = lineReader((fields) => {
    const request = guardRequest(fields);
    if (gone) return;
    if (request === null || deferred >= PENDING_MAX) end();
    else if (request.command.do === "mute" || request.command.do === "heartbeat") give(request);
    else {
      deferred++;
      afterNextPoll(() => {
        deferred--;
        give(request);
      });
    }
  }, end);
  runner.take({ kind: "connected", connection });
  socket.on("data", take);
  socket.on("error", end);
  socket.on("end", end);
  socket.on("close", end);
}

/**
 * The loop polls the sockets once more before `then` runs. What a session wrote just before its end is read
 * before that end is: so its commands wait until an end that is there already has been seen, and are discarded.
 */
function afterNextPoll(then: () => void): void {
  setImmediate(() => setImmediate(then));
}

async function listenAlone(server: Server, path: string): Promise<void> {
  try {
    await listenOnce(server, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    if (await answers(path)) throw new Error(`another guard serves ${path}`, { cause: error });
    unlinkSync(path);
    await listenOnce(server, path);
  }
}

function listenOnce(server: Server, path: string): Promise<void> {
  return new Promise((listening, failed) => {
    server.once("error", failed);
    // The socket is born with mode 0600: there is no instant at which another user could connect.
    const before = process.umask(0o177);
    server.listen(path, () => {
      server.off("error", failed);
      listening();
    });
    process.umask(before);
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((known) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      known(true);
    });
    probe.once("error", () => known(false));
  });
}
