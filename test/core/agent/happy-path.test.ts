/** From offer to RF on, effect by effect (PROTOCOL §2 Order, §6). */
import { describe, expect, test } from "vitest";
import { equalBytes, toHex } from "../../../src/core/base/bytes.ts";
import { phaseOf } from "../../../src/core/settlement/lease.ts";
import type { Host } from "../../support/scripted-host.ts";
import { invariants } from "../../support/scripted-invariants.ts";
import { realKeys } from "../../support/scripted-keys.ts";
import { leaseAt, leasesOf, twoAgents } from "../../support/two-agents.ts";

/** `append settlement`, `publish renewal`, `arm`, … in the order in which the agent asked for them. */
function asked({ trace, lineage }: Host): readonly string[] {
  return trace.flatMap(({ effect }) => {
    if (effect.kind === "append") return [`append ${effect.draft.record.kind}`];
    if (effect.kind === "arm") return ["arm"];
    if (effect.kind !== "publish") return [];
    const own = equalBytes(effect.record.header.lineage, lineage.inception.header.lineage);
    return own ? [`publish ${effect.record.kind}`] : [];
  });
}

function first(list: readonly string[], what: string): number {
  const at = list.indexOf(what);
  expect(at, what).toBeGreaterThanOrEqual(0);
  return at;
}

describe("the way from offer to RF on", () => {
  test("two agents with real P-256 keys settle, derive the same bytes and transmit", () => {
    const scene = twoAgents({ scheme: realKeys() });
    const lease = scene.settle();
    const { holder, consumer } = scene;
    expect(phaseOf(lease)).toBe("effective");
    expect(phaseOf(leaseAt(holder, lease))).toBe("effective");
    expect(leaseAt(holder, lease).derived.bytes).toEqual(lease.derived.bytes);
    expect(consumer.radio.transmissions).toHaveLength(1);
    expect(consumer.radio.transmissions[0]?.artifact).toEqual(lease.derived.id);
    expect(consumer.written("actuation-outcome").map(({ body }) => body.result)).toEqual(["on"]);
  });

  test("runs through bound, confirmed and effective in this order at both sides (§6)", () => {
    const phases = new Set<string>();
    const scene = twoAgents({
      watch: ({ hosts }) => {
        for (const host of hosts) {
          const lease = host.isRunning() ? leasesOf(host)[0] : undefined;
          if (lease !== undefined) phases.add(`${lease.role} ${phaseOf(lease)}`);
        }
      },
    });
    scene.settle();
    expect([...phases]).toEqual([
      "holder bound",
      "consumer confirmed",
      "holder effective",
      "consumer effective",
    ]);
  });

  test("every record is appended before it is published, and the actuation before the radio is armed (§2 Order)", () => {
    const held = invariants();
    const scene = twoAgents({ watch: (watched) => held.check(watched) });
    scene.settle();
    const [holder, consumer] = [asked(scene.holder), asked(scene.consumer)];
    for (const kind of ["offer", "settlement", "renewal"])
      expect(first(holder, `append ${kind}`)).toBeLessThan(first(holder, `publish ${kind}`));
    for (const kind of ["acceptance", "settlement", "renewal-request"])
      expect(first(consumer, `append ${kind}`)).toBeLessThan(first(consumer, `publish ${kind}`));
    expect(first(consumer, "append actuation")).toBeLessThan(first(consumer, "arm"));
  });

  test("nothing of a record is seen outside, and nothing armed, while store or signer do not answer (§2 Order)", () => {
    const scene = twoAgents();
    const offer = scene.offer();
    scene.consumer.now.stalled = true;
    expect(scene.accept(scene.consumer, offer).ok).toBe(true);
    scene.run(5_000_000);
    expect(scene.carried.filter(({ kind }) => kind === "acceptance")).toEqual([]);
    expect(scene.consumer.agent().provisional.acceptances.size).toBe(1);
    expect(scene.consumer.agent().durable.acceptances.size).toBe(0);
    scene.consumer.now.stalled = false;
    scene.run(100_000);
    expect(scene.carried.filter(({ kind }) => kind === "acceptance").length).toBeGreaterThan(0);
  });

  test("an id is known before its signature: successors chain in the one signing queue, previous ids and positions following (§2 Order)", () => {
    const scene = twoAgents();
    scene.settle();
    const { agent, disk } = { agent: scene.consumer.agent(), disk: scene.consumer.disk };
    const drafts = scene.consumer.effects("append").map(({ draft }) => draft.record);
    for (const [i, record] of drafts.entries()) {
      expect(record.envelope.signatures).toEqual([]);
      expect(record.header.seq).toBe(i + 1);
      const before = i === 0 ? scene.consumer.lineage.inception : drafts[i - 1];
      expect(record.header.previous).toEqual(before?.id);
    }
    expect(agent.durable.head).toEqual(drafts.at(-1)?.id);
    expect(disk.filter(({ kind }) => kind === "own")).toHaveLength(drafts.length + 1);
  });

  test("countersignature and first request are queued together, while the first signature is awaited (§6)", () => {
    const scene = twoAgents();
    scene.settle();
    const { trace } = scene.consumer;
    const at = (kind: string): number =>
      trace.find(({ effect }) => effect.kind === "append" && effect.draft.record.kind === kind)?.atUs ?? 0;
    expect(at("renewal-request")).toBe(at("settlement"));
  });

  test("foreign envelopes that a record names are flushed before it, once (§2)", () => {
    const scene = twoAgents();
    const lease = scene.settle();
    const ids = scene.holder
      .effects("append")
      .flatMap(({ draft }) => draft.foreign.map(({ id }) => toHex(id)));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain(toHex(lease.acceptance.id));
    expect(ids).toContain(toHex(lease.consumerSettlement?.id ?? new Uint8Array()));
    expect(ids).toContain(toHex(lease.lastRequest?.id ?? new Uint8Array()));
  });

  test("the log folds to the very state that the agent has, at both sides (§2)", () => {
    const scene = twoAgents();
    scene.settle();
    scene.run(20_000_000);
    for (const host of scene.hosts) invariants().checkFold(host);
  });
});
