/** What reads a receiver's NMEA 0183 by serial (hardware/gnss/nmea-…), the npm package below it included. */
import { nmeaSession } from "../../../hardware/gnss/nmea-serial.ts";
import type { Reading } from "../../../src/ports/clock.ts";
import { plainMutators } from "../mutator.ts";
import { checksummed, nmeaMutator } from "../nmea-mutator.ts";
import { breach, type Target } from "../target.ts";
import { eventHolds } from "./fix-shape.ts";
import { linesOf } from "./gpsd.ts";

const EVENTS_MAX = 2;

type Session = Pick<ReturnType<typeof nmeaSession>, "hear" | "quiet">;

/** Each sentence at most two events, each fix in its ranges; nothing throws. */
export function nmeaTarget(open: () => Session = () => nmeaSession("/dev/ttyS0", "live")): Target {
  return {
    name: "nmea",
    seeds: () => [SENTENCES, ...SENTENCES.map((each) => [each])].map(text),
    mutators: [...plainMutators, ...Array<typeof nmeaMutator>(12).fill(nmeaMutator)],
    bytesMax: 2_048,
    run(input) {
      const session = open();
      let now: Reading = { bootUs: 5_000_000, wallUs: 1_700_000_000_000_000 };
      for (const line of linesOf(input)) {
        now = { bootUs: now.bootUs + 20_000, wallUs: now.wallUs + 20_000 };
        const { understood, events } = session.hear(line, now);
        if (events.length > EVENTS_MAX) breach("a sentence gives at most two events");
        if (!understood && events.length > 0) breach("what is not understood says nothing");
        for (const event of events) eventHolds(event);
      }
      for (const event of session.quiet()) eventHolds(event);
    },
  };
}

function text(bodies: readonly string[]): Uint8Array {
  return new Uint8Array(Buffer.from(bodies.map((body) => `${checksummed(body)}\r\n`).join(""), "latin1"));
}

const SENTENCES: readonly string[] = [
  "GPRMC,092725.00,A,4717.11399,N,00833.91590,E,0.004,77.52,091202,,,A",
  "GPGGA,092725.00,4717.11399,N,00833.91590,E,1,8,1.01,499.6,M,48.0,M,,0",
  "GNGNS,092725.00,4717.11399,S,00833.91590,W,AAN,8,1.01,499.6,48.0,,",
  "GPGSA,A,3,23,29,07,08,09,18,26,28,,,,,1.94,1.18,1.54",
  "GPGST,092725.00,1.8,,,,1.7,1.3,2.2",
  "GPZDA,092725.00,09,12,2002,00,00",
  "GPGSV,1,1,02,23,38,230,44,29,71,156,47",
  "GPRMC,092726.00,V,,,,,,,091202,,,N",
  "GPVTG,77.52,T,,M,0.004,N,0.008,K,A",
];
