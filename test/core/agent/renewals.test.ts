/** Renewals are asked for, one for one nonce, and what they let the radio do (PROTOCOL §6). */
import { describe, expect, test } from "vitest";
import { equalBytes } from "../../../src/core/base/bytes.ts";
import { muteDeadlineBootUs } from "../../../src/core/settlement/renewal-bounds.ts";
import { HOUR_US, SECOND_US, START_US, scenePolicy } from "../../support/scripted-authority.ts";
import { type Host, packEnvelope } from "../../support/scripted-host.ts";
import { leaseAt, type Scene, twoAgents } from "../../support/two-agents.ts";

function deaf(scene: Scene, name: string): () => void {
  const { carry } = scene.mesh;
  scene.mesh.carry = (message) => (message.to === name ? [] : carry(message));
  return () => {
    scene.mesh.carry = carry;
  };
}

function sendAgain(scene: Scene, to: Host, kind: string, index: number): void {
  const found = scene.carried.filter((each) => each.kind === kind && each.to === to.script.name)[index];
  expect(found, `a ${kind} was carried`).toBeDefined();
  if (found !== undefined) to.take({ kind: "message", bytes: found.bytes });
}

describe("one nonce, one renewal", () => {
  test("a request that comes twice is answered with the same renewal, re-sent and not signed again", () => {
    const scene = twoAgents();
    scene.settle();
    const before = scene.carried.filter(({ kind }) => kind === "renewal").length;
    sendAgain(scene, scene.holder, "renewal-request", 0);
    sendAgain(scene, scene.holder, "renewal-request", 0);
    scene.run(100_000);
    const sent = scene.carried.filter(({ kind }) => kind === "renewal");
    expect(sent.length).toBe(before + 2);
    expect(new Set(sent.map(({ record }) => String(record?.id))).size).toBe(1);
    expect(scene.holder.written("renewal")).toHaveLength(1);
  });

  test("a request of long ago that comes again after newer ones gets no second renewal", () => {
    const scene = twoAgents();
    scene.settle();
    scene.run(10 * SECOND_US);
    const renewals = scene.holder.written("renewal").length;
    expect(renewals).toBeGreaterThan(2);
    sendAgain(scene, scene.holder, "renewal-request", 0);
    scene.run(500_000);
    expect(scene.holder.written("renewal")).toHaveLength(renewals);
  });

  test("a lost renewal does not end the lease: the next request names what the last one named, and is answered", () => {
    const scene = twoAgents();
    const lease = scene.settle();
    scene.run(5 * SECOND_US);
    const hear = deaf(scene, "consumer 0");
    scene.run(25 * SECOND_US);
    expect(scene.consumer.radio.isOn()).toBe(false);
    hear();
    scene.runUntil(() => scene.consumer.radio.isOn(), 25 * SECOND_US, "RF on again");
    expect(leaseAt(scene.holder, lease).termination).toBeNull();
  });

  test("a request that names an unknown record of the holder's own gets no renewal, and the record is asked for", () => {
    const scene = twoAgents();
    const lease = scene.settle();
    const { lineage } = scene.consumer;
    const strange = lineage.write(
      "renewal-request",
      {
        artifact: lease.derived.id,
        nonce: new Uint8Array(16).fill(9),
        bootId: scene.consumer.clock().bootId,
        anchorBootUs: scene.consumer.reading().bootUs,
        lastHolderRecord: new Uint8Array(32).fill(5),
        lastRenewal: null,
      },
      { ...scene.consumer.written("renewal-request").at(-1)?.header, seq: 1_000 },
    );
    const renewals = scene.holder.written("renewal").length;
    const effects = scene.holder.take({ kind: "message", bytes: packEnvelope(strange.envelope) });
    const wants = effects.filter((each) => each.kind === "want");
    expect(wants.map(({ ids }) => ids)).toEqual([[new Uint8Array(32).fill(5)]]);
    scene.run(500_000);
    expect(scene.holder.written("renewal")).toHaveLength(renewals);
  });
});

describe("asking", () => {
  test("each request names boot, boot clock as it entered the queue, and the last holder record seen", () => {
    const scene = twoAgents();
    const lease = scene.settle();
    scene.run(4 * SECOND_US);
    const [one, two] = scene.consumer.written("renewal-request");
    expect(one?.body.lastHolderRecord).toEqual(lease.holderSettlement.id);
    expect(two?.body.lastHolderRecord).toEqual(lease.lastRenewal?.id);
    expect(two?.body.bootId).toEqual(scene.consumer.clock().bootId);
    expect((two?.body.anchorBootUs ?? 0) - (one?.body.anchorBootUs ?? 0)).toBeGreaterThanOrEqual(
      3 * SECOND_US,
    );
  });

  test("after a reboot the request is asked afresh at once, and a renewal of the other boot is never armed", () => {
    const scene = twoAgents();
    const lease = scene.settle();
    scene.run(2 * SECOND_US);
    const renewal = scene.carried.find(({ kind }) => kind === "renewal");
    scene.consumer.reboot();
    scene.run(100_000);
    scene.consumer.start();
    const asked = scene.consumer.written("renewal-request").length;
    const hear = deaf(scene, "holder");
    if (renewal !== undefined) scene.consumer.take({ kind: "message", bytes: renewal.bytes });
    scene.run(SECOND_US);
    expect(scene.consumer.radio.isOn()).toBe(false);
    const afresh = scene.consumer.written("renewal-request").slice(asked);
    expect(afresh).toHaveLength(1);
    expect(afresh[0]?.body.bootId).toEqual(scene.consumer.clock().bootId);
    if (renewal !== undefined) scene.consumer.take({ kind: "message", bytes: renewal.bytes });
    scene.run(SECOND_US);
    expect(scene.consumer.radio.isOn()).toBe(false);
    hear();
    scene.runUntil(() => scene.consumer.radio.isOn(), 20 * SECOND_US, "RF on in the new boot");
    expect(leaseAt(scene.consumer, lease).actuation?.body.bootId).toEqual(scene.consumer.clock().bootId);
  });

  test("an unanswered request is asked afresh when it is stale: after its reach", () => {
    const scene = twoAgents();
    scene.settle();
    scene.run(2 * SECOND_US);
    scene.mesh.carry = () => [];
    const before = scene.consumer.written("renewal-request").length;
    scene.run(9 * SECOND_US);
    expect(scene.consumer.written("renewal-request").length).toBe(before + 1);
    scene.run(10 * SECOND_US);
    expect(scene.consumer.written("renewal-request").length).toBe(before + 2);
  });

  test("a grant that lies ahead is not asked for before it begins", () => {
    const scene = twoAgents();
    const begins = scene.nowUs() + 20 * SECOND_US;
    const block = { ...scene.authority.rootLink.body.scope[0], exclusive: true, fromUs: begins };
    const offer = scene.offer({ block: { ...block, lowerHz: 433_100_000 } as never });
    scene.accept(scene.consumer, offer);
    scene.run(18 * SECOND_US);
    expect(scene.consumer.written("settlement")).toHaveLength(1);
    expect(scene.consumer.written("renewal-request")).toHaveLength(0);
    scene.run(4 * SECOND_US);
    expect(scene.consumer.radio.isOn()).toBe(true);
  });
});

describe("the mute deadline", () => {
  const times = { anchorBootUs: 1_000, nowBootUs: 500_000, latestUs: 0, driftPpm: 0, muteLatencyUs: 70 };

  test("is the earlier of both bounds, minus the mute latency", () => {
    expect(muteDeadlineBootUs({ durationUs: 10_000, transmitExpiryUs: 9_000_000 }, times)).toBe(10_930);
    expect(muteDeadlineBootUs({ durationUs: 9_000_000, transmitExpiryUs: 10_000 }, times)).toBe(509_930);
  });

  test("shrinks by the declared drift, rounded towards silence", () => {
    const drifting = { ...times, driftPpm: 100, muteLatencyUs: 0 };
    expect(muteDeadlineBootUs({ durationUs: 1_000_001, transmitExpiryUs: 90_000_000 }, drifting)).toBe(
      1_000 + 1_000_001 - 101,
    );
    expect(muteDeadlineBootUs({ durationUs: 90_000_000, transmitExpiryUs: 1_000_000 }, drifting)).toBe(
      500_000 + 1_000_000 - 100,
    );
  });

  test("has passed already where the latest edge of the own time is past the expiry", () => {
    const late = { ...times, latestUs: 20_000 };
    expect(muteDeadlineBootUs({ durationUs: 9_000_000, transmitExpiryUs: 10_000 }, late)).toBe(499_930);
  });

  test("the radio falls silent by it when no renewal comes any more, and before the transmit expiry in true time", () => {
    const scene = twoAgents({ consumers: [{ driftPpm: -190, timeErrorUs: -19_000 }] });
    const lease = scene.settle();
    deaf(scene, "consumer 0");
    scene.run(15 * SECOND_US);
    const [sent] = scene.consumer.radio.transmissions;
    const last = leaseAt(scene.holder, lease).lastRenewal;
    expect(sent?.untilUs).not.toBeNull();
    expect(sent?.untilUs ?? 0).toBeGreaterThan(scene.nowUs() - 10 * SECOND_US);
    expect(sent?.untilUs ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(last?.body.transmitExpiryUs ?? 0);
    expect(scene.consumer.written("actuation-outcome").at(-1)?.body).toMatchObject({
      result: "muted",
      reason: "deadline",
    });
  });

  test("a later renewal extends the guard on receipt, and is stored with the next request, which names it", () => {
    const scene = twoAgents();
    const lease = scene.settle();
    scene.runUntil(() => scene.consumer.effects("extend").length === 1, 5 * SECOND_US, "an extension");
    const second = scene.holder.written("renewal")[1];
    expect(leaseAt(scene.consumer, lease).lastRenewal?.id).toEqual(scene.holder.written("renewal")[0]?.id);
    scene.run(4 * SECOND_US);
    const third = scene.consumer.written("renewal-request")[2];
    expect(third?.body.lastRenewal).toEqual(second?.id);
    const brought = scene.consumer
      .effects("append")
      .find(({ draft }) => equalBytes(draft.record.id, third?.id ?? new Uint8Array()));
    expect(brought?.draft.foreign.map(({ id }) => id)).toEqual([second?.id]);
    expect(scene.consumer.radio.transmissions).toHaveLength(1);
  });

  test("an extension that never reaches the log does no harm: the next request names what is stored", () => {
    const scene = twoAgents();
    scene.settle();
    scene.runUntil(() => scene.consumer.effects("extend").length === 1, 5 * SECOND_US, "an extension");
    scene.consumer.crash();
    scene.run(100_000);
    scene.consumer.start();
    scene.runUntil(() => scene.consumer.radio.isOn(), 20 * SECOND_US, "RF on again");
  });
});

describe("how far a renewal reaches", () => {
  test("status snapshots cap the transmit expiry: issue time plus the age that the lease class tolerates", () => {
    const [leaseClass] = scenePolicy.leaseClasses;
    if (leaseClass === undefined) return;
    const leaseClasses = [{ ...leaseClass, snapshotAgeMaxUs: 14 * SECOND_US }];
    const scene = twoAgents({ authority: { policy: { leaseClasses } } });
    scene.settle();
    scene.run(9 * SECOND_US);
    const renewals = scene.holder.written("renewal");
    expect(renewals.length).toBeGreaterThan(1);
    for (const { body } of renewals)
      expect(body.transmitExpiryUs).toBeLessThanOrEqual(START_US + 14 * SECOND_US);
    const young = packEnvelope(scene.authority.snapshot(scene.nowUs(), []).envelope);
    for (const host of scene.hosts) host.take({ kind: "message", bytes: young });
    scene.run(20 * SECOND_US);
    expect(scene.holder.written("renewal").at(-1)?.body.transmitExpiryUs).toBeGreaterThan(
      START_US + 14 * SECOND_US,
    );
  });

  test("without a younger snapshot the radio falls silent when the old one is too old, and the lease lapses", () => {
    const [leaseClass] = scenePolicy.leaseClasses;
    if (leaseClass === undefined) return;
    const leaseClasses = [{ ...leaseClass, snapshotAgeMaxUs: 14 * SECOND_US }];
    const scene = twoAgents({ authority: { policy: { leaseClasses } } });
    const lease = scene.settle();
    scene.run(25 * SECOND_US);
    expect(
      scene.consumer.radio.transmissions.at(-1)?.untilUs ?? Number.POSITIVE_INFINITY,
    ).toBeLessThanOrEqual(START_US + 14 * SECOND_US);
    expect(leaseAt(scene.holder, lease).termination?.body.reason).toBe("lapsed");
  });

  test("no renewal reaches beyond the grant's end, and the lease ends at both sides", () => {
    const scene = twoAgents();
    const untilUs = scene.nowUs() + 12 * SECOND_US;
    const block = { ...scene.authority.rootLink.body.scope[0], exclusive: true, untilUs };
    const lease = scene.settle({ block: { ...block, lowerHz: 433_100_000 } as never });
    scene.run(30 * SECOND_US);
    for (const { body } of scene.holder.written("renewal"))
      expect(body.transmitExpiryUs).toBeLessThanOrEqual(untilUs);
    for (const sent of scene.consumer.radio.transmissions)
      expect(sent.untilUs ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(untilUs);
    expect(leaseAt(scene.holder, lease).termination).not.toBeNull();
    expect(["ended", "terminated"]).toContain(leaseAt(scene.consumer, lease).relinquishment?.body.reason);
  });

  test("a renewal that claims more than grant, links, snapshots and reach allow arms no longer than they do", () => {
    const scene = twoAgents();
    const lease = scene.settle();
    scene.runUntil(() => scene.consumer.effects("extend").length === 1, 5 * SECOND_US, "an extension");
    const request = scene.consumer.written("renewal-request").at(-1);
    scene.run(100_000);
    const hear = deaf(scene, "consumer 0");
    scene.runUntil(() => scene.consumer.written("renewal-request").at(-1) !== request, 5 * SECOND_US);
    const asked = scene.consumer.written("renewal-request").at(-1);
    if (asked === undefined) return;
    scene.run(10_000);
    const granted = scene.holder.lineage.write(
      "renewal",
      {
        request: asked.id,
        artifact: lease.derived.id,
        nonce: asked.body.nonce,
        consumerBootId: asked.body.bootId,
        durationUs: HOUR_US,
        transmitExpiryUs: START_US + 10 * HOUR_US,
        snapshots: [],
        holderBootId: scene.holder.clock().bootId,
        holderBootUs: 1,
      },
      { ...scene.holder.written("renewal").at(-1)?.header, seq: 500 },
    );
    const extensions = scene.consumer.effects("extend").length;
    scene.consumer.take({ kind: "message", bytes: packEnvelope(granted.envelope) });
    expect(scene.consumer.effects("extend").length).toBe(extensions + 1);
    const deadline = scene.consumer.effects("extend").at(-1)?.deadlineBootUs ?? 0;
    expect(deadline).toBeLessThanOrEqual(asked.body.anchorBootUs + lease.derived.artifact.terms.reachUs);
    hear();
  });
});
