import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  LINE_BYTES_MAX as guardBytesMax,
  lineReader as guardReader,
  writeLine as writeGuardLine,
} from "../../../hardware/radio/guard/guard-lines.ts";
import { guardRequest } from "../../../hardware/radio/guard/guard-wire.ts";
import { etherAddress } from "../../../hardware/world/ether-address.ts";
import {
  type LineFields,
  lineReader,
  LINE_BYTES_MAX as worldBytesMax,
  writeLine,
} from "../../../hardware/world/ether-lines.ts";
import {
  type EtherRequest,
  etherAnswer,
  etherAnswerFields,
  etherRequest,
  etherRequestFields,
} from "../../../hardware/world/ether-wire.ts";

describe.each([
  { whose: "the world", lines: { lineReader, writeLine, LINE_BYTES_MAX: worldBytesMax } },
  {
    whose: "the guard",
    lines: { lineReader: guardReader, writeLine: writeGuardLine, LINE_BYTES_MAX: guardBytesMax },
  },
])("the lines of $whose", ({ lines }) => {
  function readAll(chunks: readonly Uint8Array[]): { lines: LineFields[]; refused: string[] } {
    const read: LineFields[] = [];
    const refused: string[] = [];
    const take = lines.lineReader(
      (fields) => read.push(fields),
      (reason) => refused.push(reason),
    );
    for (const chunk of chunks) take(chunk);
    return { lines: read, refused };
  }

  test("lines come out as they went in, however the stream is cut", () => {
    const objects = fc.array(
      fc.dictionary(
        fc.string({ maxLength: 9 }),
        fc.oneof(fc.integer(), fc.string({ unit: "binary", maxLength: 20 })),
        { noNullPrototype: true, maxKeys: 4 },
      ),
    );
    fc.assert(
      fc.property(objects, fc.integer({ min: 1, max: 50 }), (sent, piece) => {
        const bytes = Buffer.from(sent.map((fields) => lines.writeLine(fields)).join(""));
        const chunks = [];
        for (let at = 0; at < bytes.length; at += piece) chunks.push(bytes.subarray(at, at + piece));
        const { lines: read, refused } = readAll(chunks);
        expect(refused).toEqual([]);
        expect(read).toEqual(JSON.parse(JSON.stringify(sent)));
      }),
    );
  });

  test("a line of exactly the limit is taken, one byte more is refused, and nothing after it is read", () => {
    const pad = (bytes: number): string => `{"a":"${"x".repeat(bytes - 8)}"}\n`;
    expect(readAll([Buffer.from(pad(lines.LINE_BYTES_MAX))]).lines).toHaveLength(1);
    const beyond = readAll([Buffer.from(pad(lines.LINE_BYTES_MAX + 1)), Buffer.from("{}\n")]);
    expect(beyond).toEqual({ lines: [], refused: ["line-too-long"] });
  });

  test.each(["[]\n", "1\n", "null\n", "\n", "{\n"])("%j is no object: refused once", (text) => {
    expect(readAll([Buffer.from(`${text}{}\n`)])).toEqual({ lines: [], refused: ["not-an-object"] });
  });
});

test("no object makes the parsers throw, and no half-made command comes out of them", () => {
  const keys = [
    "id",
    "do",
    "command",
    "lease",
    "emission",
    "session",
    "epoch",
    "version",
    "state",
    "refused",
  ];
  const junk = fc.dictionary(fc.constantFrom(...keys), fc.anything({ maxDepth: 2 }));
  fc.assert(
    fc.property(junk, (fields) => {
      etherAnswer(fields);
      expect(etherRequest(fields)?.do ?? "feed").toMatch(/^(feed|state)$/);
      const request = guardRequest(fields);
      expect(request === null || ["mute", "read-back", "heartbeat"].includes(request.command.do)).toBe(true);
    }),
  );
});

test("requests and answers of the world survive the wire", () => {
  const dutyCycles = [{ lowerHz: 0, upperHz: 9, shareCentiPercent: 1_000, windowUs: 3_600_000_000 }];
  const [lease, cause] = ["a".repeat(64), "b".repeat(64)];
  const emission = { lowerHz: 1, upperHz: 2, eirpCentiDbm: -3, dutyCycles, lease, cause };
  const requests: EtherRequest[] = [
    { id: 1, do: "attach", attachment: { emitter: "tx", feedPeriodUs: null } },
    { id: 2, do: "attach", attachment: { emitter: "tx", feedPeriodUs: 1000 } },
    { id: 3, do: "on", emission },
    { id: 4, do: "off", reason: "mute" },
    { id: 5, do: "feed" },
    { id: 6, do: "state" },
  ];
  for (const request of requests) {
    expect(etherRequest(JSON.parse(writeLine(etherRequestFields(request))))).toEqual(request);
  }
  for (const answer of [
    { on: emission, sinceBootUs: 4 },
    { on: null, sinceBootUs: 0 },
    { code: "ether-full", message: "no room" },
  ]) {
    expect(etherAnswer(JSON.parse(writeLine(etherAnswerFields(7, answer))))).toEqual({
      id: 7,
      answer,
    });
  }
});

test("a world listens on loopback or on a unix path that the system can hold, and nowhere else", () => {
  expect(etherAddress("tcp:127.0.0.1:0")).toEqual({ kind: "tcp", port: 0 });
  expect(etherAddress("unix:/run/world.sock")).toEqual({ kind: "unix", path: "/run/world.sock" });
  for (const text of [
    "tcp:0.0.0.0:1",
    "tcp:127.0.0.1:65536",
    "tcp:127.0.0.1:01",
    "unix:world",
    `unix:/${"x".repeat(107)}`,
    "",
  ]) {
    expect(etherAddress(text)).toBeNull();
  }
});
