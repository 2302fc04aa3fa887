/** A log that lacks records which its own key signed: they are fetched, or nothing is signed any more (PROTOCOL §2). */
import { describe, expect, test } from "vitest";
import { equalBytes, toHex } from "../../../src/core/base/bytes.ts";
import type { AnyRecord } from "../../../src/core/record/record.ts";
import { writeWant } from "../../../src/core/wire/want.ts";
import { SECOND_US, sceneBlock, signedEnvelope } from "../../support/scripted-authority.ts";
import { type Host, packEnvelope, recordFrom } from "../../support/scripted-host.ts";
import {
  leaseAt,
  leasesOf,
  offerOf,
  type Scene,
  type SceneParts,
  twoAgents,
} from "../../support/two-agents.ts";

/** Longest confirmBy 15 s, two clock bounds of 1 s. */
const WAIT_US = 17 * SECOND_US;

/** A lease in motion, then the holder's log loses its last `entries`, as a restored copy does. */
function rolledBack(entries: number, parts: SceneParts = {}): { scene: Scene; lost: readonly AnyRecord[] } {
  const scene = twoAgents(parts);
  scene.settle();
  scene.run(5 * SECOND_US);
  const before = ownRecords(scene, scene.holder);
  scene.holder.crash();
  scene.holder.cutTail(entries, false);
  return { scene, lost: before.slice(-entries) };
}

function ownRecords({ scheme }: Scene, host: Host): readonly AnyRecord[] {
  return host.disk
    .filter(({ kind }) => kind === "own")
    .map(({ bytes }) => recordFrom(bytes, scheme.primitives));
}

function show(host: Host, record: AnyRecord | undefined): void {
  if (record === undefined) throw new Error("there is a record to show");
  host.take({ kind: "message", bytes: packEnvelope(record.envelope) });
}

/** Nobody answers, and nobody asks for renewals: what is shown is all that comes. */
function silence(scene: Scene): void {
  scene.mesh.carry = () => [];
}

function idsOf(records: readonly AnyRecord[]): readonly string[] {
  return records.map(({ id }) => toHex(id));
}

describe("an own record beyond the head", () => {
  test("quarantines at once: the mark is asked for before anything else, RF goes off, commands are refused", () => {
    const { scene, lost } = rolledBack(2);
    silence(scene);
    scene.holder.start();
    expect(scene.holder.now.mark).toBeNull();
    const told = scene.holder.trace.length;
    show(scene.holder, lost.at(-1));
    const effects = scene.holder.trace.slice(told).map(({ effect }) => effect.kind);
    expect(effects[0]).toBe("set-quarantine-mark");
    expect(effects).toContain("mute");
    expect(scene.holder.effects("mute").at(-1)?.reason).toBe("quarantine");
    expect(scene.holder.now.mark?.seq).toBe((lost.at(-1)?.header.seq ?? 0) + 1);
    const answer = scene.holder.command({ verb: "offer", offer: offerOf(scene.authority, sceneBlock) });
    expect(answer).toMatchObject({ ok: false, rejections: [{ code: "quarantine" }] });
  });

  test.each([
    { entries: 1, kinds: ["renewal"] },
    { entries: 2, kinds: ["renewal", "renewal"] },
    { entries: 3, kinds: ["settlement", "renewal", "renewal"] },
  ])(
    "of $entries records lost, all come back from the consumer in order, and the quarantine goes on in full from there",
    (lost) => {
      const { scene, lost: records } = rolledBack(lost.entries);
      expect(records.map(({ kind }) => kind)).toEqual(lost.kinds);
      const length = ownRecords(scene, scene.holder).length;
      scene.holder.start();
      scene.runUntil(
        () => ownRecords(scene, scene.holder).length >= length + records.length,
        30 * SECOND_US,
        "the records are back",
      );
      const back = ownRecords(scene, scene.holder).slice(length, length + records.length);
      expect(idsOf(back)).toEqual(idsOf(records));
      const { quarantine } = scene.holder.agent().volatile;
      expect(quarantine?.beyond).toBeNull();
      expect(quarantine?.sinceBootUs).toBeGreaterThan(scene.holder.reading().bootUs - SECOND_US);
      const [lease] = leasesOf(scene.consumer);
      if (lease === undefined) throw new Error("the consumer holds the lease");
      expect(leaseAt(scene.holder, lease).lastRenewal?.id).toEqual(records.at(-1)?.id);
      expect(leaseAt(scene.holder, lease).consumerSettlement).not.toBeNull();
      scene.run(WAIT_US - 2 * SECOND_US);
      expect(scene.holder.written("quarantine-end")).toHaveLength(0);
      scene.runUntil(() => scene.holder.agent().volatile.quarantine === null, 5 * SECOND_US, "its end");
      const after = ownRecords(scene, scene.holder).slice(length + records.length);
      expect(after[0]?.kind).toBe("quarantine-end");
      expect(after[0]?.header.previous).toEqual(records.at(-1)?.id);
      expect(scene.holder.now.mark).toBeNull();
      expect(scene.offer().header.seq).toBeGreaterThan(after[0]?.header.seq ?? 0);
    },
  );

  test("that nobody can complete the log up to leaves it quarantined; no position is ever signed again", () => {
    // The admission went to nobody: without it the records after it do not chain on.
    const { scene, lost } = rolledBack(4);
    expect(lost[0]?.kind).toBe("admission");
    const frames = scene.holder.disk.length;
    const appends = scene.holder.effects("append").length;
    scene.holder.start();
    scene.run(5 * WAIT_US);
    expect(scene.holder.agent().volatile.quarantine?.beyond?.seq).toBe(lost.at(-1)?.header.seq);
    expect(scene.holder.disk).toHaveLength(frames);
    expect(scene.holder.effects("append")).toHaveLength(appends);
    const [admission] = lost;
    const asked = scene.holder
      .effects("want")
      .filter(({ ids }) => ids.some((id) => admission !== undefined && equalBytes(id, admission.id)));
    expect(asked.length).toBeGreaterThan(2);
    expect(asked.length).toBeLessThan(5 * 17 * 16);
    // Handed in by hand, as an operator's copy would: now it is whole.
    show(scene.holder, admission);
    scene.run(SECOND_US);
    expect(scene.holder.agent().volatile.quarantine?.beyond).toBeNull();
    expect(idsOf(ownRecords(scene, scene.holder).slice(-4))).toEqual(idsOf(lost));
  });

  test("that another record of ours took the place of is a fork: nothing is fetched, and no time ends it", () => {
    const { scene, lost } = rolledBack(2);
    silence(scene);
    scene.holder.start();
    const offer = offerOf(scene.authority, sceneBlock);
    scene.run(SECOND_US);
    for (let i = 0; i < 3; i++) scene.holder.command({ verb: "offer", offer });
    scene.run(SECOND_US);
    const frames = scene.holder.disk.length;
    for (const each of lost) show(scene.holder, each);
    const [restores, wants] = [scene.holder.effects("restore").length, scene.holder.effects("want").length];
    scene.run(3 * WAIT_US);
    expect(scene.holder.effects("restore")).toHaveLength(restores);
    expect(scene.holder.effects("want")).toHaveLength(wants);
    expect(scene.holder.agent().volatile.quarantine?.beyond).not.toBeNull();
    expect(scene.holder.disk).toHaveLength(frames);
  });
});

describe("a restart in that quarantine", () => {
  test("waits for the same record, and asks for it again", () => {
    const { scene, lost } = rolledBack(2);
    silence(scene);
    scene.holder.start();
    show(scene.holder, lost.at(-1));
    scene.holder.crash();
    scene.holder.start();
    scene.run(2 * WAIT_US);
    expect(scene.holder.agent().volatile.quarantine?.beyond?.id).toEqual(lost.at(-1)?.id);
    expect(scene.holder.written("quarantine-end")).toHaveLength(0);
    scene.mesh.carry = () => [3_000];
    scene.run(3 * SECOND_US);
    expect(idsOf(ownRecords(scene, scene.holder).slice(-2))).toEqual(idsOf(lost));
  });

  test("after the records are stored goes on in full, also where a quarantine-end is among them", () => {
    const scene = twoAgents();
    scene.settle();
    scene.holder.crash();
    scene.holder.now.mark = { seq: 1_000, reason: "drill" };
    scene.holder.start();
    scene.run(WAIT_US + 8 * SECOND_US);
    const all = ownRecords(scene, scene.holder);
    const end = all.findIndex(({ kind }) => kind === "quarantine-end");
    expect(all.length).toBeGreaterThan(end + 1);
    scene.holder.crash();
    scene.holder.cutTail(all.length - end, false);
    silence(scene);
    scene.holder.start();
    show(scene.holder, all.at(-1));
    for (const each of all.slice(end)) show(scene.holder, each);
    scene.mesh.carry = () => [3_000];
    scene.runUntil(() => ownRecords(scene, scene.holder).length >= all.length, 5 * SECOND_US, "all is back");
    scene.holder.crash();
    scene.holder.start();
    expect(scene.holder.agent().volatile.quarantine).not.toBeNull();
    scene.run(WAIT_US - 2 * SECOND_US);
    expect(scene.holder.written("quarantine-end")).toHaveLength(1);
    scene.run(5 * SECOND_US);
    expect(scene.holder.written("quarantine-end")).toHaveLength(2);
  });
});

describe("a quarantine-end that is queued when an own record beyond the head is shown", () => {
  test("is dropped with the queue: neither is it stored, nor does it end that quarantine", () => {
    const { scene, lost } = rolledBack(2);
    scene.holder.now.mark = { seq: 1_000, reason: "drill" };
    silence(scene);
    scene.holder.start();
    scene.run(WAIT_US - SECOND_US);
    scene.holder.now.stalled = true;
    scene.run(2 * SECOND_US);
    expect(scene.holder.agent().queue.map(({ draft }) => draft.record.kind)).toEqual(["quarantine-end"]);
    show(scene.holder, lost.at(-1));
    scene.holder.now.stalled = false;
    scene.run(2 * WAIT_US);
    expect(scene.holder.written("quarantine-end")).toHaveLength(0);
    expect(scene.holder.agent().volatile.quarantine?.beyond).not.toBeNull();
    expect(scene.holder.now.mark?.reason).toContain("beyond this log");
  });

  test("is dropped once: a second record that is shown finds the queue given up already", () => {
    const { scene, lost } = rolledBack(2);
    silence(scene);
    scene.holder.now.mark = { seq: 1_000, reason: "drill" };
    scene.holder.start();
    scene.run(WAIT_US - SECOND_US);
    scene.holder.now.stalled = true;
    scene.run(2 * SECOND_US);
    for (const each of lost) show(scene.holder, each);
    expect(scene.holder.effects("drop-queue")).toHaveLength(1);
    expect(scene.holder.agent().volatile.quarantine?.beyond?.id).toEqual(lost.at(-1)?.id);
  });

  test("and is reported as stored all the same ends nothing, and the mark stays", () => {
    const { scene, lost } = rolledBack(2);
    scene.holder.now.mark = { seq: 1_000, reason: "drill" };
    silence(scene);
    scene.holder.start();
    scene.run(WAIT_US - SECOND_US);
    scene.holder.now.stalled = true;
    scene.run(2 * SECOND_US);
    const [queued] = scene.holder.agent().queue;
    if (queued === undefined) throw new Error("a quarantine-end is queued");
    show(scene.holder, lost.at(-1));
    const { record } = queued.draft;
    const envelope = signedEnvelope(record, scene.holder.lineage.key);
    scene.holder.take({ kind: "appended", id: record.id, envelope });
    expect(scene.holder.agent().volatile.quarantine?.beyond).not.toBeNull();
    expect(scene.holder.now.mark?.reason).toContain("beyond this log");
  });

  test("and came through before it could be dropped does not end it either", () => {
    const { scene, lost } = rolledBack(2);
    scene.holder.now.mark = { seq: 1_000, reason: "drill" };
    silence(scene);
    scene.holder.start();
    scene.run(WAIT_US - SECOND_US);
    scene.holder.now.stalled = true;
    scene.run(2 * SECOND_US);
    show(scene.holder, lost.at(-1));
    scene.holder.loseQueue(1);
    scene.run(WAIT_US);
    scene.holder.crash();
    scene.holder.start();
    scene.run(2 * WAIT_US);
    expect(scene.holder.agent().volatile.quarantine?.beyond).not.toBeNull();
  });
});

describe("what a peer serves of another lineage", () => {
  test("is its own records to itself, and to nobody else", () => {
    const scene = twoAgents({ consumers: [{}, {}] });
    const [one, two] = scene.consumers;
    if (one === undefined || two === undefined) throw new Error("two consumers are on stage");
    scene.settle({}, one);
    const renewal = scene.holder.written("renewal").at(-1);
    if (renewal === undefined) throw new Error("the holder has renewed");
    silence(scene);
    const served = (asks: Host): number => {
      const { lineage } = asks.lineage.inception.header;
      const before = one.effects("publish").length;
      one.take({ kind: "message", bytes: writeWant({ lineage, ids: [renewal.id] }) });
      return one.effects("publish").length - before;
    };
    expect(served(scene.holder)).toBe(1);
    expect(served(two)).toBe(0);
  });
});
