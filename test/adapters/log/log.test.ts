import { describe, expect, it } from "vitest";
import { memoryLog } from "../../../src/adapters/log/memory-log.ts";
import { type LogLevel, pinoLog } from "../../../src/adapters/log/pino-log.ts";
import type { Clock } from "../../../src/ports/clock.ts";

const clock: Clock = {
  bootId: new Uint8Array(16),
  read: () => ({ wallUs: Date.UTC(2026, 0, 2, 3, 4, 5, 678) * 1000, bootUs: 0 }),
  at: () => () => {},
};

function collecting(level: LogLevel) {
  const lines: string[] = [];
  return { lines, log: pinoLog({ level, clock, sink: { write: (line) => lines.push(line) } }) };
}

describe("the JSON log", () => {
  it("writes one line an event with level, time of the given clock, event and fields", () => {
    const { lines, log } = collecting("debug");
    log.warn("radio-lost", { device: "pluto", attempts: 3, fatal: false, since: null });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.endsWith("}\n")).toBe(true);
    expect(JSON.parse(lines[0] ?? "")).toEqual({
      level: "warn",
      time: "2026-01-02T03:04:05.678Z",
      event: "radio-lost",
      device: "pluto",
      attempts: 3,
      fatal: false,
      since: null,
    });
  });

  it("leaves out what is below its level", () => {
    for (const [level, count] of [
      ["debug", 4],
      ["info", 3],
      ["warn", 2],
      ["error", 1],
      ["silent", 0],
    ] as const) {
      const { lines, log } = collecting(level);
      log.debug("a");
      log.info("b");
      log.warn("c");
      log.error("d");
      expect(lines.length, level).toBe(count);
    }
  });

  it("keeps a hostile field on its line, cut, and out of the line's own keys", () => {
    const { lines, log } = collecting("info");
    log.info("peer", {
      text: 'a\n{"level":"error"}\u001b[2J',
      long: "x".repeat(5000),
      event: "forged",
      level: "error",
    });
    expect(lines[0]?.trimEnd().includes("\n")).toBe(false);
    const line = JSON.parse(lines[0] ?? "");
    expect([line.event, line.level, line["field-event"], line["field-level"]]).toEqual([
      "peer",
      "info",
      "forged",
      "error",
    ]);
    expect(line.text).toBe('a\n{"level":"error"}\u001b[2J');
    expect(line.long).toHaveLength(1025);
  });
});

describe("the log in memory", () => {
  it("keeps the last lines, oldest first", () => {
    const log = memoryLog(2);
    log.debug("one");
    log.info("two", { a: 1 });
    log.error("three");
    expect(log.lines).toEqual([
      { level: "info", event: "two", fields: { a: 1 } },
      { level: "error", event: "three", fields: {} },
    ]);
  });
});
