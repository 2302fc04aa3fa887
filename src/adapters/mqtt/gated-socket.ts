/** A socket as a stream whose incoming bytes passed a `PacketGate`; used by the client and by the embedded broker. */
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import type { PacketGate } from "./packet-gate.ts";

/** The event after which bytes may be written: for TLS only when the other side's certificate was checked. */
export type OpenEvent = "connect" | "secureConnect" | "open already";

export function gatedSocket(socket: Socket, gate: PacketGate, opensOn: OpenEvent): Duplex {
  let isOpen = opensOn === "open already";
  const duplex = new Duplex({
    // A half-open connection is of no use to MQTT: the other side's end is the end.
    allowHalfOpen: false,
    read: () => void socket.resume(),
    write: (chunk: Uint8Array, _encoding, done) => whenOpen(() => socket.write(chunk, done)),
    // One segment for the many small writes that make a packet.
    writev: (chunks, done) =>
      whenOpen(() => socket.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done)),
    final: (done) => void socket.end(done),
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });

  function whenOpen(act: () => void): void {
    if (isOpen || opensOn === "open already") act();
    else socket.once(opensOn, act);
  }

  socket.setNoDelay(true);
  if (opensOn !== "open already") {
    socket.once(opensOn, () => {
      isOpen = true;
    });
  }
  socket.on("data", (chunk: Buffer) => {
    try {
      const passed = gate.push(chunk);
      if (passed.length > 0 && !duplex.push(passed)) socket.pause();
    } catch (error) {
      duplex.destroy(error as Error);
    }
  });
  socket.on("end", () => duplex.push(null));
  socket.on("error", (error) => duplex.destroy(error));
  socket.on("close", () => duplex.destroy());
  return duplex;
}
