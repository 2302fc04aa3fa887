/** What muting could not record is named by an outage record once records are written again (PROTOCOL §2). */
import { describe, expect, test } from "vitest";
import { SECOND_US } from "../../support/scripted-authority.ts";
import type { Host } from "../../support/scripted-host.ts";
import { invariants } from "../../support/scripted-invariants.ts";
import { leaseAt, twoAgents } from "../../support/two-agents.ts";

/** Boot clock, of the host's present boot, at which its `n`th transmission ended. */
function endBootUs(host: Host, n: number): number {
  return host.clock().bootUsAt(host.radio.transmissions[n]?.untilUs ?? Number.NaN);
}

function results(host: Host): readonly string[] {
  return host.written("actuation-outcome").map(({ body }) => body.result);
}

describe("an outage names when RF may have been on", () => {
  test("after a flush error that took the queue: from the last read-back to certain silence, before the next actuation", () => {
    const scene = twoAgents();
    scene.settle();
    const { consumer } = scene;
    const on = consumer.written("actuation-outcome")[0];
    scene.run(SECOND_US);
    consumer.loseQueue();
    scene.run(8 * SECOND_US);
    const [outage] = consumer.written("outage");
    expect(outage?.body).toMatchObject({
      bootId: consumer.clock().bootId,
      fromBootUs: on?.body.bootUs,
      untilBootUs: endBootUs(consumer, 0),
    });
    const actuations = consumer.written("actuation").map(({ header }) => header.seq);
    expect(actuations).toHaveLength(2);
    expect(outage?.header.seq).toBeLessThan(actuations[1] ?? 0);
    expect(consumer.written("outage")).toHaveLength(1);
    expect(consumer.radio.isOn()).toBe(true);
    invariants().checkFold(consumer);
  });

  test("after a store that stalled while RF was muted, and a process that died before it answered", () => {
    const scene = twoAgents();
    const lease = scene.settle();
    const { consumer } = scene;
    consumer.now.stalled = true;
    consumer.command({ verb: "relinquish", artifact: lease.derived.id });
    scene.run(SECOND_US);
    expect(consumer.radio.isOn()).toBe(false);
    expect(results(consumer)).toEqual(["on"]);
    consumer.crash();
    consumer.now.stalled = false;
    consumer.start();
    scene.run(SECOND_US);
    const [outage] = consumer.written("outage");
    expect(outage?.body.fromBootUs).toBeLessThan(endBootUs(consumer, 0));
    expect(outage?.body.untilBootUs).toBeGreaterThanOrEqual(endBootUs(consumer, 0));
    expect(leaseAt(consumer, lease).outage?.id).toEqual(outage?.id);
    invariants().checkFold(consumer);
  });

  test("after a quarantine, in which nothing may be signed: behind its quarantine-end", () => {
    const scene = twoAgents();
    scene.settle();
    const { consumer } = scene;
    consumer.crash();
    consumer.cutTail(0, true);
    consumer.start();
    scene.run(5 * SECOND_US);
    expect(consumer.written("outage")).toEqual([]);
    scene.run(40 * SECOND_US);
    const [outage] = consumer.written("outage");
    const [end] = consumer.written("quarantine-end");
    expect(outage?.header.seq).toBeGreaterThan(end?.header.seq ?? Number.NaN);
    expect(outage?.body.untilBootUs).toBeGreaterThanOrEqual(endBootUs(consumer, 0));
    expect(consumer.written("outage")).toHaveLength(1);
  });

  test("after a reboot: in the clock of the boot that is over, to the farthest that any renewal asked for in it reached", () => {
    const scene = twoAgents();
    scene.settle();
    scene.run(7 * SECOND_US);
    const { consumer } = scene;
    const { bootId, bootUsAt } = consumer.clock();
    const asked = consumer.written("renewal-request").at(-1);
    consumer.reboot();
    scene.run(SECOND_US);
    consumer.start();
    scene.run(SECOND_US);
    const [outage] = consumer.written("outage");
    expect(outage?.body.bootId).toEqual(bootId);
    // The scene's reach of 10 s, and twice the radio's 10 ms to be silent.
    expect(outage?.body.untilBootUs).toBe((asked?.body.anchorBootUs ?? 0) + 10_020_000);
    expect(outage?.body.untilBootUs).toBeGreaterThan(
      bootUsAt(consumer.radio.transmissions[0]?.untilUs ?? Number.NaN),
    );
  });

  test("before the next actuation takes the place of the last one, however long the radio takes to be silent", () => {
    const radio = { armUs: 5_000, muteUs: 240_000, arming: "on" as const };
    const scene = twoAgents({ consumers: [{ radio }] });
    scene.settle();
    const { consumer } = scene;
    const before = consumer.written("actuation").length;
    consumer.crash();
    // Longer than a period: the next renewal is asked for, and comes, while the first mute is still under way.
    scene.run(3 * SECOND_US);
    consumer.start();
    scene.run(6 * SECOND_US);
    const [outage] = consumer.written("outage");
    const again = consumer.written("actuation").at(-1);
    expect(consumer.written("actuation")).toHaveLength(before + 1);
    expect(outage?.header.seq).toBeLessThan(again?.header.seq ?? Number.NaN);
    expect(consumer.radio.isOn()).toBe(true);
  });

  test("not where the outcome says when: a lease that was given up in order leaves none, restarted or not", () => {
    const scene = twoAgents();
    const lease = scene.settle();
    const { consumer } = scene;
    consumer.command({ verb: "relinquish", artifact: lease.derived.id });
    scene.run(SECOND_US);
    expect(results(consumer)).toEqual(["on", "muted"]);
    consumer.crash();
    consumer.start();
    scene.run(5 * SECOND_US);
    expect(consumer.written("outage")).toEqual([]);
  });

  test("not for an actuation that was decided against before RF", () => {
    const scene = twoAgents();
    const { consumer } = scene;
    consumer.now.storeUs = 300_000;
    scene.accept(consumer, scene.offer());
    scene.runUntil(() => consumer.effects("append").some(({ draft }) => draft.record.kind === "actuation"));
    consumer.now.fixes = false;
    consumer.agent().volatile.placeLevels.clear();
    scene.run(3 * SECOND_US);
    expect(consumer.written("actuation")).toHaveLength(1);
    expect(consumer.effects("arm")).toEqual([]);
    expect(consumer.written("outage")).toEqual([]);
  });
});
