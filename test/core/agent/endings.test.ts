/** How a lease ends, and when its block is free again (PROTOCOL §6). */
import { describe, expect, test } from "vitest";
import { equalBytes, toHex } from "../../../src/core/base/bytes.ts";
import { phaseOf } from "../../../src/core/settlement/lease.ts";
import { bootBoundPassed, expiryBoundPassed } from "../../../src/core/settlement/renewal-bounds.ts";
import { SECOND_US } from "../../support/scripted-authority.ts";
import { type Host, packEnvelope } from "../../support/scripted-host.ts";
import { leaseAt, leasesOf, type Scene, twoAgents } from "../../support/two-agents.ts";

const TWO = [{}, {}];

/** Loses what `drop` picks. */
function lose(scene: Scene, drop: (kind: string, to: string) => boolean): () => void {
  const { carry } = scene.mesh;
  scene.mesh.carry = (message) => (drop(message.kind, message.to) ? [] : carry(message));
  return () => {
    scene.mesh.carry = carry;
  };
}

function terminationOf(host: Host): string | undefined {
  return host.written("lease-termination").at(-1)?.body.reason;
}

function refusals(host: Host): readonly string[] {
  return host.written("rejection").flatMap(({ body }) => body.findings.map(({ code }) => code));
}

describe("deadlines", () => {
  test("bound without a countersignature by confirmBy is terminated as not-countersigned, not earlier", () => {
    const scene = twoAgents();
    const offer = scene.offer();
    lose(scene, (kind, to) => kind === "settlement" && to === "holder");
    scene.accept(scene.consumer, offer);
    scene.run(14 * SECOND_US);
    expect(scene.holder.written("settlement")).toHaveLength(1);
    expect(terminationOf(scene.holder)).toBeUndefined();
    scene.run(3 * SECOND_US);
    expect(terminationOf(scene.holder)).toBe("not-countersigned");
  });

  test("a countersignature that comes after confirmBy leads to the termination, which names it", () => {
    const scene = twoAgents({ holder: { tickEveryUs: 3_600 * SECOND_US, fixEveryUs: 3_600 * SECOND_US } });
    const offer = scene.offer();
    lose(scene, (kind, to) => to === "holder" && (kind === "settlement" || kind === "renewal-request"));
    scene.accept(scene.consumer, offer);
    scene.run(16 * SECOND_US);
    expect(terminationOf(scene.holder)).toBeUndefined();
    const late = scene.consumer.written("settlement")[0];
    if (late !== undefined) scene.holder.take({ kind: "message", bytes: packEnvelope(late.envelope) });
    scene.run(100_000);
    const made = scene.holder.written("lease-termination")[0];
    expect(made?.body).toMatchObject({ reason: "not-countersigned", cause: late?.id });
    expect(scene.holder.written("renewal")).toHaveLength(0);
  });

  test("a countersignature heard in time and said again after confirmBy ends nothing, for a grant that lies ahead", () => {
    const scene = twoAgents();
    const fromUs = scene.nowUs() + 25 * SECOND_US;
    const [box] = scene.authority.rootLink.body.scope;
    if (box === undefined) return;
    const offer = scene.offer({ block: { ...box, exclusive: true, fromUs } });
    scene.accept(scene.consumer, offer);
    scene.run(28 * SECOND_US);
    expect(terminationOf(scene.holder)).toBeUndefined();
    expect(scene.consumer.radio.isOn()).toBe(true);
  });

  test("a holder that restarts between confirmBy and a grant that lies ahead still knows of the countersignature: the lease goes on", () => {
    const scene = twoAgents();
    const fromUs = scene.nowUs() + 25 * SECOND_US;
    const [box] = scene.authority.rootLink.body.scope;
    if (box === undefined) return;
    scene.accept(scene.consumer, scene.offer({ block: { ...box, exclusive: true, fromUs } }));
    scene.run(18 * SECOND_US);
    const [lease] = leasesOf(scene.holder);
    expect(lease === undefined ? "" : phaseOf(lease)).toBe("confirmed");
    scene.holder.crash();
    scene.holder.start();
    scene.run(5 * SECOND_US);
    expect(terminationOf(scene.holder)).toBeUndefined();
    scene.run(5 * SECOND_US);
    expect(scene.consumer.radio.isOn()).toBe(true);
  });

  test("a countersignature that its first renewal stores is not acknowledged besides", () => {
    const scene = twoAgents();
    scene.settle();
    scene.run(3 * SECOND_US);
    expect(scene.holder.written("acknowledgement")).toHaveLength(0);
  });

  test("a countersignature is acknowledged once, in front of the acknowledgement, and not again under the renewal", () => {
    const scene = twoAgents();
    const hear = lose(scene, (kind, to) => kind === "renewal-request" && to === "holder");
    scene.accept(scene.consumer, scene.offer());
    scene.run(5 * SECOND_US);
    const made = scene.holder.written("acknowledgement");
    expect(made.map(({ body }) => body.record)).toEqual([scene.consumer.written("settlement")[0]?.id]);
    hear();
    scene.runUntil(() => scene.consumer.radio.isOn(), 20 * SECOND_US, "RF on");
    const kept = scene.holder
      .effects("append")
      .flatMap(({ draft }) => draft.foreign.map(({ kind }) => ({ kind, under: draft.record.kind })))
      .filter(({ kind }) => kind === "settlement");
    expect(kept).toEqual([{ kind: "settlement", under: "acknowledgement" }]);
  });

  test("confirmed without a request by effectiveBy is terminated as not-effective", () => {
    const scene = twoAgents();
    const offer = scene.offer();
    lose(scene, (kind, to) => kind === "renewal-request" && to === "holder");
    scene.accept(scene.consumer, offer);
    scene.run(29 * SECOND_US);
    expect(terminationOf(scene.holder)).toBeUndefined();
    scene.run(3 * SECOND_US);
    expect(terminationOf(scene.holder)).toBe("not-effective");
  });

  test("a first request after effectiveBy is answered with the termination not-effective", () => {
    const scene = twoAgents({ holder: { tickEveryUs: 3_600 * SECOND_US, fixEveryUs: 3_600 * SECOND_US } });
    const offer = scene.offer();
    lose(scene, (kind, to) => kind === "renewal-request" && to === "holder");
    scene.accept(scene.consumer, offer);
    scene.run(31 * SECOND_US);
    const request = scene.consumer.written("renewal-request").at(-1);
    if (request !== undefined) scene.holder.take({ kind: "message", bytes: packEnvelope(request.envelope) });
    scene.run(100_000);
    expect(terminationOf(scene.holder)).toBe("not-effective");
    expect(scene.holder.written("renewal")).toHaveLength(0);
  });

  test("a consumer that is confirmed without a renewal by effectiveBy and the clock bound relinquishes", () => {
    const scene = twoAgents();
    const offer = scene.offer();
    lose(scene, (kind, to) => to === "consumer 0" && kind !== "settlement" && kind !== "credential");
    scene.accept(scene.consumer, offer);
    scene.run(29 * SECOND_US);
    expect(scene.consumer.written("relinquishment")).toHaveLength(0);
    scene.run(5 * SECOND_US);
    expect(scene.consumer.written("relinquishment").map(({ body }) => body.reason)).toEqual([
      "not-effective",
    ]);
  });

  test("the holder signs no settlement once confirmBy has passed on its own clock", () => {
    const scene = twoAgents();
    const offer = scene.offer();
    lose(scene, (_, to) => to === "holder");
    scene.accept(scene.consumer, offer);
    scene.run(SECOND_US);
    const acceptance = scene.consumer.written("acceptance")[0];
    for (const each of [scene.consumer.lineage.inception])
      scene.holder.take({ kind: "message", bytes: packEnvelope(each.envelope) });
    for (const each of scene.authority.root.records)
      scene.holder.take({ kind: "message", bytes: packEnvelope(each.envelope) });
    scene.run(15 * SECOND_US);
    if (acceptance !== undefined)
      scene.holder.take({ kind: "message", bytes: packEnvelope(acceptance.envelope) });
    scene.run(SECOND_US);
    expect(scene.holder.written("settlement")).toHaveLength(0);
    expect(refusals(scene.holder)).toContain("confirm-by-passed");
  });

  test("the acceptance is dead at the consumer when its earliest edge has passed confirmBy: a settlement that comes then is not countersigned", () => {
    const scene = twoAgents();
    const offer = scene.offer();
    const hear = lose(scene, (_, to) => to === "consumer 0");
    scene.accept(scene.consumer, offer);
    scene.run(16 * SECOND_US);
    hear();
    const settlement = scene.holder.written("settlement")[0];
    expect(settlement).toBeDefined();
    if (settlement !== undefined)
      scene.consumer.take({ kind: "message", bytes: packEnvelope(settlement.envelope) });
    scene.run(SECOND_US);
    expect(scene.consumer.written("settlement")).toHaveLength(0);
    expect(scene.consumer.written("rejection")).toHaveLength(0);
  });

  test("where settlement and termination were both lost, the consumer learns of both after the faults stop", () => {
    const scene = twoAgents();
    const offer = scene.offer();
    const hear = lose(scene, (_, to) => to === "consumer 0");
    scene.accept(scene.consumer, offer);
    scene.run(20 * SECOND_US);
    hear();
    scene.run(60 * SECOND_US);
    const ended = scene.holder.written("lease-termination")[0];
    expect(scene.consumer.agent().durable.stored).toContain(toHex(ended?.id ?? new Uint8Array()));
  });
});

describe("terminations", () => {
  test("a terminated lease is silent at once, and the termination is stored beneath the consumer's own records", () => {
    const scene = twoAgents();
    const lease = scene.settle();
    scene.holder.command({ verb: "terminate", artifact: lease.derived.id });
    scene.run(100_000);
    expect(scene.consumer.radio.isOn()).toBe(false);
    const ended = leaseAt(scene.consumer, lease);
    expect(ended.termination?.body.reason).toBe("operator");
    const outcome = scene.consumer.written("actuation-outcome").at(-1);
    expect(outcome?.body).toMatchObject({ result: "muted", termination: ended.termination?.id });
    expect(scene.consumer.written("relinquishment").at(-1)?.body.termination).toEqual(ended.termination?.id);
  });

  test("every later record of a terminated lease is answered with the termination: countersignature, request, relinquishment, acceptance", () => {
    const scene = twoAgents();
    const lease = scene.settle();
    const { consumer, holder } = scene;
    holder.command({ verb: "terminate", artifact: lease.derived.id });
    scene.run(2 * SECOND_US);
    const termination = holder.written("lease-termination")[0];
    for (const kind of ["settlement", "renewal-request", "relinquishment", "acceptance"] as const) {
      const record = consumer.written(kind)[0];
      expect(record, kind).toBeDefined();
      if (record === undefined) continue;
      const effects = holder.take({ kind: "message", bytes: packEnvelope(record.envelope) });
      const sent = effects.filter((each) => each.kind === "publish").map((each) => each.record.id);
      expect(sent.at(-1), kind).toEqual(termination?.id);
    }
    expect(holder.written("lease-termination")).toHaveLength(1);
  });

  test("no renewal is signed after a termination stands, and one that was queued before it is not sent", () => {
    const scene = twoAgents();
    const lease = scene.settle();
    scene.holder.now.stalled = true;
    scene.runUntil(
      () =>
        scene.holder.effects("append").filter(({ draft }) => draft.record.kind === "renewal").length === 2,
      10 * SECOND_US,
      "a second renewal in the queue",
    );
    scene.holder.command({ verb: "terminate", artifact: lease.derived.id });
    const before = scene.carried.filter(({ kind }) => kind === "renewal").length;
    scene.holder.now.stalled = false;
    scene.run(SECOND_US);
    expect(scene.holder.written("renewal")).toHaveLength(2);
    expect(scene.carried.filter(({ kind }) => kind === "renewal")).toHaveLength(before);
    scene.run(10 * SECOND_US);
    expect(scene.holder.written("renewal")).toHaveLength(2);
  });

  test("a relinquishment is appended only after the radio reports silence", () => {
    const scene = twoAgents({ consumers: [{ radio: { armUs: 1_000, muteUs: 200_000, arming: "on" } }] });
    const lease = scene.settle();
    scene.consumer.command({ verb: "relinquish", artifact: lease.derived.id });
    scene.run(150_000);
    expect(scene.consumer.radio.isOn()).toBe(true);
    expect(scene.consumer.effects("append").some(({ draft }) => draft.record.kind === "relinquishment")).toBe(
      false,
    );
    scene.run(200_000);
    expect(scene.consumer.radio.isOn()).toBe(false);
    expect(scene.consumer.written("relinquishment")[0]?.body.reason).toBe("operator");
    expect(leaseAt(scene.holder, lease).termination?.body.reason).toBe("relinquished");
  });

  test("a late report of an older silence is never taken for that of a transmission that began since", () => {
    const scene = twoAgents({ consumers: [{ radio: { armUs: 1_000, muteUs: 240_000, arming: "on" } }] });
    scene.run(2 * SECOND_US);
    const offer = scene.offer();
    // The orders to mute pile up: each restart of a lease's end asks again.
    scene.consumer.take({ kind: "queue-lost", reason: "drill", lost: null });
    scene.accept(scene.consumer, offer);
    scene.run(500_000);
    expect(scene.consumer.effects("arm")).toHaveLength(0);
    scene.runUntil(() => scene.consumer.radio.isOn(), 20 * SECOND_US, "RF on after the silence was reported");
    expect(scene.consumer.agent().volatile.armed?.verified).toBe(true);
  });
});

describe("when a block is free again", () => {
  test("a termination frees nothing by itself: a second acceptance of the block is already-allocated", () => {
    const scene = twoAgents({ consumers: TWO });
    const [one, two] = scene.consumers as [Host, Host];
    const lease = scene.settle({}, one);
    scene.mesh.carry = (message) => (message.to === one.script.name ? [] : [3_000]);
    scene.holder.command({ verb: "terminate", artifact: lease.derived.id });
    scene.run(SECOND_US);
    const again = scene.offer();
    scene.accept(two, again);
    scene.run(2 * SECOND_US);
    expect(refusals(scene.holder)).toContain("already-allocated");
    expect(leasesOf(two)).toHaveLength(0);
    scene.run(12 * SECOND_US);
    expect(one.radio.isOn()).toBe(false);
    scene.accept(two, scene.offer());
    scene.run(3 * SECOND_US);
    expect(two.radio.isOn()).toBe(true);
  });

  test("a second acceptance of an exclusive block in use is refused already-allocated, with both bands", () => {
    const scene = twoAgents({ consumers: TWO });
    const [one, two] = scene.consumers as [Host, Host];
    const offer = scene.offer();
    scene.accept(one, offer);
    scene.accept(two, offer);
    scene.run(3 * SECOND_US);
    expect(scene.holder.written("settlement")).toHaveLength(1);
    const [found] = scene.holder.written("rejection").at(-1)?.body.findings ?? [];
    expect(found?.code).toBe("already-allocated");
    expect(found?.measured["lowerHz"]).toBe(433_100_000);
    expect(found?.required["notLowerHz"]).toBe(433_100_000);
  });

  test("shared blocks never collide", () => {
    const scene = twoAgents({ consumers: TWO });
    const [one, two] = scene.consumers as [Host, Host];
    const [box] = scene.authority.rootLink.body.scope;
    if (box === undefined) return;
    const offer = scene.offer({ block: { ...box, exclusive: false } });
    scene.accept(one, offer);
    scene.accept(two, offer);
    scene.run(3 * SECOND_US);
    expect([one.radio.isOn(), two.radio.isOn()]).toEqual([true, true]);
  });

  test("a relinquishment in hand frees the block at once", () => {
    const scene = twoAgents({ consumers: TWO });
    const [one, two] = scene.consumers as [Host, Host];
    const lease = scene.settle({}, one);
    one.command({ verb: "relinquish", artifact: lease.derived.id });
    scene.run(500_000);
    scene.accept(two, scene.offer());
    scene.run(2 * SECOND_US);
    expect(two.radio.isOn()).toBe(true);
  });

  test("a relinquishment that follows a termination of another reason is kept, over a restart too, and frees the block at once", () => {
    const scene = twoAgents({ consumers: TWO });
    const [one, two] = scene.consumers as [Host, Host];
    const lease = scene.settle({}, one);
    scene.holder.command({ verb: "terminate", artifact: lease.derived.id });
    scene.run(500_000);
    const [given] = one.written("relinquishment");
    expect(scene.holder.written("acknowledgement").map(({ body }) => body.record)).toEqual([given?.id]);
    scene.holder.crash();
    scene.holder.start();
    expect(leaseAt(scene.holder, lease).relinquishment?.id).toEqual(given?.id);
    scene.run(SECOND_US);
    scene.accept(two, scene.offer());
    scene.run(2 * SECOND_US);
    expect(two.radio.isOn()).toBe(true);
    expect(scene.holder.written("lease-termination")).toHaveLength(1);
  });

  test("where no termination stands when both bounds have passed, the holder appends lapsed first", () => {
    const scene = twoAgents();
    const lease = scene.settle();
    scene.mesh.carry = () => [];
    scene.run(25 * SECOND_US);
    expect(leaseAt(scene.holder, lease).termination?.body.reason).toBe("lapsed");
    const lastRenewal = scene.holder.written("renewal").at(-1);
    const ended = scene.holder.written("lease-termination")[0];
    expect(ended?.header.time?.earliestUs ?? 0).toBeGreaterThanOrEqual(
      lastRenewal?.body.transmitExpiryUs ?? 0,
    );
  });

  const bootId = new Uint8Array(16).fill(1);
  const bounds = { bootId, untilBootUs: 5_000, reachUs: 900, earlierReachUs: 0, expiryUs: 70_000 };

  test("the boot-clock bound holds alone, the expiry taken away", () => {
    const withoutExpiry = { ...bounds, expiryUs: 0 };
    expect(expiryBoundPassed(withoutExpiry, 0)).toBe(true);
    expect(bootBoundPassed(withoutExpiry, bootId, 4_999)).toBe(false);
    expect(bootBoundPassed(withoutExpiry, bootId, 5_000)).toBe(true);
  });

  test("the expiry bound holds alone, the boot clock taken away, and is judged by the earliest edge", () => {
    const withoutBoot = { ...bounds, untilBootUs: 0, reachUs: 0 };
    expect(bootBoundPassed(withoutBoot, bootId, 0)).toBe(true);
    expect(expiryBoundPassed(withoutBoot, 69_999)).toBe(false);
    expect(expiryBoundPassed(withoutBoot, 70_000)).toBe(true);
    expect(expiryBoundPassed(withoutBoot, null)).toBe(false);
  });

  test("after a reboot of the holder the reach is counted in full from the new boot", () => {
    const other = new Uint8Array(16).fill(2);
    expect(bootBoundPassed(bounds, other, 899)).toBe(false);
    expect(bootBoundPassed(bounds, other, 900)).toBe(true);
    const scene = twoAgents();
    const lease = scene.settle();
    scene.run(SECOND_US);
    scene.holder.reboot();
    scene.mesh.carry = () => [];
    scene.run(3 * SECOND_US);
    scene.holder.start();
    scene.run(6_500_000);
    expect(leaseAt(scene.holder, lease).termination).toBeNull();
    scene.run(3 * SECOND_US);
    expect(leaseAt(scene.holder, lease).termination?.body.reason).toBe("lapsed");
  });
});

describe("withdrawals", () => {
  test("a settlement before the withdrawal stands, later acceptances are refused withdrawn", () => {
    const scene = twoAgents({ consumers: TWO });
    const [one, two] = scene.consumers as [Host, Host];
    const lease = scene.settle({}, one);
    expect(scene.holder.command({ verb: "withdraw", offer: lease.offer.id, reason: "sold" }).ok).toBe(true);
    scene.run(100_000);
    scene.accept(two, lease.offer);
    scene.run(2 * SECOND_US);
    expect(refusals(scene.holder)).toContain("withdrawn");
    expect(one.radio.isOn()).toBe(true);
    const again = scene.holder.command({ verb: "withdraw", offer: lease.offer.id, reason: "twice" });
    expect(again.ok).toBe(false);
  });
});

describe("what falls in mid-lease", () => {
  test("a revoked link ends the lease at the holder with link-fallen, naming the link, and mutes the consumer", () => {
    const scene = twoAgents();
    const lease = scene.settle();
    const credential = lease.acceptance.header.credential ?? new Uint8Array();
    const snapshot = scene.authority.snapshot(scene.nowUs(), [credential]);
    scene.holder.take({ kind: "message", bytes: packEnvelope(snapshot.envelope) });
    scene.run(SECOND_US);
    expect(leaseAt(scene.holder, lease).termination?.body).toMatchObject({
      reason: "link-fallen",
      link: credential,
    });
    expect(scene.consumer.radio.isOn()).toBe(false);
  });

  test("a consumer that hears of its fallen link mutes by itself, in a partition too (§3)", () => {
    const scene = twoAgents();
    const lease = scene.settle();
    scene.mesh.carry = () => [];
    const credential = lease.offer.header.credential ?? new Uint8Array();
    const snapshot = scene.authority.snapshot(scene.nowUs(), [credential]);
    scene.consumer.take({ kind: "message", bytes: packEnvelope(snapshot.envelope) });
    scene.run(SECOND_US);
    expect(scene.consumer.radio.isOn()).toBe(false);
  });

  test("a place that leaves the area mutes, and the lease is relinquished as not-assured", () => {
    const scene = twoAgents();
    const lease = scene.settle();
    scene.consumer.now.northE7 = 60_000;
    scene.run(2 * SECOND_US);
    expect(scene.consumer.radio.isOn()).toBe(false);
    expect(scene.consumer.written("relinquishment")[0]?.body.reason).toBe("not-assured");
    expect(leaseAt(scene.holder, lease).termination?.body.reason).toBe("relinquished");
  });

  test("a fix lost for longer than holdover mutes, not earlier", () => {
    const scene = twoAgents();
    const lease = scene.settle();
    scene.consumer.now.fixes = false;
    scene.run(3 * SECOND_US);
    expect(scene.consumer.radio.isOn()).toBe(true);
    scene.run(4 * SECOND_US);
    expect(scene.consumer.radio.isOn()).toBe(false);
    expect(scene.consumer.written("relinquishment")[0]?.body.reason).toBe("not-assured");
    expect(leaseAt(scene.holder, lease).termination?.body.reason).toBe("relinquished");
  });

  for (const [arming, result] of [
    ["silent", undefined],
    ["differs", "failed"],
    ["fails", "failed"],
  ] as const) {
    test(`an actuation that ${arming === "silent" ? "is not verified by its deadline" : arming} mutes and gives the lease up`, () => {
      const scene = twoAgents();
      const offer = scene.offer();
      scene.consumer.radio.script.arming = arming;
      scene.accept(scene.consumer, offer);
      scene.run(4 * SECOND_US);
      expect(scene.consumer.effects("arm")).toHaveLength(1);
      expect(scene.consumer.radio.isOn()).toBe(false);
      expect(scene.consumer.written("relinquishment")[0]?.body.reason).toBe("radio-failed");
      const outcome = scene.consumer.written("actuation-outcome")[0];
      if (result !== undefined) expect(outcome?.body.result).toBe(result);
      expect(
        equalBytes(
          outcome?.body.actuation ?? new Uint8Array(),
          scene.consumer.written("actuation")[0]?.id ?? new Uint8Array(),
        ),
      ).toBe(true);
    });
  }
});
