/** How agents follow the keys of others, and what becomes of records by those that were replaced (PROTOCOL §2, §3). */
import { describe, expect, test } from "vitest";
import { bounds } from "../../../src/core/agent/bounds.ts";
import { toHex } from "../../../src/core/base/bytes.ts";
import type { AnyRecord } from "../../../src/core/record/record.ts";
import { HOUR_US, SECOND_US } from "../../support/scripted-authority.ts";
import { type Host, packEnvelope, recordFrom } from "../../support/scripted-host.ts";
import { leaseAt, type Scene, twoAgents } from "../../support/two-agents.ts";

const hear = (host: Host, record: AnyRecord): ReturnType<Host["take"]> =>
  host.take({ kind: "message", bytes: packEnvelope(record.envelope) });

const knows = (host: Host, { id }: AnyRecord): boolean => host.agent().volatile.known.get(id) !== undefined;

const dropped = (host: Host, code: string): number => host.agent().volatile.counters.get(code) ?? 0;

function revocation({ authority, nowUs }: Scene, revoked: readonly Uint8Array[] = []): AnyRecord {
  const { root } = authority;
  const snapshots = root.records.filter(({ kind }) => kind === "status-snapshot");
  const last = snapshots.at(-1);
  const number = snapshots.length + 1;
  const previousSnapshot = last?.id ?? new Uint8Array(32);
  return root.write("status-snapshot", { number, previousSnapshot, issuedUs: nowUs(), revoked }) as AnyRecord;
}

describe("a root that changed its key", () => {
  test("goes on being believed: a pair settles before and after", () => {
    const scene = twoAgents({});
    scene.settle();
    const rotation = scene.authority.root.rotate(scene.nowUs() + HOUR_US);
    for (const host of scene.hosts) hear(host, rotation);
    for (const host of scene.hosts) hear(host, revocation(scene));
    const standing = scene.consumer.written("settlement").length;
    scene.run(5 * SECOND_US);
    expect(scene.consumer.radio.isOn()).toBe(true);
    expect(scene.consumer.written("settlement")).toHaveLength(standing);
    expect(scene.hosts.map((host) => dropped(host, "signer-unknown"))).toEqual([0, 0]);
  });

  test("is stored with the first record by its new key, so that a copy of the log verifies alone", () => {
    const scene = twoAgents({});
    const lease = scene.settle();
    const rotation = scene.authority.root.rotate(0);
    const [link] = leaseAt(scene.holder, lease).derived.artifact.descriptor.credential;
    const snapshot = revocation(scene, link === undefined ? [] : [link]);
    for (const record of [rotation, snapshot]) hear(scene.holder, record);
    scene.run(SECOND_US);
    const kept = scene.holder.disk.map(({ bytes }) => toHex(recordFrom(bytes, scene.scheme.primitives).id));
    expect(leaseAt(scene.holder, lease).termination?.body.cause).toEqual(snapshot.id);
    const at = [rotation, snapshot].map(({ id }) => kept.indexOf(toHex(id)));
    expect(at[0]).toBeGreaterThan(0);
    expect(at[1]).toBeGreaterThan(at[0] ?? 0);
    expect(kept.filter((id) => id === toHex(rotation.id))).toHaveLength(1);
  });

  test("is heard before its rotation is: the message waits, and the rotation is asked for", () => {
    const scene = twoAgents({});
    const { root } = scene.authority;
    const rotation = root.rotate(0);
    const later = revocation(scene);
    const effects = hear(scene.consumer, later);
    expect(knows(scene.consumer, later)).toBe(false);
    expect(effects).toContainEqual({
      kind: "want",
      lineage: root.inception.header.lineage,
      ids: [root.inception.header.lineage],
    });
    hear(scene.consumer, rotation);
    expect(knows(scene.consumer, later)).toBe(true);
  });

  test("is asked about by whoever knows only its first key, and told of with all that followed", () => {
    const scene = twoAgents({});
    const { root } = scene.authority;
    const rotations = [root.rotate(0), root.rotate(0)];
    for (const rotation of rotations) hear(scene.holder, rotation);
    const later = revocation(scene);
    hear(scene.consumer, later);
    expect(dropped(scene.consumer, "signer-unknown")).toBe(1);
    scene.run(SECOND_US);
    expect(rotations.map((each) => knows(scene.consumer, each))).toEqual([false, false]);
    // Nobody but the root itself was asked, and it is away; the holder is where the lineage is known.
    const asked = scene.consumer.take({ kind: "message", bytes: packEnvelope(later.envelope) });
    expect(asked.filter(({ kind }) => kind === "want")).toHaveLength(1);
    for (const rotation of rotations) hear(scene.consumer, rotation);
    hear(scene.consumer, later);
    expect(knows(scene.consumer, later)).toBe(true);
  });

  test("is asked about so often a second only: who forges records of unknown keys leaves questions to others", () => {
    const scene = twoAgents({});
    const { root } = scene.authority;
    root.rotate(0);
    root.rotate(0);
    scene.run(2 * SECOND_US);
    const effects = Array.from({ length: 20 }, () => hear(scene.consumer, revocation(scene))).flat();
    expect(dropped(scene.consumer, "signer-unknown")).toBe(20);
    const asked = effects.filter(({ kind }) => kind === "want").length;
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThanOrEqual(bounds.OFFER_WANTS_PER_SECOND);
    expect(bounds.OFFER_WANTS_PER_SECOND).toBeLessThan(bounds.WANTS_PER_SECOND);
  });

  test.each([
    ["at once no longer", 0, false],
    ["for as long as it said", HOUR_US, true],
  ])("has records of the key before, not heard until then, taken in %s", (_, forUs, taken) => {
    const scene = twoAgents({});
    const old = revocation(scene, [scene.authority.ground[0]?.id ?? new Uint8Array(32)]);
    const rotation = scene.authority.root.rotate(forUs === 0 ? 0 : scene.nowUs() + forUs);
    hear(scene.consumer, rotation);
    hear(scene.consumer, old);
    expect(knows(scene.consumer, old)).toBe(taken);
    expect(dropped(scene.consumer, "key-replaced")).toBe(taken ? 0 : 1);
  });

  test("is not changed by whoever stole the key: a rotation to another than was committed to is dropped", () => {
    const scene = twoAgents({});
    const { root } = scene.authority;
    const { inception } = root;
    const thief = scene.scheme.keyOf("thief");
    const body = {
      keys: { threshold: 1, keys: [{ suite: 1, publicKey: thief.publicKey }] },
      nextKeyHash: new Uint8Array(32),
      acceptedUntilUs: 0,
      tier: "simulated" as const,
    };
    const forged = root.write("key-rotation", body);
    hear(scene.consumer, forged as AnyRecord);
    expect(knows(scene.consumer, forged as AnyRecord)).toBe(false);
    expect(scene.consumer.agent().volatile.known.keysOf(inception.header.lineage)).toHaveLength(1);
    expect(
      toHex(
        scene.consumer.agent().volatile.known.keysOf(inception.header.lineage)[0]?.keyId ?? new Uint8Array(),
      ),
    ).toBe(toHex(inception.header.signerKey));
  });
});
