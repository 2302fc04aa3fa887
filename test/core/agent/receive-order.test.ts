/** Size, kind, seen, quota, signature, chain, geometry: what is cheaper to refuse by is asked first (PROTOCOL §8). */
import { describe, expect, test } from "vitest";
import { bounds } from "../../../src/core/agent/bounds.ts";
import { assert } from "../../../src/core/base/assert.ts";
import type { AnyRecord } from "../../../src/core/record/record.ts";
import type { Envelope } from "../../../src/core/wire/envelope.ts";
import { limits } from "../../../src/core/wire/limits.ts";
import { SECOND_US } from "../../support/scripted-authority.ts";
import { type Host, packEnvelope } from "../../support/scripted-host.ts";
import { named } from "../../support/scripted-keys.ts";
import { type Scene, twoAgents } from "../../support/two-agents.ts";

function hear(host: Host, envelope: Envelope): void {
  host.take({ kind: "message", bytes: packEnvelope(envelope) });
}

/** What `act` was counted under. */
function counted({ agent }: Host, act: () => void): Readonly<Record<string, number>> {
  const before = new Map(agent().volatile.counters);
  act();
  const after = [...agent().volatile.counters].map(
    ([code, n]) => [code, n - (before.get(code) ?? 0)] as const,
  );
  return Object.fromEntries(after.filter(([, n]) => n > 0));
}

function spoilt({ envelope }: Pick<AnyRecord, "envelope">): Envelope {
  const [only] = envelope.signatures;
  assert(only !== undefined, "a record is signed once");
  return { ...envelope, signatures: [{ ...only, signature: new Uint8Array(64).fill(1) }] };
}

/** A new offer in the holder's name that nobody has heard yet. */
function fresh({ holder }: Scene, offer: Extract<AnyRecord, { kind: "offer" }>, name: string): AnyRecord {
  return holder.lineage.write("offer", { ...offer.body, challenge: named(name) }, offer.header);
}

function fillLane(scene: Scene, offer: Extract<AnyRecord, { kind: "offer" }>): void {
  scene.consumer.agent().volatile.lanes.clear();
  for (let i = 0; i < bounds.PEER_MESSAGES_PER_SECOND; i++)
    hear(scene.consumer, fresh(scene, offer, `fresh ${i}`).envelope);
}

describe("the order of checks", () => {
  test("size before kind: bytes beyond the bound are counted for their length, whatever kind they name", () => {
    const scene = twoAgents();
    const { envelope } = scene.offer();
    const nonsense = { ...envelope, kind: "nonsense" };
    const long = { ...nonsense, payload: new Uint8Array(limits.RECORD_BYTES_MAX + 1) };
    const longer = { ...nonsense, payload: new Uint8Array(limits.ENVELOPE_BYTES_MAX + 1) };
    expect(counted(scene.consumer, () => hear(scene.consumer, nonsense))).toEqual({ "kind-unknown": 1 });
    expect(counted(scene.consumer, () => hear(scene.consumer, long))).toEqual({ "record-too-long": 1 });
    expect(counted(scene.consumer, () => hear(scene.consumer, longer))).toEqual({ "wire-too-long": 1 });
  });

  test("kind before quota: what is no record takes no room of the author whom it names", () => {
    const scene = twoAgents();
    const offer = scene.offer();
    const { consumer } = scene;
    consumer.agent().volatile.lanes.clear();
    for (let i = 0; i < 2 * bounds.PEER_MESSAGES_PER_SECOND; i++)
      hear(consumer, { ...offer.envelope, kind: "nonsense" });
    const next = fresh(scene, offer, "next");
    expect(counted(consumer, () => hear(consumer, next.envelope))).toEqual({});
    expect(consumer.agent().volatile.known.get(next.id)).toBeDefined();
  });

  test("seen before quota: repetitions, which anybody can send, take no room of what is new, and are bounded too", () => {
    const scene = twoAgents();
    const offer = scene.offer();
    const { consumer } = scene;
    consumer.agent().volatile.lanes.clear();
    const beyond = 7;
    const repeated = counted(consumer, () => {
      for (let i = 0; i < bounds.PEER_MESSAGES_PER_SECOND + beyond; i++) hear(consumer, offer.envelope);
    });
    expect(repeated).toEqual({ "lane-full": beyond });
    const next = fresh(scene, offer, "next");
    expect(counted(consumer, () => hear(consumer, next.envelope))).toEqual({});
    expect(consumer.agent().volatile.known.get(next.id)).toBeDefined();
    scene.run(1_100_000);
    expect(counted(consumer, () => hear(consumer, offer.envelope))).toEqual({});
  });

  test("quota before signature: beyond its lane nobody's signature is looked at", () => {
    const scene = twoAgents();
    const offer = scene.offer();
    const { consumer } = scene;
    const bad = (name: string): Envelope => spoilt(fresh(scene, offer, name));
    expect(counted(consumer, () => hear(consumer, bad("one")))).toEqual({ "signature-invalid": 1 });
    fillLane(scene, offer);
    expect(counted(consumer, () => hear(consumer, bad("two")))).toEqual({ "lane-full": 1 });
  });

  test("signature before chain: nobody is asked for the chain of a record that its author did not sign", () => {
    const scene = twoAgents();
    const offer = scene.offer();
    const { holder, consumer } = scene;
    scene.mesh.carry = (message) => (message.kind === "acceptance" ? [] : [3_000]);
    scene.accept(consumer, offer);
    scene.run(100_000);
    const [genuine] = consumer.written("acceptance");
    assert(genuine !== undefined, "the acceptance is on disk");
    const unknown = consumer.lineage.write("acceptance", genuine.body, {
      ...genuine.header,
      credential: named("a link that nobody has"),
    });
    const asked = (): number => holder.effects("want").length;
    const before = asked();
    expect(counted(holder, () => hear(holder, spoilt(unknown)))).toEqual({ "signature-invalid": 1 });
    expect([asked(), holder.agent().volatile.pendingAcceptances.size]).toEqual([before, 0]);
    hear(holder, unknown.envelope);
    expect([asked(), holder.agent().volatile.pendingAcceptances.size]).toEqual([before + 1, 1]);
  });

  test("chain before geometry: no area is compared until the chain is there, and then it is", () => {
    const scene = twoAgents();
    const offer = scene.offer();
    const { holder, consumer } = scene;
    scene.mesh.carry = (message) => (message.kind === "acceptance" ? [] : [3_000]);
    scene.accept(consumer, offer);
    scene.run(100_000);
    const [genuine] = consumer.written("acceptance");
    assert(genuine !== undefined, "the acceptance is on disk");
    const link = scene.authority.issue(consumer.lineage);
    const { block } = genuine.body;
    const area = block.area.map(({ latE7, lonE7 }) => ({ latE7: latE7 + 50_000_000, lonE7 }));
    const elsewhere = consumer.lineage.write(
      "acceptance",
      { ...genuine.body, block: { ...block, area } },
      { ...genuine.header, credential: link.id },
    );
    hear(holder, elsewhere.envelope);
    scene.run(500_000);
    expect(holder.written("rejection")).toHaveLength(0);
    expect(holder.agent().volatile.pendingAcceptances.size).toBe(1);
    hear(holder, link.envelope);
    scene.run(SECOND_US);
    const [refusal] = holder.written("rejection");
    expect(refusal?.body.findings.map(({ code }) => code)).toContain("box-area-outside");
  });
});
