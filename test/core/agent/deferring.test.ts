/** A deferral names what is missing and its deadline, once, and exists only before the pair is bound (PROTOCOL §4 Verdicts). */
import { describe, expect, test } from "vitest";
import { bounds } from "../../../src/core/agent/bounds.ts";
import { assert } from "../../../src/core/base/assert.ts";
import type { RecordOf } from "../../../src/core/record/record.ts";
import { SECOND_US, sceneBlock, scenePolicy } from "../../support/scripted-authority.ts";
import { type Host, packEnvelope } from "../../support/scripted-host.ts";
import { type Scene, twoAgents } from "../../support/two-agents.ts";

function acceptanceOf(host: Host): RecordOf<"acceptance"> {
  const found = host.written("acceptance").at(-1);
  assert(found !== undefined, "the acceptance is on disk");
  return found;
}

/** A lease class that tolerates three seconds of a snapshot's age, and a first snapshot that is older. */
function stale(): Scene {
  const leaseClasses = scenePolicy.leaseClasses.map((each) => ({
    ...each,
    snapshotAgeMaxUs: 3 * SECOND_US,
  }));
  const scene = twoAgents({ authority: { policy: { leaseClasses } } });
  scene.run(4 * SECOND_US);
  return scene;
}

function withoutCredentials(scene: Scene): () => void {
  scene.mesh.carry = (message) => (message.kind === "credential" ? [] : [3_000]);
  return () => {
    scene.mesh.carry = () => [3_000];
  };
}

describe("a status snapshot that is too old", () => {
  test("defers: the deferral names the issuer that has to write one, and the acceptance's own confirmBy", () => {
    const scene = stale();
    scene.accept(scene.consumer, scene.offer());
    scene.run(3 * SECOND_US);
    const acceptance = acceptanceOf(scene.consumer);
    expect(scene.holder.written("deferral").map(({ body }) => body)).toEqual([
      {
        subject: acceptance.id,
        missing: [scene.authority.root.inception.header.lineage],
        deadlineUs: acceptance.body.confirmByUs,
      },
    ]);
    expect(acceptance.body.confirmByUs).toBeGreaterThan(scene.nowUs());
    expect(scene.holder.written("settlement")).toHaveLength(0);
  });

  test("is settled in the step in which the fresh one comes, and deferred no more", () => {
    const scene = stale();
    scene.accept(scene.consumer, scene.offer());
    scene.run(SECOND_US);
    const fresh = packEnvelope(scene.authority.snapshot(scene.nowUs(), []).envelope);
    const effects = scene.holder.take({ kind: "message", bytes: fresh });
    const kinds = effects.flatMap((each) => (each.kind === "append" ? [each.draft.record.kind] : []));
    expect(kinds).toContain("settlement");
    scene.run(3 * SECOND_US);
    expect(scene.holder.written("deferral")).toHaveLength(1);
  });

  test("is refused at last, when its confirmBy has passed", () => {
    const scene = stale();
    scene.accept(scene.consumer, scene.offer());
    scene.run(17 * SECOND_US);
    expect(scene.holder.written("deferral")).toHaveLength(1);
    const [refusal] = scene.holder.written("rejection");
    expect(refusal?.body.findings.map(({ code }) => code)).toContain("confirm-by-passed");
  });
});

describe("a chain that is not at hand", () => {
  test("defers once it has been waited for a look: the deferral names the id that is asked for", () => {
    const scene = twoAgents();
    const offer = scene.offer();
    withoutCredentials(scene);
    scene.accept(scene.consumer, offer);
    scene.run(900_000);
    expect(scene.holder.written("deferral")).toHaveLength(0);
    scene.run(6 * SECOND_US);
    const acceptance = acceptanceOf(scene.consumer);
    expect(scene.holder.written("deferral").map(({ body }) => body)).toEqual([
      {
        subject: acceptance.id,
        missing: [acceptance.header.credential],
        deadlineUs: acceptance.body.confirmByUs,
      },
    ]);
  });

  test("and what is settled afterwards is folded from the log as it stands, the deferred acceptance in it once", () => {
    const scene = twoAgents();
    const offer = scene.offer();
    const hear = withoutCredentials(scene);
    scene.accept(scene.consumer, offer);
    scene.run(3 * SECOND_US);
    hear();
    scene.run(3 * SECOND_US);
    expect(scene.holder.written("settlement")).toHaveLength(1);
    const stored = scene.holder.disk.map(({ bytes }) => String(bytes));
    expect(new Set(stored).size).toBe(stored.length);
    scene.holder.crash();
    scene.holder.start();
    expect(scene.holder.agent().durable.leases.size).toBe(1);
  });

  test("that comes within a look leaves no deferral", () => {
    const scene = twoAgents();
    const offer = scene.offer();
    const hear = withoutCredentials(scene);
    scene.accept(scene.consumer, offer);
    scene.run(300_000);
    hear();
    scene.run(3 * SECOND_US);
    expect(scene.holder.written("settlement")).toHaveLength(1);
    expect(scene.holder.written("deferral")).toHaveLength(0);
  });

  test("defers no more than the quota of those whose chain nobody knows, and nothing after its deadline", () => {
    const scene = twoAgents();
    const offers = Array.from({ length: bounds.PENDING_PER_PEER_MAX - 1 }, (_, i) => {
      const lowerHz = 433_100_000 + i * 25_000;
      return scene.offer({ block: { ...sceneBlock, lowerHz, upperHz: lowerHz + 25_000 } });
    });
    withoutCredentials(scene);
    for (const offer of offers) scene.accept(scene.consumer, offer, true);
    scene.run(5 * SECOND_US);
    expect(scene.holder.agent().volatile.pendingAcceptances.size).toBe(offers.length);
    expect(scene.holder.written("deferral")).toHaveLength(scenePolicy.quotas.rejections);

    const late = twoAgents();
    const offer = late.offer();
    late.mesh.carry = (message) => (message.kind === "want" ? [3_000] : []);
    late.accept(late.consumer, offer);
    late.run(16 * SECOND_US);
    const { envelope } = acceptanceOf(late.consumer);
    for (const each of [late.consumer.lineage.inception.envelope, envelope])
      late.holder.take({ kind: "message", bytes: packEnvelope(each) });
    late.run(5 * SECOND_US);
    expect(late.holder.agent().volatile.pendingAcceptances.size).toBe(1);
    expect(late.holder.written("deferral")).toHaveLength(0);
  });
});
