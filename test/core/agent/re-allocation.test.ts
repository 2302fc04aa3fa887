/** The boot-clock bound of re-allocation, the expiry bound taken away (PROTOCOL §6). */
import { describe, expect, test } from "vitest";
import { ownTime } from "../../../src/core/agent/own-evidence.ts";
import { stretchedUs } from "../../../src/core/settlement/renewal-bounds.ts";
import { SECOND_US } from "../../support/scripted-authority.ts";
import { SCENE_DRIFT_PPM } from "../../support/scripted-host.ts";
import { leaseAt, twoAgents } from "../../support/two-agents.ts";

describe("a renewal", () => {
  test("carries the holder's boot clock as it entered the queue, however long its signature takes", () => {
    const scene = twoAgents();
    scene.settle();
    scene.holder.now.stalled = true;
    const made = (): number =>
      scene.holder.effects("append").filter(({ draft }) => draft.record.kind === "renewal").length;
    scene.runUntil(() => made() === 2, 10 * SECOND_US, "a second renewal in the queue");
    scene.run(2 * SECOND_US);
    scene.holder.now.stalled = false;
    scene.run(SECOND_US);
    const queued = scene.holder.trace.filter(
      ({ effect }) => effect.kind === "append" && effect.draft.record.kind === "renewal",
    );
    const entered = queued.map(({ atUs }) => scene.holder.clock().bootUsAt(atUs));
    const carried = scene.holder.written("renewal").map(({ body }) => body.holderBootUs);
    expect(carried.slice(0, 2)).toEqual(entered.slice(0, 2));
    expect(scene.holder.written("renewal")[1]?.body.holderBootId).toEqual(scene.holder.clock().bootId);
  });
});

describe("where the holder's time runs ahead of every transmit expiry", () => {
  test("the block stays taken until duration, drift and mute latency have passed on its boot clock", () => {
    const scene = twoAgents();
    const lease = scene.settle();
    scene.run(SECOND_US);
    scene.mesh.carry = () => [];
    scene.holder.now.timeErrorUs = 60 * SECOND_US;
    const { durationUs, holderBootUs, transmitExpiryUs } = scene.holder.written("renewal").at(-1)?.body ?? {
      durationUs: 0,
      holderBootUs: 0,
      transmitExpiryUs: 0,
    };
    const { muteLatencyUs, clockDriftPpm } = lease.derived.artifact.terms;
    const driftPpm = Math.max(clockDriftPpm, SCENE_DRIFT_PPM);
    const untilBootUs = holderBootUs + stretchedUs(durationUs, driftPpm) + muteLatencyUs;
    const leftUs = untilBootUs - scene.holder.reading().bootUs;
    expect(leftUs).toBeGreaterThan(5 * SECOND_US);
    scene.run(leftUs - 10_000);
    const time = ownTime({ agent: scene.holder.agent(), now: scene.holder.reading(), effects: [] });
    expect(time?.earliestUs ?? 0).toBeGreaterThan(transmitExpiryUs + 30 * SECOND_US);
    expect(leaseAt(scene.holder, lease).termination).toBeNull();
    scene.run(600_000);
    expect(leaseAt(scene.holder, lease).termination?.body.reason).toBe("lapsed");
  });
});
