/** What the invariants of logs allow a host whose disk forgot, and what they allow nobody (PROTOCOL §2). */
import { describe, expect, test } from "vitest";
import { bounds } from "../../src/core/agent/bounds.ts";
import type { Agent } from "../../src/core/agent/turn.ts";
import type { AnyRecord } from "../../src/core/record/record.ts";
import { newChronicle } from "../../src/sim/chronicle.ts";
import { logInvariants } from "../../src/sim/invariants/log-invariants.ts";
import { scenePolicy, scriptedLineage } from "../support/scripted-authority.ts";
import { quickKeys } from "../support/scripted-keys.ts";
import { watchedWorld } from "../support/watched-world.ts";

const HOST = "holder-0";

function watchedLog() {
  const lineage = scriptedLineage(quickKeys(), HOST);
  const chronicle = newChronicle();
  const world = { mayForget: false, isShown: false };
  const shown = { volatile: { quarantine: { beyond: {} } } } as unknown as Agent;
  const watched = watchedWorld({
    chronicle,
    agentOf: () => (world.isShown ? shown : null),
    lineageOf: () => lineage.inception.header.lineage,
    mayForget: () => world.mayForget,
  });
  const invariants = logInvariants(watched);
  const append = (record: AnyRecord): void => {
    for (const each of invariants) each.appended?.(HOST, record, "agent");
    chronicle.append(HOST, record, 0);
  };
  const reread = (records: readonly AnyRecord[]): void => {
    const loss = chronicle.lossIn(HOST, records);
    for (const each of invariants) each.reread?.(HOST, records, loss);
    if (loss !== null) chronicle.lose(HOST, loss);
  };
  const publish = (record: AnyRecord): void => {
    for (const each of invariants) each.published?.(HOST, record);
  };
  /** So many records, all durable. */
  const grow = (count: number): readonly AnyRecord[] => {
    while (lineage.records.length < count) lineage.write("policy", scenePolicy);
    const known = chronicle.chainOf(HOST).ids.length;
    for (const record of lineage.records.slice(known)) append(record);
    return lineage.records;
  };
  return { lineage, world, append, reread, publish, grow };
}

/** What an old copy of the log goes on with: another record at a position that was used. */
function fork({ lineage }: ReturnType<typeof watchedLog>, kept: number): AnyRecord {
  const before = lineage.records[kept - 1];
  if (before === undefined) throw new Error("a log keeps its inception");
  const body = { ...scenePolicy, name: "another" };
  return lineage.write("policy", body, { seq: kept, previous: before.id }) as AnyRecord;
}

describe("a log that was read anew", () => {
  test("may lack nothing that was acknowledged, unless a fault took it from the disk", () => {
    const log = watchedLog();
    const records = log.grow(5);
    expect(() => log.reread(records.slice(0, 3))).toThrow("3 records; 5 were acknowledged");
    log.world.mayForget = true;
    expect(() => log.reread(records.slice(0, 3))).not.toThrow();
  });

  test("goes on where it stands: a position is used twice only after a loss", () => {
    const log = watchedLog();
    const records = log.grow(5);
    const other = fork(log, 3);
    expect(() => log.append(other)).toThrow("appended policy at 3 after 4");
    log.world.mayForget = true;
    log.reread(records.slice(0, 3));
    expect(() => log.append(other)).not.toThrow();
  });
});

describe("a host whose disk lost records", () => {
  const unnoticed = 2 * bounds.CHECKPOINT_EVERY + bounds.QUEUE_MAX + bounds.QUEUE_RESERVE;

  test.each([
    ["goes on", unnoticed, false],
    ["must have been quarantined", unnoticed + 1, true],
  ])("%s after a loss of %i records", (_, count, isBreach) => {
    const log = watchedLog();
    const records = log.grow(1 + count);
    log.world.mayForget = true;
    log.reread(records.slice(0, 1));
    const goOn = (): void => log.append(fork(log, 1));
    if (isBreach) expect(goOn).toThrow(`had lost ${count} records`);
    else expect(goOn).not.toThrow();
  });

  test("signs nothing once it was shown a lost record, but has the lost ones stored again", () => {
    const log = watchedLog();
    const records = [...log.grow(5)];
    log.world.mayForget = true;
    log.reread(records.slice(0, 3));
    log.world.isShown = true;
    expect(() => log.append(fork(log, 3))).toThrow("while it knew of lost records");
    const [back] = records.slice(3);
    if (back !== undefined) expect(() => log.append(back)).not.toThrow();
  });
});

test("what leaves a host was durable there, now or before its disk lost it", () => {
  const log = watchedLog();
  const records = log.grow(3);
  const queued = log.lineage.write("policy", scenePolicy) as AnyRecord;
  expect(() => log.publish(queued)).toThrow("sent a policy that its log does not hold");
  log.world.mayForget = true;
  log.reread(records.slice(0, 1));
  for (const each of records.slice(0, 3)) expect(() => log.publish(each)).not.toThrow();
});
