/** After an unclean start nothing is signed and RF is off, for as long as anything promised may run (PROTOCOL §2). */
import { describe, expect, test } from "vitest";
import { quarantineUs } from "../../../src/core/agent/quarantine.ts";
import { SECOND_US, sceneBlock, scenePolicy } from "../../support/scripted-authority.ts";
import { packEnvelope, refoldFrames } from "../../support/scripted-host.ts";
import { leaseAt, offerOf, twoAgents } from "../../support/two-agents.ts";

/** Longest reach 10.5 s with mute latency, longest confirmBy 15 s, two clock bounds of 1 s. */
const WAIT_US = 17 * SECOND_US;

describe("the length of a quarantine", () => {
  test("is the longest reach of any lease class with its mute latency, plus the clock bounds", () => {
    const [one] = scenePolicy.leaseClasses;
    if (one === undefined) return;
    const leaseClasses = [one, { ...one, name: "long", reachUs: 90 * SECOND_US }];
    expect(quarantineUs({ ...scenePolicy, leaseClasses })).toBe(92_500_000);
  });

  test("is never less than the longest confirmBy that policy admits", () => {
    expect(quarantineUs(scenePolicy)).toBe(WAIT_US);
  });

  test("without policy at hand is as long as any shipped one needs", () => {
    expect(quarantineUs(null)).toBe(900 * SECOND_US);
  });
});

describe("in a quarantine", () => {
  test("nothing is signed, RF stays off, commands are refused; the first record afterwards is a quarantine-end", () => {
    const scene = twoAgents();
    const lease = scene.settle();
    scene.consumer.crash();
    scene.consumer.cutTail(1, true);
    const before = scene.consumer.disk.length;
    scene.consumer.start();
    expect(scene.consumer.effects("mute").map(({ reason }) => reason)).toContain("quarantine");
    scene.run(WAIT_US - 2 * SECOND_US);
    expect(scene.consumer.disk).toHaveLength(before);
    expect(scene.consumer.radio.isOn()).toBe(false);
    const refused = scene.consumer.command({ verb: "relinquish", artifact: lease.derived.id });
    expect(refused).toMatchObject({ ok: false, rejections: [{ code: "quarantine" }] });
    scene.run(4 * SECOND_US);
    const { seq } = scene.consumer.written("quarantine-end")[0]?.header ?? { seq: -1 };
    expect(scene.consumer.written("quarantine-end")).toHaveLength(1);
    expect(scene.consumer.written("quarantine-end")[0]?.body).toMatchObject({
      confirmed: false,
      witness: null,
    });
    expect(scene.consumer.effects("append").at(0)).toBeDefined();
    expect(seq).toBe(scene.consumer.now.mark === null ? seq : -1);
    expect(scene.consumer.now.mark).toBeNull();
  });

  test("it starts anew, in full, at every start until quarantine-end is durable", () => {
    const scene = twoAgents();
    scene.settle();
    scene.holder.crash();
    scene.holder.cutTail(1, true);
    for (let start = 0; start < 3; start++) {
      scene.holder.start();
      scene.run(WAIT_US - 2 * SECOND_US);
      expect(scene.holder.written("quarantine-end")).toHaveLength(0);
      scene.holder.crash();
    }
    scene.holder.start();
    scene.run(WAIT_US + SECOND_US);
    expect(scene.holder.written("quarantine-end")).toHaveLength(1);
    scene.holder.crash();
    scene.holder.start();
    expect(scene.holder.agent().volatile.quarantine).toBeNull();
  });

  test("a holder answers what it stored, renews nothing, settles nothing", () => {
    const scene = twoAgents({ consumers: [{}, {}] });
    const lease = scene.settle();
    scene.run(SECOND_US);
    scene.holder.crash();
    scene.holder.now.mark = { seq: 1_000, reason: "drill" };
    scene.holder.start();
    const [renewals, frames] = [scene.holder.written("renewal").length, scene.holder.disk.length];
    const request = scene.consumer.written("renewal-request").at(-1);
    const again =
      request === undefined
        ? []
        : scene.holder.take({ kind: "message", bytes: packEnvelope(request.envelope) });
    expect(again.filter(({ kind }) => kind === "publish")).toHaveLength(1);
    const [, two] = scene.consumers;
    if (two !== undefined) scene.accept(two, lease.offer);
    scene.run(10 * SECOND_US);
    expect(scene.holder.written("renewal")).toHaveLength(renewals);
    expect(scene.holder.disk).toHaveLength(frames);
    expect(scene.holder.command({ verb: "offer", offer: offerOf(scene.authority, sceneBlock) }).ok).toBe(
      false,
    );
  });

  test("where it is over, a lease that still stands is renewed again", () => {
    const scene = twoAgents();
    const lease = scene.settle();
    scene.holder.crash();
    scene.holder.now.mark = { seq: 1_000_000, reason: "drill" };
    scene.holder.start();
    scene.run(WAIT_US - 2 * SECOND_US);
    expect(scene.consumer.radio.isOn()).toBe(false);
    scene.runUntil(() => scene.consumer.radio.isOn(), 25 * SECOND_US, "RF on again");
    expect(leaseAt(scene.holder, lease).termination).toBeNull();
  });
});

describe("the TPM's counter", () => {
  test("is raised after the checkpoint that names it is durable", () => {
    const scene = twoAgents({ holder: { counter: true } });
    scene.run(SECOND_US);
    expect(scene.holder.written("checkpoint").map(({ body }) => body.tpmCounter)).toEqual([1]);
    expect(scene.holder.now.counter).toBe(1);
    const kinds = scene.holder.trace.map(({ effect }) => effect.kind);
    expect(kinds.indexOf("append")).toBeLessThan(kinds.indexOf("count"));
  });

  test("one behind the last checkpoint is completed, and nothing is quarantined", () => {
    const scene = twoAgents({ holder: { counter: true } });
    scene.run(SECOND_US);
    scene.holder.crash();
    scene.holder.now.counter = 0;
    scene.holder.start();
    scene.run(SECOND_US);
    expect(scene.holder.now.counter).toBe(1);
    expect(scene.holder.agent().volatile.quarantine).toBeNull();
  });

  test("ahead of the last checkpoint is a rollback: quarantine, and after it a checkpoint names the counter again", () => {
    const scene = twoAgents({ holder: { counter: true } });
    scene.run(SECOND_US);
    scene.holder.crash();
    scene.holder.now.counter = 5;
    scene.holder.start();
    expect(scene.holder.agent().volatile.quarantine?.reason).toContain("counter is 5");
    scene.run(WAIT_US + 2 * SECOND_US);
    expect(scene.holder.written("checkpoint").at(-1)?.body.tpmCounter).toBe(6);
    scene.holder.crash();
    scene.holder.start();
    expect(scene.holder.agent().volatile.quarantine).toBeNull();
  });

  test("far behind is another log or another TPM: quarantine", () => {
    const scene = twoAgents({ holder: { counter: true } });
    scene.holder.now.counter = 9;
    scene.run(SECOND_US);
    scene.holder.crash();
    scene.holder.disk.length = 1;
    scene.holder.start();
    scene.run(SECOND_US);
    const named = scene.holder.written("checkpoint").at(-1)?.body.tpmCounter ?? 0;
    scene.holder.crash();
    scene.holder.now.counter = named - 3;
    scene.holder.start();
    expect(scene.holder.agent().volatile.quarantine).not.toBeNull();
  });

  test("that cannot be raised stops further checkpoints, so that the next start finds it one behind", () => {
    const scene = twoAgents({ holder: { counter: true } });
    scene.holder.now.counterFails = true;
    scene.settle();
    for (let i = 0; i < 80; i++) {
      scene.offer();
      scene.run(200_000);
    }
    expect(scene.holder.written("checkpoint").map(({ body }) => body.tpmCounter)).toEqual([1]);
  });
});

describe("a queue that is lost", () => {
  test("takes the provisional state with it, mutes, and the agent goes on from what is flushed (§2 Order)", () => {
    const scene = twoAgents();
    const lease = scene.settle();
    const { consumer } = scene;
    consumer.now.stalled = true;
    consumer.command({ verb: "relinquish", artifact: lease.derived.id });
    scene.run(200_000);
    expect(consumer.agent().queue.length).toBeGreaterThan(0);
    expect(consumer.agent().provisional.leases.values().next().value?.relinquishment).not.toBeNull();
    consumer.loseQueue();
    expect(consumer.agent().queue).toEqual([]);
    expect(leaseAt(consumer, lease).relinquishment).toBeNull();
    expect(consumer.agent().provisional.head).toEqual(consumer.agent().durable.head);
    expect(consumer.effects("mute").at(-1)?.reason).toBe("store-flush-failed");
    consumer.now.stalled = false;
    scene.runUntil(() => consumer.radio.isOn(), 20 * SECOND_US, "RF on again");
  });
});

describe("a log that is found to lack acknowledged records while the agent runs", () => {
  test("is an unclean start in place: silence, nothing signed for the whole time, then a quarantine-end", () => {
    const scene = twoAgents();
    scene.settle();
    const { consumer } = scene;
    scene.runUntil(() => consumer.radio.isOn(), 20 * SECOND_US, "RF on");
    consumer.cutTail(1, false);
    consumer.agent().durable = refoldFrames(consumer.disk, scene.scheme.primitives).state;
    const { nextSeq } = consumer.agent().durable;
    const before = consumer.disk.length;
    const lost = "flushed bytes do not read back";
    consumer.take({ kind: "queue-lost", reason: "store-flush-failed", lost });
    expect(consumer.now.mark).toEqual({ seq: nextSeq, reason: lost });
    scene.run(WAIT_US - 2 * SECOND_US);
    expect(consumer.radio.isOn()).toBe(false);
    expect(consumer.disk).toHaveLength(before);
    scene.run(4 * SECOND_US);
    expect(consumer.written("quarantine-end").map(({ header }) => header.seq)).toEqual([nextSeq]);
  });
});

describe("time that goes where it cannot go", () => {
  test("writes a time-fault, at most one a pause, and blocks nothing (§5)", () => {
    const scene = twoAgents();
    const lease = scene.settle();
    const { script } = scene.consumer;
    scene.run(10 * SECOND_US);
    const fix = (backUs: number) => ({
      kind: "fix" as const,
      fix: {
        source: "simulated" as const,
        mode: 3 as const,
        receivedBootUs: scene.consumer.reading().bootUs,
        timeUs: scene.nowUs() - backUs,
        timeErrorUs: script.timeBoundUs,
        pps: false,
        leapPending: false,
        latE7: 525_000_000,
        lonE7: 134_000_000,
        heightMm: 520_000,
        horizontalErrorMm: 3_000,
        verticalErrorMm: 5_000,
        interference: "" as const,
      },
    });
    scene.consumer.take(fix(SECOND_US));
    scene.consumer.take(fix(3 * SECOND_US));
    scene.run(2 * SECOND_US);
    expect(scene.consumer.written("time-fault").map(({ body }) => body.what)).toEqual(["backward"]);
    expect(scene.consumer.radio.isOn()).toBe(true);
    expect(leaseAt(scene.consumer, lease).relinquishment).toBeNull();
  });
});
