/** The driver `nmea-serial`: a receiver that speaks NMEA 0183 on a serial port; opens it when first listened to. */
import type { Reading } from "../../src/ports/clock.ts";
import type { DriverContext, OptionValues } from "../../src/ports/driver.ts";
import type { Gnss, GnssEvent } from "../../src/ports/gnss.ts";
import { lineLink } from "./line-link.ts";
import { listeners } from "./listeners.ts";
import { beginEpoch, fixOfEpoch, joinEpoch, type NmeaEpoch, startsEpoch } from "./nmea-epoch.ts";
import { nmeaSentence } from "./nmea-sentence.ts";
import { integerOption, type LiveOrReplay, sourceOption, textOption } from "./options.ts";
import { presence } from "./presence.ts";
import { serialPort } from "./serial-port.ts";

/** The standard says 82; receivers that name many satellites go beyond it. */
const LINE_BYTES_MAX = 1_024;
/** A burst is over when nothing came for twice this long: at 4800 baud a pause within one is a few ms. */
const HALF_QUIET_US = 100_000;
const BAUD_DEFAULT = 9_600;
const SILENCE_DEFAULT_US = 10_000_000;
const SILENCE_RANGE_US = [300_000, 3_600_000_000] as const;

export type NmeaCounts = {
  /** Sentences with a right checksum. */
  readonly sentences: number;
  /** Lines that were none, and dropped. */
  readonly dropped: number;
};

export type NmeaSerial = Gnss & { counts(): NmeaCounts & { readonly overlong: number } };

/** Rejects only on bad options (PortError `gnss-option-invalid`): a port that is not there yet is tried again. */
export async function openNmeaSerial(context: DriverContext, options: OptionValues): Promise<NmeaSerial> {
  const path = textOption(options, "path", null);
  const baud = integerOption(options, "baud", [1_200, 4_000_000], BAUD_DEFAULT);
  const { clock, log } = context;
  const session = nmeaSession(path, sourceOption(options));
  let cancelQuiet = (): void => undefined;
  const audience = listeners(() => link.start());
  const emit = (events: readonly GnssEvent[]): void => {
    for (const event of events) audience.emit(event);
  };
  /** In two steps, so that a host that slept reads what waits on the wire before it calls the wire quiet. */
  const awaitQuiet = (bootUs: number): void => {
    cancelQuiet();
    cancelQuiet = clock.at(bootUs + HALF_QUIET_US, () => {
      cancelQuiet = clock.at(clock.read().bootUs + HALF_QUIET_US, () => emit(session.quiet()));
    });
  };
  const link = lineLink(context, {
    connect: serialPort(path, baud),
    lineBytesMax: LINE_BYTES_MAX,
    silenceUs: integerOption(options, "silence", SILENCE_RANGE_US, SILENCE_DEFAULT_US),
    opened: () => log.info("nmea-opened", { path, baud }),
    line(text, now) {
      const { understood, events } = session.hear(text, now);
      emit(events);
      if (!understood) return false;
      awaitQuiet(now.bootUs);
      return true;
    },
    ended(reason) {
      cancelQuiet();
      log.warn("nmea-ended", { path, reason, ...session.counts() });
      emit(session.ended(`${path}: ${reason}`));
    },
  });
  return {
    listen: (listener) => audience.add(listener),
    counts: () => ({ ...session.counts(), overlong: link.overlong() }),
    async close() {
      audience.close();
      cancelQuiet();
      await link.close();
    },
  };
}

export type NmeaSession = {
  /** Peer-controlled: any text. */
  hear(line: string, now: Reading): { readonly understood: boolean; readonly events: readonly GnssEvent[] };
  /** The burst is over: the fix of the epoch that stands, if any. */
  quiet(): readonly GnssEvent[];
  ended(reason: string): readonly GnssEvent[];
  counts(): NmeaCounts;
};

/** What one receiver says, sentence after sentence, as events of the port. No port here: tests feed it directly. */
export function nmeaSession(device: string, source: LiveOrReplay): NmeaSession {
  const there = presence();
  let epoch: NmeaEpoch | null = null;
  let sentences = 0;
  let dropped = 0;

  /** An epoch of GSA alone says nothing yet. */
  function finish(): readonly GnssEvent[] {
    const done = epoch;
    epoch = null;
    if (done === null || (done.qualities.size === 0 && done.date === "")) return [];
    return [{ kind: "fix", fix: fixOfEpoch(done, source) }];
  }

  return {
    hear(line, now) {
      const sentence = nmeaSentence(line);
      if (sentence === null) {
        dropped += 1;
        return { understood: false, events: [] };
      }
      sentences += 1;
      const events = [...there.found(device)];
      if (sentence !== "unused") {
        if (epoch !== null && startsEpoch(epoch, sentence)) events.push(...finish());
        epoch = joinEpoch(epoch ?? beginEpoch(now.bootUs), sentence);
      }
      return { understood: true, events };
    },
    quiet: finish,
    ended(reason) {
      epoch = null;
      return there.lost(reason);
    },
    counts: () => ({ sentences, dropped }),
  };
}
