/** A renewal that answers another boot's request is stored and never armed (PROTOCOL §6). */
import { describe, expect, test } from "vitest";
import { equalBytes } from "../../../src/core/base/bytes.ts";
import type { RecordOf } from "../../../src/core/record/record.ts";
import type { Lease } from "../../../src/core/settlement/lease.ts";
import { SECOND_US } from "../../support/scripted-authority.ts";
import { packEnvelope } from "../../support/scripted-host.ts";
import { leaseAt, type Scene, twoAgents } from "../../support/two-agents.ts";

type Rebooted = {
  readonly scene: Scene;
  readonly lease: Lease;
  /** Signed for the boot before, and not heard yet. */
  readonly late: RecordOf<"renewal">;
  readonly hear: () => void;
};

/** RF was on, the next renewal was lost, the consumer's host booted again and hears nothing of the holder. */
function rebooted(): Rebooted {
  const scene = twoAgents();
  const lease = scene.settle();
  const { carry } = scene.mesh;
  scene.mesh.carry = (message) => (message.to === "consumer 0" ? [] : carry(message));
  scene.runUntil(() => scene.holder.written("renewal").length === 2, 10 * SECOND_US, "a second renewal");
  scene.consumer.reboot();
  scene.run(100_000);
  scene.consumer.start();
  scene.run(100_000);
  const late = scene.holder.written("renewal")[1] as RecordOf<"renewal">;
  const hear = (): void => {
    scene.mesh.carry = carry;
  };
  return { scene, lease, late, hear };
}

function deliver({ scene, late }: Rebooted, record: RecordOf<"renewal"> = late): void {
  scene.consumer.take({ kind: "message", bytes: packEnvelope(record.envelope) });
}

/** Own records of the consumer in front of which `record` was stored. */
function storedUnder({ consumer }: Scene, record: RecordOf<"renewal">): readonly string[] {
  return consumer
    .effects("append")
    .filter(({ draft }) => draft.foreign.some(({ id }) => equalBytes(id, record.id)))
    .map(({ draft }) => draft.record.kind);
}

describe("a renewal that answers the boot before", () => {
  test("is never armed, and stored with the next request, which names it as the last holder record seen", () => {
    const parts = rebooted();
    const { scene, lease, late } = parts;
    const arms = scene.consumer.effects("arm").length;
    deliver(parts);
    scene.run(12 * SECOND_US);
    expect(scene.consumer.effects("arm")).toHaveLength(arms);
    expect(storedUnder(scene, late)).toEqual(["renewal-request"]);
    const asked = scene.consumer.written("renewal-request").at(-1);
    expect(asked?.body).toMatchObject({ lastHolderRecord: late.id, lastRenewal: null });
    scene.consumer.crash();
    scene.consumer.start();
    expect(leaseAt(scene.consumer, lease).lastRenewal?.id).toEqual(late.id);
    expect(scene.consumer.agent().durable.stored).toContain(Buffer.from(late.id).toString("hex"));
  });

  test("is stored with the actuation that a renewal of this boot leads to, and does not take its place", () => {
    const parts = rebooted();
    const { scene, lease, late, hear } = parts;
    deliver(parts);
    hear();
    scene.runUntil(() => scene.consumer.radio.isOn(), 20 * SECOND_US, "RF on in the new boot");
    expect(storedUnder(scene, late)).toEqual(["actuation"]);
    const { actuation, lastRenewal } = leaseAt(scene.consumer, lease);
    expect(lastRenewal?.body.consumerBootId).toEqual(scene.consumer.clock().bootId);
    expect(actuation?.body.renewal).toEqual(lastRenewal?.id);
  });

  test("that comes after newer ones is stored once, and changes neither what was seen last nor the deadline", () => {
    const parts = rebooted();
    const { scene, lease, late, hear } = parts;
    hear();
    scene.runUntil(() => scene.consumer.radio.isOn(), 20 * SECOND_US, "RF on in the new boot");
    const extensions = scene.consumer.effects("extend").length;
    const newest = leaseAt(scene.consumer, lease).lastRenewal;
    const asked = scene.consumer.written("renewal-request").length;
    deliver(parts);
    deliver(parts);
    expect(scene.consumer.effects("extend")).toHaveLength(extensions);
    scene.runUntil(
      () => scene.consumer.written("renewal-request").length > asked,
      5 * SECOND_US,
      "a request",
    );
    expect(storedUnder(scene, late)).toEqual(["renewal-request"]);
    expect(scene.consumer.written("renewal-request").at(-1)?.body.lastHolderRecord).toEqual(newest?.id);
    expect(leaseAt(scene.consumer, lease).lastRenewal?.id).toEqual(newest?.id);
    deliver(parts);
    scene.run(10 * SECOND_US);
    expect(storedUnder(scene, late)).toHaveLength(1);
    expect(scene.consumer.radio.isOn()).toBe(true);
  });

  test("is stored with the relinquishment, where the lease is given up next", () => {
    const parts = rebooted();
    const { scene, lease, late } = parts;
    deliver(parts);
    scene.consumer.command({ verb: "relinquish", artifact: lease.derived.id });
    scene.run(SECOND_US);
    expect(storedUnder(scene, late)).toEqual(["relinquishment"]);
  });

  test("that is lost with the queue is stored with the record after that", () => {
    const parts = rebooted();
    const { scene, late } = parts;
    deliver(parts);
    scene.run(8 * SECOND_US);
    scene.consumer.now.stalled = true;
    scene.runUntil(() => storedUnder(scene, late).length === 1, 5 * SECOND_US, "it is in the queue");
    scene.consumer.loseQueue();
    scene.consumer.now.stalled = false;
    scene.run(12 * SECOND_US);
    expect(scene.consumer.agent().durable.stored).toContain(Buffer.from(late.id).toString("hex"));
  });

  test("that answers no request of this consumer is not stored", () => {
    const parts = rebooted();
    const { scene, lease, late } = parts;
    const invented = scene.holder.lineage.write(
      "renewal",
      { ...late.body, request: new Uint8Array(32).fill(7) },
      { ...late.header, seq: 900 },
    );
    deliver(parts, invented);
    scene.run(12 * SECOND_US);
    expect(storedUnder(scene, invented)).toEqual([]);
    expect(leaseAt(scene.consumer, lease).lastRenewal?.id).not.toEqual(invented.id);
  });
});
