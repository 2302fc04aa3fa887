import { describe, expect, test } from "vitest";
import { equalBytes, toHex } from "../../../src/core/base/bytes.ts";
import type { Policy } from "../../../src/core/record/kinds/policy.ts";
import type { RecordOf } from "../../../src/core/record/record.ts";
import {
  type Authority,
  type ScriptedLineage,
  SECOND_US,
  START_US,
  scenePolicy,
  scriptedLineage,
} from "../../support/scripted-authority.ts";
import { type Host, packEnvelope } from "../../support/scripted-host.ts";
import { leaseAt, type Scene, twoAgents } from "../../support/two-agents.ts";

type PolicyRecord = RecordOf<"policy">;

/** Begins at second 10 of the scene, and ends its predecessor at second 20. */
function successorTo(
  predecessor: Uint8Array,
  root: ScriptedLineage,
  change: Partial<Policy> = {},
  endSecond = 20,
): PolicyRecord {
  return root.write("policy", {
    ...scenePolicy,
    name: "scene 2",
    startUs: START_US + 10 * SECOND_US,
    succeeds: { predecessor, endUs: START_US + endSecond * SECOND_US },
    ...change,
  });
}

function tell(host: Host, record: PolicyRecord): void {
  host.take({ kind: "message", bytes: packEnvelope(record.envelope) });
}

/** True second of the scene. */
function runTo(scene: Scene, second: number): void {
  scene.run(START_US + second * SECOND_US - scene.nowUs());
}

function named(host: Host): string {
  return toHex(host.written("offer").at(-1)?.header.policy ?? new Uint8Array(0));
}

function findingsOf(host: Host) {
  return host.written("rejection").flatMap(({ body }) => body.findings);
}

describe("two agents under different policies", () => {
  const other = (authority: Authority): PolicyRecord =>
    authority.root.write("policy", { ...scenePolicy, name: "another" });

  function scene(): { readonly scene: Scene; readonly theirs: Uint8Array } {
    let theirs: PolicyRecord | null = null;
    const made = twoAgents({
      documents: (authority) => {
        theirs ??= other(authority);
        return [theirs];
      },
      configOf: (name) => (name === "consumer 0" && theirs !== null ? { policy: theirs.id } : {}),
    });
    return { scene: made, theirs: (theirs as unknown as PolicyRecord).id };
  }

  test("refuse on the consumer's side, and name both ids", () => {
    const { scene: made, theirs } = scene();
    const answer = made.accept(made.consumer, made.offer());
    expect(answer.ok ? [] : answer.rejections).toContainEqual({
      code: "policy-mismatch",
      field: "offer.policy",
      measured: { policy: toHex(made.authority.policy.id) },
      required: { policy: toHex(theirs) },
    });
    expect(made.consumer.written("acceptance")).toEqual([]);
  });

  test("refuse on the holder's side, by a record that names both ids and reaches the consumer", () => {
    const { scene: made, theirs } = scene();
    expect(made.accept(made.consumer, made.offer(), true).ok).toBe(true);
    made.run(2 * SECOND_US);
    const expected = {
      code: "policy-mismatch",
      measured: { acceptance: toHex(theirs) },
      required: { offer: toHex(made.authority.policy.id) },
    };
    expect(findingsOf(made.holder)).toContainEqual(expect.objectContaining(expected));
    expect(findingsOf(made.consumer)).toContainEqual(expect.objectContaining(expected));
    expect(made.holder.written("settlement")).toEqual([]);
  });
});

describe("a successor", () => {
  test("is used by both from its start on, and not before", () => {
    const scene = twoAgents();
    const { root, policy } = scene.authority;
    const next = successorTo(policy.id, root);
    for (const host of scene.hosts) tell(host, next);
    scene.offer();
    expect(named(scene.holder)).toBe(toHex(policy.id));
    runTo(scene, 11);
    const lease = scene.settle();
    expect(named(scene.holder)).toBe(toHex(next.id));
    for (const kind of ["acceptance", "settlement", "renewal-request"] as const) {
      expect(scene.consumer.written(kind).at(-1)?.header.policy).toEqual(next.id);
    }
    expect(scene.holder.written("admission").at(-1)?.header.policy).toEqual(next.id);
    expect(lease.documents.some(({ id }) => equalBytes(id, next.id))).toBe(true);
  });

  test("leaves its predecessor a grace: what was offered under it settles until the end that the successor states", () => {
    const scene = twoAgents();
    const { root, policy } = scene.authority;
    const offer = scene.offer();
    const next = successorTo(policy.id, root);
    for (const host of scene.hosts) tell(host, next);
    runTo(scene, 15);
    expect(scene.accept(scene.consumer, offer).ok).toBe(true);
    scene.runUntil(() => scene.consumer.radio.isOn(), 4 * SECOND_US, "RF on");
    expect(scene.consumer.written("acceptance").at(-1)?.header.policy).toEqual(policy.id);
    expect(scene.holder.written("settlement").at(-1)?.header.policy).toEqual(policy.id);
  });

  test("ends it there: the consumer refuses, and the holder where the consumer does not", () => {
    const scene = twoAgents();
    const { root, policy } = scene.authority;
    const offer = scene.offer();
    const next = successorTo(policy.id, root);
    tell(scene.holder, next);
    tell(scene.consumer, next);
    runTo(scene, 20);
    const superseded = {
      code: "policy-superseded",
      field: "offer.policy",
      required: { endUs: START_US + 20 * SECOND_US, successor: toHex(next.id) },
    };
    const answer = scene.accept(scene.consumer, offer);
    expect(answer.ok ? [] : answer.rejections).toMatchObject([superseded]);
    expect(scene.accept(scene.consumer, offer, true).ok).toBe(true);
    scene.run(2 * SECOND_US);
    expect(findingsOf(scene.holder)).toMatchObject([superseded]);
    expect(scene.holder.written("settlement")).toEqual([]);
  });

  test("ends it for a consumer that knows, where the holder never heard of it", () => {
    const scene = twoAgents();
    const { root, policy } = scene.authority;
    const offer = scene.offer();
    runTo(scene, 19.5);
    expect(scene.accept(scene.consumer, offer).ok).toBe(true);
    tell(scene.consumer, successorTo(policy.id, root, {}, 19));
    scene.run(3 * SECOND_US);
    expect(scene.holder.written("settlement")).toHaveLength(1);
    expect(scene.consumer.written("settlement")).toEqual([]);
    expect(findingsOf(scene.consumer)).toMatchObject([{ code: "policy-superseded" }]);
    runTo(scene, 60);
    expect(scene.consumer.radio.isOn()).toBe(false);
    expect(scene.holder.written("lease-termination")).toHaveLength(1);
  });

  test("leaves a lease the policy that it was settled under, to its end", () => {
    const scene = twoAgents();
    const { root, policy } = scene.authority;
    const lease = scene.settle();
    const renewals = scene.holder.written("renewal").length;
    const next = successorTo(policy.id, root, { confirmByMaxUs: 1, tiers: ["tpm"] });
    for (const host of scene.hosts) tell(host, next);
    runTo(scene, 60);
    expect(scene.consumer.radio.isOn()).toBe(true);
    expect(scene.holder.written("renewal").length).toBeGreaterThan(renewals + 5);
    expect(scene.holder.written("renewal").at(-1)?.header.policy).toEqual(policy.id);
    expect(leaseAt(scene.holder, lease).termination).toBeNull();
  });

  test("is remembered by the log of whoever heard of it, through a crash and a reboot", () => {
    const scene = twoAgents();
    const { root, policy } = scene.authority;
    const next = successorTo(policy.id, root);
    tell(scene.holder, next);
    scene.offer();
    scene.holder.reboot();
    scene.holder.start();
    runTo(scene, 21);
    scene.offer();
    expect(named(scene.holder)).toBe(toHex(next.id));
  });

  test("that comes late is used from then on, and its predecessor's offers were refused with both ids until then", () => {
    const scene = twoAgents();
    const { root, policy } = scene.authority;
    const next = successorTo(policy.id, root);
    tell(scene.holder, next);
    runTo(scene, 21);
    const offer = scene.offer();
    const answer = scene.accept(scene.consumer, offer);
    expect(answer.ok ? [] : answer.rejections).toContainEqual({
      code: "policy-mismatch",
      field: "offer.policy",
      measured: { policy: toHex(next.id) },
      required: { policy: toHex(policy.id) },
    });
    tell(scene.consumer, next);
    expect(scene.accept(scene.consumer, offer).ok).toBe(true);
  });
});

describe("what is no successor", () => {
  const strangers = (scene: Scene): readonly (readonly [string, PolicyRecord])[] => {
    const { root, policy } = scene.authority;
    const stranger = scriptedLineage(scene.scheme, "stranger");
    for (const host of scene.hosts)
      host.take({ kind: "message", bytes: packEnvelope(stranger.inception.envelope) });
    return [
      ["by an author that nobody trusts", successorTo(policy.id, stranger)],
      ["of another policy", successorTo(root.inception.id, root)],
      ["that begins later", successorTo(policy.id, root, { startUs: START_US + 3_600 * SECOND_US }, 7_200)],
      ["that names none", root.write("policy", { ...scenePolicy, startUs: START_US })],
    ];
  };

  test.each([0, 1, 2, 3])("changes nothing (%i)", (i) => {
    const scene = twoAgents();
    const [what = "", record] = strangers(scene)[i] ?? [];
    if (record === undefined) throw new Error("there are four");
    for (const host of scene.hosts) tell(host, record);
    runTo(scene, 25);
    scene.settle();
    expect([what, named(scene.holder)]).toEqual([what, toHex(scene.authority.policy.id)]);
  });

  test("of two successors the one that its author wrote last counts, in whatever order they are heard", () => {
    const scene = twoAgents();
    const { root, policy } = scene.authority;
    const wrong = successorTo(policy.id, root, { name: "mistaken" }, 12);
    const right = successorTo(policy.id, root, { name: "corrected" }, 3_600);
    for (const [i, host] of scene.hosts.entries()) {
      for (const each of i === 0 ? [wrong, right] : [right, wrong]) tell(host, each);
    }
    const offer = scene.offer();
    runTo(scene, 15);
    expect(scene.accept(scene.consumer, offer).ok).toBe(true);
    scene.offer();
    expect(named(scene.holder)).toBe(toHex(right.id));
  });

  test("a chain of more than an agent keeps ends there", () => {
    const scene = twoAgents();
    const { root, policy } = scene.authority;
    let last = policy;
    for (let i = 0; i < 40; i++) {
      last = successorTo(last.id, root, { startUs: START_US + i });
      tell(scene.holder, last);
    }
    scene.run(SECOND_US);
    expect(scene.holder.agent().volatile.successors.size).toBe(16);
  });
});
