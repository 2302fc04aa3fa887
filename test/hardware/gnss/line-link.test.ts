import { describe, expect, test } from "vitest";
import { type ConnectionEvents, type LineLink, lineLink } from "../../../hardware/gnss/line-link.ts";
import { contextOn, type StandingClock, standingClock } from "./context.ts";

const SECOND = 1_000_000;
const SILENCE_US = 10 * SECOND;

/** A link over connections that the test plays. Lines are understood when they begin with `ok`. */
type Bench = {
  readonly clock: StandingClock;
  readonly link: LineLink;
  readonly connections: ConnectionEvents[];
  /** Boot instants of the attempts. */
  readonly attempts: number[];
  readonly heard: string[];
  readonly closings: () => number;
};

function bench(refuse = false): Bench {
  const clock = standingClock(0, 0);
  const connections: ConnectionEvents[] = [];
  const attempts: number[] = [];
  const heard: string[] = [];
  let closings = 0;
  const link = lineLink(contextOn(clock), {
    connect(events) {
      attempts.push(clock.read().bootUs);
      connections.push(events);
      if (refuse) events.ended("refused");
      return {
        async close() {
          closings += 1;
        },
      };
    },
    lineBytesMax: 64,
    silenceUs: SILENCE_US,
    opened: () => heard.push("opened"),
    line(text) {
      heard.push(text);
      return text.startsWith("ok");
    },
    ended: (reason) => heard.push(`ended: ${reason}`),
  });
  return { clock, link, connections, attempts, heard, closings: () => closings };
}

function last(connections: readonly ConnectionEvents[]): ConnectionEvents {
  const connection = connections.at(-1);
  if (connection === undefined) throw new Error("there was no attempt");
  return connection;
}

describe("a line link", () => {
  test("waits twice as long after each failure, with jitter below a quarter, and never longer than 37.5 s", () => {
    const { clock, link, attempts, closings } = bench(true);
    link.start();
    clock.moveTo(300 * SECOND);
    const waits = attempts.slice(1).map((at, i) => at - (attempts[i] ?? 0));
    expect(waits.slice(0, 4)).toEqual([251_708, 503_417, 1_006_835, 2_013_671]);
    expect(Math.max(...waits)).toBe(30_205_078);
    expect(closings()).toBe(attempts.length);
    expect(clock.waiting()).toBe(1);
  });

  test("starts from the shortest wait again after a line that was understood, not after garbage", () => {
    const { clock, link, connections, attempts } = bench();
    /** The wait for the next attempt after a connection that brought only `line`. */
    const waitAfter = (line: string): number => {
      const { bootUs } = clock.read();
      last(connections).bytes(Buffer.from(`${line}\n`));
      last(connections).ended("closed");
      clock.moveTo(bootUs + SILENCE_US / 2);
      return (attempts.at(-1) ?? 0) - bootUs;
    };
    link.start();
    expect(["garbage", "garbage", "garbage", "ok"].map(waitAfter)).toEqual([
      251_708, 503_417, 1_006_835, 251_708,
    ]);
  });

  test("gives up a connection that is silent, or brings only what nobody understands", () => {
    const { clock, link, connections, heard, attempts } = bench();
    link.start();
    last(connections).opened();
    clock.moveTo(6 * SECOND);
    last(connections).bytes(Buffer.from("ok\n"));
    clock.moveTo(15 * SECOND);
    last(connections).bytes(Buffer.from("garbage\n"));
    clock.moveTo(16 * SECOND - 1);
    expect(attempts).toHaveLength(1);
    clock.moveTo(16 * SECOND);
    expect(heard).toEqual(["opened", "ok", "garbage", "ended: silent for 10000 ms"]);
    clock.moveTo(17 * SECOND);
    expect(attempts).toHaveLength(2);
  });

  test("gives up an attempt that never gets an answer", () => {
    const { clock, link, heard } = bench();
    link.start();
    clock.moveTo(SILENCE_US);
    expect(heard).toEqual(["ended: silent for 10000 ms"]);
  });

  test("hears nothing more from a connection that ended", () => {
    const { clock, link, connections, heard } = bench();
    link.start();
    const old = last(connections);
    old.ended("closed");
    old.ended("again");
    old.opened();
    old.bytes(Buffer.from("ok old\n"));
    clock.moveTo(SECOND);
    expect(connections).toHaveLength(2);
    old.bytes(Buffer.from("ok old\n"));
    last(connections).bytes(Buffer.from("ok new\n"));
    expect(heard).toEqual(["ended: closed", "ok new"]);
  });

  test("does not join halves of lines from two connections", () => {
    const { clock, link, connections, heard } = bench();
    link.start();
    last(connections).bytes(Buffer.from("ok ha"));
    last(connections).ended("closed");
    clock.moveTo(SECOND);
    last(connections).bytes(Buffer.from("lf\nok whole\n"));
    expect(heard).toEqual(["ended: closed", "lf", "ok whole"]);
  });

  test("calls nothing and waits for nothing after close, however often it is closed", async () => {
    const { clock, link, connections, heard, closings } = bench();
    link.start();
    await link.close();
    await link.close();
    last(connections).opened();
    last(connections).bytes(Buffer.from("ok\n"));
    last(connections).ended("closed");
    clock.moveTo(100 * SECOND);
    expect(heard).toEqual([]);
    expect(closings()).toBe(1);
    expect(clock.waiting()).toBe(0);
  });

  test("can be closed while it waits for its next attempt", async () => {
    const { clock, link, attempts } = bench(true);
    link.start();
    await link.close();
    clock.moveTo(100 * SECOND);
    expect(attempts).toEqual([0]);
  });
});
