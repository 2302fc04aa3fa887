/** RF is switched on by what holds when the actuation is durable, and waits for no broker (PROTOCOL §2 Order). */
import { describe, expect, test } from "vitest";
import { equalBytes } from "../../../src/core/base/bytes.ts";
import type { Lease } from "../../../src/core/settlement/lease.ts";
import { SECOND_US } from "../../support/scripted-authority.ts";
import { type Scene, twoAgents } from "../../support/two-agents.ts";

const isActuation = ({
  draft,
}: {
  readonly draft: { readonly record: { readonly kind: string } };
}): boolean => draft.record.kind === "actuation";

/** The consumer's store stands still with the actuation in the queue. */
function queued(muteUs = 10_000): { readonly scene: Scene; readonly lease: Lease } {
  let reached = false;
  const scene = twoAgents({
    consumers: [{ radio: { armUs: 1_000, muteUs, arming: "on" } }],
    watch: ({ consumer }) => {
      if (reached || !consumer.effects("append").some(isActuation)) return;
      reached = true;
      consumer.now.stalled = true;
    },
  });
  scene.accept(scene.consumer, scene.offer());
  scene.runUntil(() => scene.consumer.now.stalled, 5 * SECOND_US, "an actuation in the queue");
  expect(scene.consumer.written("actuation")).toHaveLength(0);
  return { scene, lease: leaseNow(scene) };
}

/** With what is in the queue. */
function leaseNow({ consumer }: Scene): Lease {
  const [lease] = consumer.agent().provisional.leases.values();
  if (lease === undefined) throw new Error("the consumer confirmed");
  return lease;
}

function flush({ consumer }: Scene): void {
  consumer.now.stalled = false;
}

describe("an actuation that was queued", () => {
  test("arms when it is durable, not before", () => {
    const { scene } = queued();
    scene.run(2 * SECOND_US);
    expect(scene.consumer.effects("arm")).toHaveLength(0);
    flush(scene);
    scene.run(100_000);
    expect(scene.consumer.effects("arm")).toHaveLength(1);
  });

  test("arms nothing where its deadline passed in the queue", () => {
    const { scene } = queued();
    const { deadlineBootUs } = leaseNow(scene).actuation?.body ?? { deadlineBootUs: 0 };
    scene.run(deadlineBootUs - scene.consumer.reading().bootUs);
    flush(scene);
    scene.run(100_000);
    const [stale] = scene.consumer.written("actuation");
    expect(stale?.body.deadlineBootUs).toBe(deadlineBootUs);
    const armed = scene.consumer.effects("arm").map(({ actuation }) => actuation);
    expect(armed.filter((id) => equalBytes(id, stale?.id ?? new Uint8Array()))).toEqual([]);
  });

  test("arms nothing where the consumer relinquished behind it in the queue", () => {
    const { scene, lease } = queued();
    scene.consumer.command({ verb: "relinquish", artifact: lease.derived.id });
    scene.run(SECOND_US);
    flush(scene);
    scene.run(2 * SECOND_US);
    expect(scene.consumer.written("actuation")).toHaveLength(1);
    expect(scene.consumer.written("relinquishment")[0]?.body.reason).toBe("operator");
    expect(scene.consumer.effects("arm")).toEqual([]);
  });

  test("arms nothing where the holder's termination came meanwhile", () => {
    const { scene, lease } = queued();
    scene.holder.command({ verb: "terminate", artifact: lease.derived.id });
    scene.run(SECOND_US);
    flush(scene);
    scene.run(2 * SECOND_US);
    expect(scene.consumer.written("actuation")).toHaveLength(1);
    expect(scene.consumer.effects("arm")).toEqual([]);
  });

  test("arms nothing while the lease is being left, the silence not yet reported", () => {
    const { scene, lease } = queued(240_000);
    scene.consumer.command({ verb: "relinquish", artifact: lease.derived.id });
    expect(scene.consumer.agent().volatile.leaving.size).toBe(1);
    flush(scene);
    scene.run(100_000);
    expect(scene.consumer.written("actuation")).toHaveLength(1);
    expect(scene.consumer.agent().volatile.leaving.size).toBe(1);
    scene.run(2 * SECOND_US);
    expect(scene.consumer.effects("arm")).toEqual([]);
  });

  test("arms though nothing comes or goes on the mesh since its renewal came", () => {
    const { scene } = queued();
    scene.mesh.carry = () => [];
    flush(scene);
    scene.run(100_000);
    expect(scene.consumer.effects("arm")).toHaveLength(1);
    expect(scene.consumer.radio.isOn()).toBe(true);
  });
});
