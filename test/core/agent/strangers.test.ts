/** What other lineages, old copies and spoiled records may not do (PROTOCOL §2, §6, §9). */
import { describe, expect, test } from "vitest";
import { SECOND_US } from "../../support/scripted-authority.ts";
import { packEnvelope } from "../../support/scripted-host.ts";
import { leaseAt, twoAgents } from "../../support/two-agents.ts";

const ZERO = new Uint8Array(32);

describe("a third lineage", () => {
  test("can neither relinquish, end, ask for, nor renew a lease of others (§6)", () => {
    const scene = twoAgents({ consumers: [{}, {}] });
    const [one, other] = scene.consumers;
    if (one === undefined || other === undefined) throw new Error("two consumers are on stage");
    const lease = scene.settle({}, one);
    scene.run(2 * SECOND_US);
    const artifact = lease.derived.id;
    const { bootId } = other.clock();
    const head = { ...one.written("renewal-request").at(-1)?.header, seq: 1_000 };
    const { lineage } = other;
    const relinquishment = {
      artifact,
      reason: "operator" as const,
      bootId,
      mutedBootUs: 1,
      termination: null,
    };
    const request = {
      artifact,
      nonce: new Uint8Array(16),
      bootId,
      anchorBootUs: 1,
      lastHolderRecord: ZERO,
      lastRenewal: null,
    };
    const termination = { artifact, reason: "operator" as const, cause: null, link: null };
    const strange = [
      lineage.write("relinquishment", relinquishment, { seq: 1_000 }),
      lineage.write("renewal-request", request, {
        ...head,
        lineage: lineage.inception.header.lineage,
        signerKey: lineage.inception.header.signerKey,
      }),
      lineage.write("lease-termination", termination, { seq: 1_002 }),
    ];
    const renewals = scene.holder.written("renewal").length;
    for (const { envelope } of strange) {
      scene.holder.take({ kind: "message", bytes: packEnvelope(envelope) });
      one.take({ kind: "message", bytes: packEnvelope(envelope) });
    }
    scene.run(100_000);
    expect(leaseAt(scene.holder, lease).termination).toBeNull();
    expect(leaseAt(scene.holder, lease).relinquishment).toBeNull();
    expect(leaseAt(one, lease).termination).toBeNull();
    expect(one.radio.isOn()).toBe(true);
    expect(scene.holder.written("renewal").length).toBeLessThanOrEqual(renewals + 1);
  });
});

describe("a countersignature", () => {
  test("that names the artifact but another offer is not taken for one", () => {
    const scene = twoAgents();
    const lease = scene.settle();
    const consumer = scene.consumer;
    const own = lease.consumerSettlement ?? consumer.written("settlement").at(-1);
    if (own === undefined || own === null) throw new Error("the consumer has settled");
    const spoiled = consumer.lineage.write(
      "settlement",
      { ...own.body, offer: new Uint8Array(32).fill(9) },
      { ...own.header, seq: 1_000 },
    );
    scene.holder.take({ kind: "message", bytes: packEnvelope(spoiled.envelope) });
    scene.run(SECOND_US);
    expect(leaseAt(scene.holder, lease).consumerSettlement?.body.offer).toEqual(lease.offer.id);
  });
});

describe("a log that is an old copy of itself", () => {
  test("goes into a quarantine that no time ends, once a record of its own that it lacks is shown", () => {
    const scene = twoAgents();
    scene.settle();
    scene.run(3 * SECOND_US);
    const shown = scene.holder.written("renewal").at(-1);
    if (shown === undefined) throw new Error("the holder has renewed");
    scene.holder.crash();
    // Back to the frames before the settlement: every record since is gone, and was flushed.
    const upTo = scene.holder.disk.length - 6;
    scene.holder.disk.splice(Math.max(2, upTo));
    // Nobody answers what it asks.
    scene.mesh.carry = ({ kind }) => (kind === "want" ? [] : [3_000]);
    scene.holder.start();
    scene.holder.take({ kind: "message", bytes: packEnvelope(shown.envelope) });
    expect(scene.holder.agent().volatile.quarantine?.reason).toContain("beyond this log");
    const before = scene.holder.disk.length;
    scene.run(40 * SECOND_US);
    expect(scene.holder.agent().volatile.quarantine).not.toBeNull();
    expect(scene.holder.disk).toHaveLength(before);
  });
});
