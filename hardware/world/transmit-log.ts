/**
 * The transmit log: what each emitter of the world really did, written by the world itself as it happens.
 * One JSON object a line; each carries `hash` = SHA-256(hash of the line before ‖ its own line without `hash`),
 * 64 zeros before the first. A cut at the end is not visible in the chain alone: compare `head` with a kept one.
 */
import { createHash } from "node:crypto";
import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { assert } from "../../src/core/base/assert.ts";
import { HEX_32, integerField, type LineFields, parseLine, textField, WORD } from "./ether-lines.ts";

export type TransmitEntry = {
  readonly sequence: number;
  /** Boot clock of the world process, µs: for `on`, not after the first wave; for `off`, not before the last. */
  readonly bootUs: number;
  readonly emitter: string;
  readonly state: "on" | "off";
  readonly lowerHz: number;
  readonly upperHz: number;
  readonly eirpCentiDbm: number;
  /** Hex of the lease's artifact id, and of the actuation record that caused the emission. */
  readonly lease: string;
  readonly cause: string;
  /** Why it was switched: `armed`, `mute`, `deadline`, `feed-timeout`, `connection-closed`, … */
  readonly reason: string;
};

export interface TransmitLog {
  /** Written and flushed when it returns; throws the system's error when it could not be. */
  append(entry: Omit<TransmitEntry, "sequence">): void;
  close(): void;
}

/** One stretch of one emission. `endBootUs` is null while it lasts. */
export type EmissionInterval = {
  readonly emitter: string;
  readonly lease: string;
  readonly cause: string;
  readonly lowerHz: number;
  readonly upperHz: number;
  readonly eirpCentiDbm: number;
  readonly startBootUs: number;
  readonly endBootUs: number | null;
  readonly endReason: string | null;
};

export type TransmitReport = {
  /** The first line (from 1) that does not fit the chain or its emitter's history, and why; null when all do. */
  readonly damage: { readonly line: number; readonly reason: string } | null;
  /** Hash of the last good line. */
  readonly head: string;
  /** What the good lines say, in order of their start. */
  readonly entries: readonly TransmitEntry[];
  readonly intervals: readonly EmissionInterval[];
};

/** Lines that a log in memory may hold before it asserts. */
const MEMORY_LINES_MAX = 1_000_000;

const FIRST_HASH = "0".repeat(64);

/** A log in a new file of mode 0600; an existing path is refused with the system's EEXIST. */
export function fileTransmitLog(path: string): TransmitLog {
  const file = openSync(path, "ax", 0o600);
  const chain = newChain();
  return {
    append(entry) {
      const line = Buffer.from(chain(entry));
      for (let at = 0; at < line.length; ) at += writeSync(file, line, at);
      fdatasyncSync(file);
    },
    close: () => closeSync(file),
  };
}

/** The same log in memory, for worlds inside one process. */
export function memoryTransmitLog(): TransmitLog & { text(): string } {
  const lines: string[] = [];
  const chain = newChain();
  return {
    append(entry) {
      assert(lines.length < MEMORY_LINES_MAX, "a transmit log in memory is for short worlds");
      lines.push(chain(entry));
    },
    close: () => {},
    text: () => lines.join(""),
  };
}

/** Checks the chain, the order and each emitter's history; yields the intervals of emission. Never throws. */
export function readTransmitLog(text: string): TransmitReport {
  const entries: TransmitEntry[] = [];
  const done: Opened[] = [];
  const open = new Map<string, Opened>();
  let head = FIRST_HASH;
  let damage: TransmitReport["damage"] = null;
  const lines = text.split("\n");
  for (let at = 0; at < lines.length - 1 && damage === null; at++) {
    const read = readEntry(lines[at] as string, head);
    const reason = typeof read === "string" ? read : misfit(read.entry, entries, open);
    if (typeof read === "string" || reason !== null) {
      damage = { line: at + 1, reason: reason ?? "malformed" };
      break;
    }
    head = read.hash;
    entries.push(read.entry);
    follow(read.entry, open, done);
  }
  if (damage === null && lines.at(-1) !== "") damage = { line: lines.length, reason: "torn" };
  return { damage, head, entries, intervals: done.map((opened) => ({ ...opened })) };
}

type Opened = { -readonly [Key in keyof EmissionInterval]: EmissionInterval[Key] };

function newChain(): (entry: Omit<TransmitEntry, "sequence">) => string {
  let sequence = 0;
  let hash = FIRST_HASH;
  return (entry) => {
    const line = canonicalLine({ ...entry, sequence });
    hash = chained(hash, line);
    sequence++;
    return `${line.slice(0, -1)},"hash":"${hash}"}\n`;
  };
}

/** Fixed order of keys, no spaces: one entry has one line. */
function canonicalLine(entry: TransmitEntry): string {
  const { sequence, bootUs, emitter, state, lowerHz, upperHz, eirpCentiDbm, lease, cause, reason } = entry;
  return JSON.stringify({
    sequence,
    bootUs,
    emitter,
    state,
    lowerHz,
    upperHz,
    eirpCentiDbm,
    lease,
    cause,
    reason,
  });
}

function chained(previous: string, line: string): string {
  return createHash("sha256").update(previous).update(line).digest("hex");
}

function readEntry(line: string, head: string): { entry: TransmitEntry; hash: string } | string {
  const fields = parseLine(Buffer.from(line));
  const entry = fields === null ? null : entryOf(fields);
  if (entry === null) return "malformed";
  const canonical = canonicalLine(entry);
  const hash = chained(head, canonical);
  // Not canonical, a changed field, a changed or missing hash, a line moved or left out: all end here.
  return line === `${canonical.slice(0, -1)},"hash":"${hash}"}` ? { entry, hash } : "chain-broken";
}

function entryOf(fields: LineFields): TransmitEntry | null {
  const sequence = integerField(fields, "sequence");
  const bootUs = integerField(fields, "bootUs");
  const emitter = textField(fields, "emitter", WORD);
  const state = textField(fields, "state", /^(on|off)$/) as "on" | "off" | null;
  const lowerHz = integerField(fields, "lowerHz");
  const upperHz = integerField(fields, "upperHz");
  const eirpCentiDbm = integerField(fields, "eirpCentiDbm", -100_000, 100_000);
  const lease = textField(fields, "lease", HEX_32);
  const cause = textField(fields, "cause", HEX_32);
  const reason = textField(fields, "reason", WORD);
  if (sequence === null || bootUs === null || emitter === null || state === null) return null;
  if (lowerHz === null || upperHz === null || eirpCentiDbm === null) return null;
  if (lease === null || cause === null || reason === null) return null;
  return { sequence, bootUs, emitter, state, lowerHz, upperHz, eirpCentiDbm, lease, cause, reason };
}

function misfit(
  entry: TransmitEntry,
  before: readonly TransmitEntry[],
  open: ReadonlyMap<string, Opened>,
): string | null {
  if (entry.sequence !== before.length) return "sequence-broken";
  const last = before.at(-1);
  if (last !== undefined && entry.bootUs < last.bootUs) return "clock-went-back";
  const opened = open.get(entry.emitter);
  if (entry.state === "on") return opened === undefined ? null : "on-while-on";
  if (opened === undefined) return "off-while-off";
  return opened.lease === entry.lease && opened.cause === entry.cause ? null : "off-of-another-emission";
}

function follow(entry: TransmitEntry, open: Map<string, Opened>, done: Opened[]): void {
  if (entry.state === "on") {
    const { emitter, lease, cause, lowerHz, upperHz, eirpCentiDbm, bootUs } = entry;
    const band = { lowerHz, upperHz, eirpCentiDbm };
    const opened = { emitter, lease, cause, ...band, startBootUs: bootUs, endBootUs: null, endReason: null };
    open.set(emitter, opened);
    done.push(opened);
    return;
  }
  const opened = open.get(entry.emitter);
  assert(opened !== undefined, "misfit() admits off only after on");
  opened.endBootUs = entry.bootUs;
  opened.endReason = entry.reason;
  open.delete(entry.emitter);
}
