/** What reads gpsd: lines out of chunks (hardware/gnss/line-splitter), then reports and fixes (hardware/gnss/gpsd). */
import { gpsdSession } from "../../../hardware/gnss/gpsd/session.ts";
import { lineSplitter } from "../../../hardware/gnss/line-splitter.ts";
import { memoryLog } from "../../../src/adapters/log/memory-log.ts";
import type { Reading } from "../../../src/ports/clock.ts";
import { jsonLineMutator } from "../json-mutator.ts";
import { plainMutators } from "../mutator.ts";
import { breach, type Target } from "../target.ts";
import { eventHolds } from "./fix-shape.ts";

/** Shorter than the client's own, so that too long lines are met too. */
const LINE_BYTES_MAX = 1_024;
/** The events of one line: the receiver is there, and its fix. */
const EVENTS_MAX = 2;

type OpenSession = () => Pick<ReturnType<typeof gpsdSession>, "hear">;

/** Chunks cut anywhere give the same lines; each line at most two events, each fix in its ranges; nothing throws. */
export function gpsdTarget(
  open: OpenSession = () => gpsdSession({ source: "live", device: null, log: memoryLog() }),
): Target {
  return {
    name: "gpsd",
    seeds: () => [text(...REPORTS), ...REPORTS.map((line) => text(line))],
    mutators: [...plainMutators, ...Array<typeof jsonLineMutator>(12).fill(jsonLineMutator)],
    bytesMax: 4_096,
    run(input) {
      const session = open();
      let now: Reading = { bootUs: 5_000_000, wallUs: 1_700_000_000_000_000 };
      for (const line of linesOf(input)) {
        now = { bootUs: now.bootUs + 300_000, wallUs: now.wallUs + 300_000 };
        const { understood, events } = session.hear(line, now);
        if (events.length > EVENTS_MAX) breach("a line gives at most two events");
        if (!understood && events.length > 0) breach("what is not understood says nothing");
        for (const event of events) eventHolds(event);
      }
    },
  };
}

/** The lines of `input` come out alike, however it is cut into chunks. */
export function linesOf(input: Uint8Array): readonly string[] {
  const whole = lineSplitter(LINE_BYTES_MAX);
  const cut = lineSplitter(LINE_BYTES_MAX);
  const lines = whole.push(input);
  const third = Math.floor(input.length / 3);
  const pieces = [input.subarray(0, third), input.subarray(third, third + 1), input.subarray(third + 1)];
  const again = pieces.flatMap((piece) => [...cut.push(piece)]);
  if (JSON.stringify(lines) !== JSON.stringify(again)) breach("chunks cut anywhere give the same lines");
  if (whole.held() > LINE_BYTES_MAX || cut.held() !== whole.held()) breach("what is held is bounded");
  return lines;
}

function text(...lines: readonly string[]): Uint8Array {
  return new Uint8Array(Buffer.from(lines.map((line) => `${line}\n`).join("")));
}

const REPORTS: readonly string[] = [
  '{"class":"VERSION","release":"3.22","rev":"3.22","proto_major":3,"proto_minor":14}',
  '{"class":"DEVICES","devices":[{"class":"DEVICE","path":"/dev/ttyS0","activated":"2017-01-01T00:00:00Z"}]}',
  '{"class":"WATCH","enable":true,"json":true,"pps":true,"timing":true}',
  '{"class":"DEVICE","path":"/dev/ttyS0","activated":0}',
  '{"class":"SKY","device":"/dev/ttyS0","uSat":9,"satellites":[{"PRN":1,"used":true}]}',
  '{"class":"SKY","device":"/dev/ttyS0","satellites":[{"PRN":1,"used":true},{"PRN":2,"used":false}]}',
  '{"class":"PPS","device":"/dev/ttyS0","real_sec":1700000000,"real_nsec":0,"clock_sec":1700000000,"clock_nsec":900,"precision":-20}',
  '{"class":"TOFF","device":"/dev/ttyS0","real_sec":1700000000,"real_nsec":-5,"clock_sec":1700000000,"clock_nsec":900}',
  '{"class":"TPV","device":"/dev/ttyS0","mode":3,"time":"2023-11-14T22:13:20.000Z","ept":0.005,"lat":52.5,"lon":13.4,"altHAE":80.1,"altMSL":40.1,"alt":40.1,"geoidSep":40.0,"eph":5.1,"epx":3.1,"epy":3.2,"epv":8.2,"leapseconds":18}',
  '{"class":"TPV","device":"/dev/ttyS0","mode":3,"status":8,"time":"2016-12-31T23:59:60.5Z","lat":-52.5,"lon":-13.4,"alt":40.1,"jam":200,"ant":2}',
  '{"class":"TPV","device":"/dev/ttyS1","mode":0}',
  '{"class":"ERROR","message":"Unrecognized request"}',
];
