/**
 * Serves an ether to devices of other processes, one connection a device. It is the witness: it stamps with its
 * own boot clock, and a connection that closes, misbehaves or is not fed silences its emitter by itself.
 */
import { chmodSync, unlinkSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { PortError } from "../../src/ports/port-error.ts";
import type { Ether, EtherLink, EtherState } from "./ether.ts";
import { type EtherAddress, socketOptions } from "./ether-address.ts";
import { lineReader, writeLine } from "./ether-lines.ts";
import {
  ETHER_PENDING_MAX,
  type EtherRefusal,
  type EtherRequest,
  etherAnswerFields,
  etherRequest,
} from "./ether-wire.ts";

export type World = {
  /** As `etherAddress` reads it, with the port that was chosen. */
  readonly address: string;
  close(): Promise<void>;
};

/** Devices at one time. */
const WORLD_CONNECTIONS_MAX = 1024;

/** Listens on `address` and serves `ether`. Rejects with the system's error when it cannot listen. */
export async function serveWorld(address: EtherAddress, ether: Ether): Promise<World> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    serveDevice(socket, ether);
  });
  server.maxConnections = WORLD_CONNECTIONS_MAX;
  await new Promise<void>((listening, failed) => {
    server.once("error", failed);
    server.listen(socketOptions(address), () => {
      server.off("error", failed);
      listening();
    });
  });
  if (address.kind === "unix") chmodSync(address.path, 0o600);
  const bound = server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : 0;
  return {
    address: address.kind === "unix" ? `unix:${address.path}` : `tcp:127.0.0.1:${port}`,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((closed) => server.close(() => closed()));
      await ether.close();
    },
  };
}

/** Removes what a world that died left at a unix address, so that the next one can listen. */
export function removeStaleSocket(address: EtherAddress): void {
  if (address.kind !== "unix") return;
  try {
    unlinkSync(address.path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

function serveDevice(socket: Socket, ether: Ether): void {
  let link: EtherLink | null = null;
  let turn: Promise<void> = Promise.resolve();
  let waiting = 0;
  socket.setNoDelay(true);
  const answerOne = async (request: EtherRequest): Promise<void> => {
    const answer = await act(request, ether, link, (attached) => {
      link = attached;
    });
    waiting--;
    if (!socket.destroyed) socket.write(writeLine(etherAnswerFields(request.id, answer)));
  };
  const take = lineReader(
    (fields) => {
      const request = etherRequest(fields);
      // A device that does not speak the protocol is a device gone: its emitter falls silent.
      if (request === null || waiting >= ETHER_PENDING_MAX) return void socket.destroy();
      waiting++;
      turn = turn.then(() => (socket.destroyed ? undefined : answerOne(request)));
    },
    () => void socket.destroy(),
  );
  socket.on("data", take);
  socket.on("error", () => {});
  socket.on("end", () => socket.destroy());
  socket.once("close", () => {
    turn = turn.then(() => link?.close("connection-closed"));
  });
}

async function act(
  request: EtherRequest,
  ether: Ether,
  link: EtherLink | null,
  attached: (link: EtherLink) => void,
): Promise<EtherState | EtherRefusal> {
  try {
    if (request.do === "attach") {
      if (link !== null) return { code: "emitter-attached", message: "this connection has its emitter" };
      const made = await ether.attach(request.attachment);
      attached(made);
      return await made.state();
    }
    if (link === null) return { code: "not-attached", message: "attach comes first" };
    switch (request.do) {
      case "on":
        return await link.on(request.emission);
      case "off":
        return await link.off(request.reason);
      case "feed":
        return await link.feed();
      case "state":
        return await link.state();
    }
  } catch (error) {
    if (error instanceof PortError) return { code: error.code, message: error.message };
    throw error;
  }
}
