/** Anybody's bytes: never a throw, every one a rejection, a counted drop or a bounded wait (PROTOCOL §8). */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bounds } from "../../../src/core/agent/bounds.ts";
import { toHex } from "../../../src/core/base/bytes.ts";
import { limits } from "../../../src/core/wire/limits.ts";
import { writeWant } from "../../../src/core/wire/want.ts";
import { dumpState } from "../../../src/sim/state-dump.ts";
import { SECOND_US, sceneBlock, scriptedLineage } from "../../support/scripted-authority.ts";
import { chance } from "../../support/scripted-chance.ts";
import { type Host, packEnvelope } from "../../support/scripted-host.ts";
import { invariants } from "../../support/scripted-invariants.ts";
import { named } from "../../support/scripted-keys.ts";
import { leaseAt, leasesOf, offerOf, type Scene, twoAgents } from "../../support/two-agents.ts";

/** A scene in which nearly every kind of record was sent, still running. */
function eventful(): Scene {
  const scene = twoAgents({ consumers: [{}, {}] });
  const [one, two] = scene.consumers as [Host, Host];
  const lease = scene.settle({}, one);
  scene.accept(two, lease.offer);
  scene.run(7 * SECOND_US);
  one.command({ verb: "relinquish", artifact: lease.derived.id });
  scene.run(2 * SECOND_US);
  scene.settle({}, one);
  return scene;
}

/** One message of each kind that was sent or stands in somebody's folder. */
function samples(scene: Scene): ReadonlyMap<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  for (const record of scene.authority.root.records) found.set(record.kind, packEnvelope(record.envelope));
  for (const { kind, bytes } of scene.carried) found.set(kind, bytes);
  const { id } = scene.authority.policy;
  found.set("want", writeWant({ lineage: scene.consumer.lineage.inception.header.lineage, ids: [id] }));
  return found;
}

function dropped({ agent }: Host): number {
  return [...agent().volatile.counters.values()].reduce((sum, each) => sum + each, 0);
}

/** What is volatile may be lost at any instant: so may the count of a lane. */
function hear(host: Host, bytes: Uint8Array): ReturnType<Host["take"]> {
  host.agent().volatile.lanes.clear();
  return host.take({ kind: "message", bytes });
}

describe("bytes of anybody", () => {
  test("random bytes are counted and change nothing", () => {
    const scene = eventful();
    const before = dumpState(scene.holder.agent().durable);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.constantFrom(0x93, 0x95, 0xc1), (bytes, tag) => {
        for (const each of [bytes, Uint8Array.of(tag, ...bytes)]) {
          const count = dropped(scene.holder);
          expect(hear(scene.holder, each).every(({ kind }) => kind === "note")).toBe(true);
          expect(dropped(scene.holder)).toBe(count + 1);
        }
      }),
      { numRuns: 300, seed: 1 },
    );
    expect(dumpState(scene.holder.agent().durable)).toBe(before);
  });

  test("a message of each kind with any one byte flipped appends nothing, arms nothing, and is dropped or waits", () => {
    const scene = eventful();
    const kinds = samples(scene);
    for (const kind of [
      "offer",
      "acceptance",
      "settlement",
      "renewal-request",
      "renewal",
      "rejection",
      "want",
    ])
      expect([...kinds.keys()]).toContain(kind);
    const before = scene.hosts.map((each) => dumpState(each.agent().durable));
    for (const [kind, bytes] of kinds) {
      for (let at = 0; at < bytes.length; at++) {
        const flipped = Uint8Array.from(bytes);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
        for (const host of scene.hosts) {
          const effects = hear(host, flipped);
          const acted = effects.filter((each) => each.kind === "append" || each.kind === "arm");
          expect(acted, `${kind} at ${at}`).toEqual([]);
        }
      }
    }
    expect(scene.hosts.map((each) => dumpState(each.agent().durable))).toEqual(before);
    for (const host of scene.hosts) {
      expect(dropped(host)).toBeGreaterThan(1_000);
      expect(host.agent().volatile.waiting.size).toBeLessThanOrEqual(bounds.WAITING_MAX);
    }
  }, 60_000);

  test("a damaged copy does not shadow the good one: only verified ids count as seen (§1)", () => {
    const scene = twoAgents();
    const offer = scene.offer();
    const late = scriptedLineage(scene.scheme, "late");
    const credential = scene.authority.issue(late, { level: "user", verbs: ["acquire"] });
    const good = packEnvelope(credential.envelope);
    const [signature] = credential.envelope.signatures;
    if (signature === undefined) return;
    const spoilt = { ...signature, signature: Uint8Array.from(signature.signature).fill(1, 0, 5) };
    hear(scene.holder, packEnvelope({ ...credential.envelope, signatures: [spoilt] }));
    expect(scene.holder.agent().volatile.known.get(credential.id)).toBeUndefined();
    hear(scene.holder, good);
    expect(scene.holder.agent().volatile.known.get(credential.id)).toBeDefined();
    hear(scene.holder, packEnvelope({ ...credential.envelope, signatures: [spoilt] }));
    const kept = scene.holder.agent().volatile.known.get(credential.id);
    expect(kept?.envelope.signatures).toEqual(credential.envelope.signatures);
    expect(offer.kind).toBe("offer");
  });

  test("valid records in any order, at any agent, whoever wrote them, break nothing and arm nothing", () => {
    const told = eventful();
    const all = [
      ...told.carried.map(({ bytes }) => bytes),
      ...told.hosts.flatMap(({ disk }) => disk.map(({ bytes }) => bytes)),
    ];
    const unique = [...new Map(all.map((bytes) => [toHex(bytes), bytes])).values()];
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 }), (seed) => {
        const fates = chance(seed);
        const scene = twoAgents({ consumers: [{}, {}] });
        scene.mesh.carry = () => [];
        for (let i = 0; i < 150; i++) {
          const bytes = unique[fates.below(unique.length)] ?? new Uint8Array();
          const host = scene.hosts[fates.below(scene.hosts.length)] as Host;
          hear(host, bytes);
          if (fates.hits(10)) scene.run(300_000);
        }
        scene.run(SECOND_US);
        for (const host of scene.hosts) {
          expect(host.effects("arm")).toEqual([]);
          invariants().checkFold(host);
        }
      }),
      { numRuns: 25, seed: 3 },
    );
  }, 60_000);
});

describe("floods", () => {
  test("senders whose key nobody knows share one lane, however many there are", () => {
    const scene = twoAgents();
    const offer = scene.offer();
    const before = scene.holder.agent().volatile.counters.get("lane-full") ?? 0;
    for (let i = 0; i < 400; i++) {
      const stranger = scriptedLineage(scene.scheme, `stranger ${i}`);
      const record = stranger.write("offer", offer.body, {
        ...offer.header,
        lineage: stranger.inception.header.lineage,
      });
      scene.holder.take({ kind: "message", bytes: packEnvelope(record.envelope) });
    }
    const { volatile } = scene.holder.agent();
    expect((volatile.counters.get("lane-full") ?? 0) - before).toBeGreaterThanOrEqual(
      400 - bounds.UNKNOWN_MESSAGES_PER_SECOND,
    );
    expect(volatile.waiting.size).toBeLessThanOrEqual(bounds.UNKNOWN_MESSAGES_PER_SECOND);
    expect(volatile.lanes.size).toBeLessThan(10);
    expect(scene.holder.effects("want").length).toBeLessThan(40);
    scene.run(40 * SECOND_US);
    expect(scene.holder.agent().volatile.waiting.size).toBe(0);
  });

  test("the other side of a lease has a wide lane of its own, and a second later it is open again", () => {
    const scene = twoAgents();
    const lease = scene.settle();
    scene.run(2 * SECOND_US);
    const bytes = packEnvelope(lease.acceptance.envelope);
    // Each answer would be answered again, within the same lane.
    scene.mesh.carry = () => [];
    const beyond = 50;
    for (let i = 0; i < bounds.LEASE_PARTY_MESSAGES_PER_SECOND + beyond; i++) {
      scene.holder.take({ kind: "message", bytes });
    }
    const full = scene.holder.agent().volatile.counters.get("lane-full") ?? 0;
    expect(full).toBeGreaterThanOrEqual(beyond);
    scene.run(1_100_000);
    scene.holder.take({ kind: "message", bytes });
    expect(scene.holder.agent().volatile.counters.get("lane-full")).toBe(full);
  });

  test("refusals beyond the quota become one aggregate for peer and code, with count, least and greatest (§6)", () => {
    const scene = twoAgents({ consumers: [{}, {}] });
    const [one, two] = scene.consumers as [Host, Host];
    const { offer } = scene.settle({}, one);
    for (let i = 0; i < 9; i++) {
      scene.accept(two, offer);
      scene.run(300_000);
    }
    const { rejections } = { rejections: scene.holder.written("rejection") };
    expect(rejections).toHaveLength(4);
    expect(rejections[0]?.body).toMatchObject({
      consequence: "retry-after",
      retryAfterUs: SECOND_US,
      count: 1,
    });
    scene.run(61 * SECOND_US);
    const aggregate = scene.holder.written("rejection").find(({ body }) => body.subject === null);
    expect(aggregate?.body.peer).toEqual(two.lineage.inception.header.lineage);
    expect(
      aggregate?.body.findings.map(({ code, field, measured }) => [code, field, measured["value"]]),
    ).toEqual([
      ["already-allocated", "least", 433_100_000],
      ["already-allocated", "greatest", 433_100_000],
    ]);
    expect(aggregate?.body.count).toBeGreaterThanOrEqual(1);
    expect(scene.holder.agent().volatile.aggregates.size).toBeLessThanOrEqual(1);
  });

  test("a full queue refuses commands, counts, and keeps room for terminations", () => {
    const scene = twoAgents();
    const lease = scene.settle();
    scene.holder.now.stalled = true;
    const { agent } = scene.holder;
    const { body } = lease.offer;
    const offer = {
      schema: body.schema,
      resource: body.resource,
      block: body.block,
      price: { form: "fixed" as const, microUnits: 0n, currency: "EUR" },
      eligibility: body.eligibility,
      rules: body.rules,
      leaseClass: body.leaseClass,
      validUs: SECOND_US,
    };
    for (let i = 0; i < 100; i++) scene.holder.command({ verb: "offer", offer });
    expect(agent().queue.length).toBe(bounds.QUEUE_MAX);
    expect(scene.holder.command({ verb: "offer", offer })).toMatchObject({
      ok: false,
      rejections: [{ code: "queue-full" }],
    });
    expect(scene.holder.command({ verb: "withdraw", offer: lease.offer.id, reason: "" })).toMatchObject({
      ok: false,
    });
    expect(scene.holder.command({ verb: "terminate", artifact: lease.derived.id }).ok).toBe(true);
    expect(agent().provisional.leases.get(toHex(lease.derived.id))?.termination).not.toBeNull();
    scene.holder.now.stalled = false;
    scene.run(2 * SECOND_US);
    expect(leaseAt(scene.holder, lease).termination).not.toBeNull();
    expect(agent().queue).toEqual([]);
  });
});

describe("wants", () => {
  test("broadcast records go to anybody's inbox, a pair's records to its parties alone", () => {
    const scene = twoAgents({ consumers: [{}, {}] });
    const [one, two] = scene.consumers as [Host, Host];
    const lease = scene.settle({}, one);
    const asks = (by: Host, ids: readonly Uint8Array[]): number =>
      scene.holder
        .take({ kind: "message", bytes: writeWant({ lineage: by.lineage.inception.header.lineage, ids }) })
        .filter(({ kind }) => kind === "publish").length;
    const own = [lease.holderSettlement.id, lease.acceptance.id];
    expect(asks(one, own)).toBe(2);
    expect(asks(two, own)).toBe(0);
    expect(
      asks(two, [scene.authority.policy.id, lease.offer.id, scene.holder.lineage.inception.header.lineage]),
    ).toBe(3);
    expect(asks(two, [named("nothing")])).toBe(0);
  });

  test("a requester gets at most 64 records a second, and all made-up names together no more", () => {
    const scene = twoAgents();
    const ids = Array.from({ length: 16 }, () => scene.authority.policy.id);
    const sent = (name: (i: number) => Uint8Array): number => {
      let publishes = 0;
      for (let i = 0; i < 20; i++) {
        const effects = scene.holder.take({ kind: "message", bytes: writeWant({ lineage: name(i), ids }) });
        publishes += effects.filter(({ kind }) => kind === "publish").length;
      }
      return publishes;
    };
    expect(sent((i) => named(`made up ${i}`))).toBe(limits.REPAIR_RECORDS_MAX);
    expect(scene.holder.agent().volatile.counters.get("repair-quota")).toBeGreaterThan(0);
    scene.run(2 * SECOND_US);
    expect(sent(() => named("made up"))).toBe(limits.REPAIR_RECORDS_MAX);
  });

  test("a record that is not signed yet is never served", () => {
    const scene = twoAgents();
    scene.holder.now.stalled = true;
    const answer = scene.holder.command({ verb: "offer", offer: offerOf(scene.authority, sceneBlock) });
    expect(answer.ok).toBe(true);
    if (!answer.ok) return;
    const want = writeWant({
      lineage: scene.consumer.lineage.inception.header.lineage,
      ids: [answer.record],
    });
    expect(scene.holder.take({ kind: "message", bytes: want })).toEqual([]);
    expect(leasesOf(scene.holder)).toEqual([]);
  });
});
