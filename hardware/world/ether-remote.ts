/** The ether of a world process, seen from a device's process: the same promises over a socket. */
import { connect, type Socket } from "node:net";
import type { Clock } from "../../src/ports/clock.ts";
import { PortError } from "../../src/ports/port-error.ts";
import type { Ether, EtherLink, EtherState } from "./ether.ts";
import { type EtherAddress, socketOptions } from "./ether-address.ts";
import { lineReader, writeLine } from "./ether-lines.ts";
import { ETHER_PENDING_MAX, type EtherRequest, etherAnswer, etherRequestFields } from "./ether-wire.ts";

/** How long the world may take to answer before the link counts as lost, µs. */
const ETHER_ANSWER_US_MAX = 2_000_000;

/** Each `attach` opens one connection; the world silences the emitter when it closes. */
export function remoteEther(address: EtherAddress, clock: Clock): Ether {
  const links = new Set<EtherLink>();
  return {
    async attach(attachment) {
      const wire = await openWire(address, clock);
      try {
        await wire.ask({ id: 0, do: "attach", attachment });
      } catch (error) {
        wire.drop("attach refused");
        throw error;
      }
      const link = linkOver(wire);
      links.add(link);
      wire.whenLost(() => links.delete(link));
      return link;
    },
    async close() {
      for (const link of links) await link.close("device-closed");
    },
  };
}

type Wire = {
  /** `id` is set here. Rejects with PortError: the world's code, or `ether-lost`. */
  ask(request: EtherRequest): Promise<EtherState>;
  drop(reason: string): void;
  whenLost(lost: (reason: string) => void): void;
};

type Waiting = {
  readonly answered: (state: EtherState) => void;
  readonly failed: (error: PortError) => void;
  readonly cancel: () => void;
};

function linkOver(wire: Wire): EtherLink {
  return {
    on: (emission) => wire.ask({ id: 0, do: "on", emission }),
    off: (reason) => wire.ask({ id: 0, do: "off", reason }),
    feed: () => wire.ask({ id: 0, do: "feed" }),
    state: () => wire.ask({ id: 0, do: "state" }),
    whenLost: wire.whenLost,
    async close(reason) {
      // The reason is a courtesy to the log; the connection's end silences the emitter in any case.
      await wire.ask({ id: 0, do: "off", reason }).catch(() => {});
      wire.drop("closed by its device");
    },
  };
}

async function openWire(address: EtherAddress, clock: Clock): Promise<Wire> {
  const socket = await connected(address);
  const waiting = new Map<number, Waiting>();
  const listeners: ((reason: string) => void)[] = [];
  let nextId = 1;
  let lostReason: string | null = null;
  const drop = (reason: string): void => {
    if (lostReason !== null) return;
    lostReason = reason;
    socket.destroy();
    for (const one of waiting.values()) {
      one.cancel();
      one.failed(lost(reason));
    }
    waiting.clear();
    for (const listener of listeners) listener(reason);
  };
  const take = lineReader(
    (fields) => {
      const read = etherAnswer(fields);
      const one = read === null ? undefined : waiting.get(read.id);
      if (read === null || one === undefined) return drop("the world answered nonsense");
      waiting.delete(read.id);
      one.cancel();
      if (!("code" in read.answer)) return one.answered(read.answer);
      one.failed(new PortError("radio", read.answer.code, read.answer.message, true));
    },
    (reason) => drop(reason),
  );
  socket.setNoDelay(true);
  socket.on("data", take);
  socket.on("error", () => {});
  socket.on("end", () => drop("the world closed the connection"));
  socket.on("close", () => drop("the world closed the connection"));
  return {
    drop,
    whenLost(listener) {
      if (lostReason === null) listeners.push(listener);
      else listener(lostReason);
    },
    ask(request) {
      if (lostReason !== null) return Promise.reject(lost(lostReason));
      if (waiting.size >= ETHER_PENDING_MAX) drop("the world does not answer");
      return new Promise((answered, failed) => {
        const id = nextId++;
        const cancel = clock.at(clock.read().bootUs + ETHER_ANSWER_US_MAX, () =>
          drop("the world does not answer"),
        );
        waiting.set(id, { answered, failed, cancel });
        socket.write(writeLine(etherRequestFields({ ...request, id })));
      });
    },
  };
}

function connected(address: EtherAddress): Promise<Socket> {
  return new Promise((open, failed) => {
    const socket = connect(socketOptions(address));
    const refuse = (error: Error): void =>
      failed(new PortError("radio", "ether-lost", `no world process: ${error.message}`, true, error));
    socket.once("error", refuse);
    socket.once("connect", () => {
      socket.off("error", refuse);
      open(socket);
    });
  });
}

function lost(reason: string): PortError {
  return new PortError("radio", "ether-lost", reason, true);
}
