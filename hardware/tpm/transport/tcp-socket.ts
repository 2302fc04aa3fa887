/** The bare command socket of swtpm: TPM frames with nothing around them, one client at a time. */
import { connect, type Socket } from "node:net";
import { concat } from "../../../src/core/base/bytes.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { announcedBytes } from "../codec/frame.ts";
import { type TpmTransport, tpmLost } from "./transport.ts";

export type TcpAddress = { readonly host: string; readonly port: number; readonly timeoutUs: number };

type Waiting = { resolve(bytes: Uint8Array): void; reject(error: Error): void };

export function connectTcp(clock: Clock, address: TcpAddress): Promise<TpmTransport> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address.host, port: address.port });
    const cancel = clock.at(clock.read().bootUs + address.timeoutUs, () => {
      socket.destroy();
      reject(tpmLost(`${address.host}:${address.port} did not take the connection in time`));
    });
    socket.setNoDelay(true);
    socket.once("error", (error) => {
      cancel();
      reject(tpmLost(`${address.host}:${address.port}: ${error.message}`, error));
    });
    socket.once("connect", () => {
      cancel();
      socket.removeAllListeners("error");
      resolve(tcpTransport(clock, socket, address.timeoutUs));
    });
  });
}

function tcpTransport(clock: Clock, socket: Socket, timeoutUs: number): TpmTransport {
  let received: Uint8Array = new Uint8Array(0);
  let waiting: Waiting | null = null;
  let lost: Error | null = null;

  const lose = (why: string, cause?: unknown): void => {
    lost ??= tpmLost(why, cause);
    socket.destroy();
    waiting?.reject(lost);
    waiting = null;
  };
  socket.on("error", (error) => lose(error.message, error));
  socket.on("close", () => lose("the connection was closed"));
  socket.on("data", (chunk: Buffer) => {
    if (waiting === null) return lose("bytes came that no command asked for");
    received = concat(received, chunk);
    const size = announcedBytes(received);
    if (size === null) return;
    if (size < 0 || received.length > size) return lose("a response is out of bounds");
    if (received.length < size) return;
    const answer = received;
    received = new Uint8Array(0);
    waiting.resolve(answer);
    waiting = null;
  });

  return {
    exchange(command) {
      return new Promise<Uint8Array>((resolve, reject) => {
        if (lost !== null) return reject(lost);
        const cancel = clock.at(clock.read().bootUs + timeoutUs, () => lose("no answer in time"));
        waiting = {
          resolve(bytes) {
            cancel();
            resolve(bytes);
          },
          reject(error) {
            cancel();
            reject(error);
          },
        };
        socket.write(command);
      });
    },
    close() {
      return new Promise((resolve) => {
        if (socket.destroyed) return resolve();
        socket.once("close", () => resolve());
        socket.end();
        socket.destroySoon();
      });
    },
  };
}
