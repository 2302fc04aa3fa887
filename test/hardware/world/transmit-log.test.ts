import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  fileTransmitLog,
  memoryTransmitLog,
  readTransmitLog,
  type TransmitEntry,
} from "../../../hardware/world/transmit-log.ts";

const BASE: Omit<TransmitEntry, "sequence"> = {
  bootUs: 10,
  emitter: "tx",
  state: "on",
  lowerHz: 1,
  upperHz: 2,
  eirpCentiDbm: -5,
  lease: "a".repeat(64),
  cause: "b".repeat(64),
  reason: "armed",
};

/** Two emitters, interleaved; the second is still on. */
function written(): string {
  const log = memoryTransmitLog();
  log.append(BASE);
  log.append({ ...BASE, bootUs: 11, emitter: "other" });
  log.append({ ...BASE, bootUs: 15, state: "off", reason: "mute" });
  return log.text();
}

test("yields the intervals of each emitter, the open one without an end", () => {
  const { damage, intervals, entries } = readTransmitLog(written());
  expect(damage).toBeNull();
  expect(entries).toHaveLength(3);
  expect(intervals).toMatchObject([
    { emitter: "tx", startBootUs: 10, endBootUs: 15, endReason: "mute" },
    { emitter: "other", startBootUs: 11, endBootUs: null, endReason: null },
  ]);
});

test("a changed byte anywhere is damage at its line or at the one that it swallowed", () => {
  const text = written();
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.integer({ min: 32, max: 126 }), (at, code) => {
      const byte = String.fromCharCode(code);
      if (text[at] === byte) return;
      const { damage } = readTransmitLog(text.slice(0, at) + byte + text.slice(at + 1));
      const line = text.slice(0, at).split("\n").length;
      expect(damage?.line).toBe(line);
    }),
  );
});

test("a line left out, doubled or moved is damage", () => {
  const lines = written().trimEnd().split("\n");
  const [first, second, third] = lines as [string, string, string];
  for (const forged of [
    [first, third],
    [first, first, second, third],
    [second, first, third],
    [first, third, second],
  ]) {
    expect(readTransmitLog(`${forged.join("\n")}\n`).damage).not.toBeNull();
  }
});

test.each<[string, readonly Partial<TransmitEntry>[], string]>([
  ["on while it is on", [{}, {}], "on-while-on"],
  ["off while it is off", [{ state: "off" }], "off-while-off"],
  ["off of another lease", [{}, { state: "off", lease: "c".repeat(64) }], "off-of-another-emission"],
  ["time that goes back", [{}, { state: "off", bootUs: 9 }], "clock-went-back"],
])("an intact chain that tells of %s is damage", (_, changes, reason) => {
  const log = memoryTransmitLog();
  for (const change of changes) log.append({ ...BASE, ...change });
  expect(readTransmitLog(log.text()).damage).toEqual({ line: changes.length, reason });
});

test("a torn last line is damage, and what stands before it still reads", () => {
  const report = readTransmitLog(written().slice(0, -7));
  expect(report.damage).toEqual({ line: 3, reason: "torn" });
  expect(report.entries).toHaveLength(2);
});

test("whatever text it is given, it returns", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
      readTransmitLog(text);
      readTransmitLog(`${text}\n{"sequence":0}\n`);
    }),
  );
});

test("a file has mode 0600, is there after each append, and an existing one is not touched", () => {
  const folder = mkdtempSync(join(tmpdir(), "spectrum-log-"));
  const path = join(folder, "transmit.log");
  const log = fileTransmitLog(path);
  log.append(BASE);
  expect(readTransmitLog(readFileSync(path, "utf8")).entries).toHaveLength(1);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(() => fileTransmitLog(path)).toThrow("EEXIST");
  log.close();
  rmSync(folder, { recursive: true });
});
