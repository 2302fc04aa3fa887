/** RF follows the assurance of time and place, and the holdover of what was assured last (PROTOCOL §5). */
import { describe, expect, test } from "vitest";
import { TIME_ERROR_MAX_US } from "../../../src/core/window/assured-time.ts";
import type { GnssFix } from "../../../src/ports/gnss.ts";
import { CENTRE, SECOND_US } from "../../support/scripted-authority.ts";
import { twoAgents } from "../../support/two-agents.ts";

/** The scene's lease class holds over for 5 s; its policy admits the levels `simulated` and `gnss`. */
const BELOW: readonly (readonly [string, Partial<GnssFix>])[] = [
  ["a level of time and place that the policy does not admit", { source: "replay" }],
  ["a time, and a place without any error estimate", { horizontalErrorMm: null }],
  ["only fixes refused as no fix", { mode: 0 }],
  ["only fixes refused as spoofed", { interference: "spoofing" }],
  ["only fixes refused for their error", { timeErrorUs: TIME_ERROR_MAX_US + 1 }],
];

describe("while RF is on (§5: RF goes off when assurance is below the lease term for longer than holdover)", () => {
  for (const [says, fixSays] of BELOW) {
    test(`a receiver that gives ${says} mutes after the holdover, not earlier, and the lease is given up as not-assured`, () => {
      const scene = twoAgents();
      scene.settle();
      scene.consumer.now.fixSays = fixSays;
      scene.run(3 * SECOND_US);
      expect(scene.consumer.radio.isOn()).toBe(true);
      scene.run(4 * SECOND_US);
      expect(scene.consumer.radio.isOn()).toBe(false);
      expect(scene.consumer.written("relinquishment")[0]?.body.reason).toBe("not-assured");
    });
  }

  test("a receiver that gives only refused fixes is muted no later than one that gives none", () => {
    const offAfterUs = (change: (now: ReturnType<typeof twoAgents>["consumer"]["now"]) => void): number => {
      const scene = twoAgents();
      scene.settle();
      const sinceUs = scene.nowUs();
      change(scene.consumer.now);
      scene.runUntil(() => !scene.consumer.radio.isOn(), 20 * SECOND_US);
      return scene.nowUs() - sinceUs;
    };
    const none = offAfterUs((now) => {
      now.fixes = false;
    });
    for (const [, fixSays] of BELOW) {
      const refused = offAfterUs((now) => {
        now.fixSays = fixSays;
      });
      expect(refused).toBeLessThanOrEqual(none);
    }
  });

  test("an admitted fix within the holdover renews it", () => {
    const scene = twoAgents();
    scene.settle();
    for (let i = 0; i < 4; i++) {
      scene.consumer.now.fixSays = { source: "replay" };
      scene.run(3 * SECOND_US);
      scene.consumer.now.fixSays = {};
      scene.run(1 * SECOND_US);
    }
    expect(scene.consumer.radio.isOn()).toBe(true);
    expect(scene.consumer.radio.transmissions).toHaveLength(1);
  });

  test("a fix that the driver hands over late counts from its receipt", () => {
    const scene = twoAgents();
    scene.settle();
    const { consumer } = scene;
    consumer.now.fixSays = { receivedBootUs: consumer.reading().bootUs };
    scene.run(7 * SECOND_US);
    expect(consumer.radio.isOn()).toBe(false);
  });
});

describe("before RF is on", () => {
  test("a host that starts again below its policy's assurance does not arm, and gives the lease up after the holdover", () => {
    const scene = twoAgents();
    scene.settle();
    const { consumer } = scene;
    consumer.crash();
    scene.run(SECOND_US);
    consumer.now.fixSays = { source: "replay" };
    consumer.start();
    scene.run(4 * SECOND_US);
    expect(consumer.written("relinquishment")).toEqual([]);
    scene.run(3 * SECOND_US);
    expect(consumer.written("relinquishment")[0]?.body.reason).toBe("not-assured");
    expect(consumer.radio.transmissions).toHaveLength(1);
  });
});

describe("place is the transmit antenna's (§5)", () => {
  const northMm = 60_000;

  test("what an agent states of its place, and is judged by, is its receiver's moved to the transmit antenna", () => {
    const scene = twoAgents({ config: { antenna: { northMm, eastMm: 0, upMm: 4_000 } } });
    const lease = scene.settle();
    const [acceptance] = scene.consumer.written("acceptance");
    const stated = [lease.offer.header.place?.value, acceptance?.header.place?.value];
    for (const place of stated) {
      expect(place?.heightMm).toBe(524_000);
      // 11.132 mm a unit of latitude on the mean sphere.
      expect((place?.latE7 ?? 0) - CENTRE.latE7).toBeGreaterThan(northMm / 11.2);
      expect((place?.latE7 ?? 0) - CENTRE.latE7).toBeLessThan(northMm / 11.0);
    }
    expect(lease.derived.artifact.context.holderPlace.value?.heightMm).toBe(524_000);
  });

  test("a receiver inside the area with its transmit antenna outside never transmits", () => {
    // The block's area reaches 50 000 units, some 556 m, to the north.
    const outside = twoAgents({ config: { antenna: { northMm: 700_000, eastMm: 0, upMm: 0 } } });
    const offer = outside.offer();
    outside.accept(outside.consumer, offer, true);
    outside.run(20 * SECOND_US);
    expect(outside.consumer.effects("arm")).toEqual([]);
    const inside = twoAgents();
    inside.settle();
    expect(inside.consumer.radio.isOn()).toBe(true);
  });

  test("a receiver that moves with its antenna is muted when the antenna leaves the area, its own place still inside", () => {
    const scene = twoAgents({ config: { antenna: { northMm: 300_000, eastMm: 0, upMm: 0 } } });
    scene.settle();
    scene.consumer.now.northE7 = 30_000;
    scene.run(2 * SECOND_US);
    expect(scene.consumer.radio.isOn()).toBe(false);
    expect(scene.consumer.written("relinquishment")[0]?.body.reason).toBe("not-assured");
  });
});

describe("before an acceptance (what RF will need is asked for at once)", () => {
  // The other two speak of levels and errors, which the evaluation refuses under names of their own.
  for (const [says, fixSays] of BELOW.slice(2)) {
    test(`a receiver that gives ${says} lets the consumer bind itself within the holdover, and not after it`, () => {
      const codesAfter = (us: number): readonly string[] => {
        const scene = twoAgents();
        scene.run(SECOND_US);
        scene.consumer.now.fixSays = fixSays;
        scene.run(us);
        const answer = scene.accept(scene.consumer, scene.offer());
        return answer.ok ? ["accepted"] : answer.rejections.map(({ code }) => code);
      };
      expect(codesAfter(3 * SECOND_US)).toEqual(["accepted"]);
      expect(codesAfter(7 * SECOND_US)).toEqual(["not-assured"]);
    });
  }

  test("a consumer that was refused for it accepts once it has an admitted fix", () => {
    const scene = twoAgents();
    scene.run(SECOND_US);
    scene.consumer.now.fixSays = { mode: 0 };
    scene.run(7 * SECOND_US);
    expect(scene.accept(scene.consumer, scene.offer()).ok).toBe(false);
    scene.consumer.now.fixSays = {};
    scene.run(SECOND_US);
    expect(scene.accept(scene.consumer, scene.offer()).ok).toBe(true);
  });
});
