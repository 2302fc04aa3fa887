/** The driver `gpsd`: our own client of gpsd's JSON protocol on TCP (gpsd_json(5)); connects when first listened to. */
import { connect as connectTcp } from "node:net";
import type { DriverContext, OptionValues } from "../../../src/ports/driver.ts";
import type { Gnss } from "../../../src/ports/gnss.ts";
import { type Connect, lineLink } from "../line-link.ts";
import { listeners } from "../listeners.ts";
import { integerOption, sourceOption, textOption } from "../options.ts";
import { gpsdSession, type SessionCounts } from "./session.ts";

const WATCH = '?WATCH={"enable":true,"json":true,"pps":true,"timing":true};\n';
/** gpsd's own longest line is 10 KiB, in SKY of a receiver with many satellites. */
const LINE_BYTES_MAX = 32_768;
const PORT_DEFAULT = 2947;
const SILENCE_DEFAULT_US = 10_000_000;
const SILENCE_RANGE_US = [100_000, 3_600_000_000] as const;

export type GpsdCounts = SessionCounts & { readonly overlong: number };

export type GpsdClient = Gnss & { counts(): GpsdCounts };

/** Rejects only on bad options (PortError `gnss-option-invalid`): a gpsd that is not there yet is tried again. */
export async function openGpsd(context: DriverContext, options: OptionValues): Promise<GpsdClient> {
  const host = textOption(options, "host", "127.0.0.1");
  const port = integerOption(options, "port", [1, 65_535], PORT_DEFAULT);
  const { log } = context;
  const session = gpsdSession({
    source: sourceOption(options),
    device: options["device"] === undefined ? null : textOption(options, "device", null),
    log,
  });
  const audience = listeners(() => link.start());
  const link = lineLink(context, {
    connect: tcp(host, port),
    lineBytesMax: LINE_BYTES_MAX,
    silenceUs: integerOption(options, "silence", SILENCE_RANGE_US, SILENCE_DEFAULT_US),
    opened: () => log.info("gpsd-connected", { host, port }),
    line(text, now) {
      const { understood, events } = session.hear(text, now);
      for (const event of events) audience.emit(event);
      return understood;
    },
    ended(reason) {
      log.warn("gpsd-ended", { host, port, reason, ...counts() });
      for (const event of session.ended(`gpsd at ${host}:${port}: ${reason}`)) audience.emit(event);
    },
  });
  const counts = (): GpsdCounts => ({ ...session.counts(), overlong: link.overlong() });
  return {
    listen: (listener) => audience.add(listener),
    counts,
    async close() {
      audience.close();
      await link.close();
    },
  };
}

function tcp(host: string, port: number): Connect {
  return (events) => {
    const socket = connectTcp({ host, port, noDelay: true, keepAlive: true });
    const closed = new Promise<void>((resolve) => {
      socket.once("close", () => resolve());
    });
    let reason = "connection closed";
    socket.on("connect", () => {
      events.opened();
      socket.write(WATCH);
    });
    socket.on("data", (chunk: Buffer) => events.bytes(chunk));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      // A name with several addresses fails with an empty message and a code.
      reason = error.message !== "" ? error.message : (error.code ?? error.name);
    });
    socket.on("close", () => events.ended(reason));
    return {
      close() {
        socket.destroy();
        return closed;
      },
    };
  };
}
