/** Records about a lease by somebody who is no party to it, whose key is known all the same (PROTOCOL §6). */
import { describe, expect, test } from "vitest";
import type { RecordOf } from "../../../src/core/record/record.ts";
import type { Lease } from "../../../src/core/settlement/lease.ts";
import { dumpState } from "../../../src/sim/state-dump.ts";
import { SECOND_US, START_US } from "../../support/scripted-authority.ts";
import { type Host, packEnvelope } from "../../support/scripted-host.ts";
import { type Scene, twoAgents } from "../../support/two-agents.ts";

/** Time, policy and credential as a party's record has them: only the author is wrong. */
function head(lease: Lease): Pick<RecordOf<"settlement">["header"], "time" | "policy" | "credential"> {
  const { time, policy, credential } = lease.holderSettlement.header;
  return { time, policy, credential };
}

const forgeries = {
  relinquishment: (scene: Scene, lease: Lease, third: Host) =>
    third.lineage.write(
      "relinquishment",
      {
        artifact: lease.derived.id,
        reason: "operator",
        bootId: scene.consumer.clock().bootId,
        mutedBootUs: 1,
        termination: null,
      },
      head(lease),
    ),
  "renewal-request": (scene: Scene, lease: Lease, third: Host) =>
    third.lineage.write(
      "renewal-request",
      {
        artifact: lease.derived.id,
        nonce: new Uint8Array(16).fill(8),
        bootId: scene.consumer.clock().bootId,
        anchorBootUs: scene.consumer.reading().bootUs,
        lastHolderRecord: lease.holderSettlement.id,
        lastRenewal: null,
      },
      { ...head(lease), seq: 5_000 },
    ),
  "lease-termination": (_: Scene, lease: Lease, third: Host) =>
    third.lineage.write(
      "lease-termination",
      { artifact: lease.derived.id, reason: "operator", cause: null, link: null },
      head(lease),
    ),
  renewal: (scene: Scene, lease: Lease, third: Host) => {
    const asked = scene.consumer.written("renewal-request").at(-1) as RecordOf<"renewal-request">;
    return third.lineage.write(
      "renewal",
      {
        request: asked.id,
        artifact: lease.derived.id,
        nonce: asked.body.nonce,
        consumerBootId: asked.body.bootId,
        durationUs: 10 * SECOND_US,
        transmitExpiryUs: START_US + 3_000 * SECOND_US,
        snapshots: [],
        holderBootId: scene.holder.clock().bootId,
        holderBootUs: 1,
      },
      { ...head(lease), seq: 5_000 },
    );
  },
} satisfies Record<string, (scene: Scene, lease: Lease, third: Host) => object>;

/** A lease with RF on and a request that waits for its answer; `third` is a host that both know. */
function running(): { readonly scene: Scene; readonly lease: Lease; readonly third: Host } {
  const scene = twoAgents({ consumers: [{}, {}] });
  const [one, third] = scene.consumers as [Host, Host];
  const lease = scene.settle({}, one);
  const { carry } = scene.mesh;
  scene.mesh.carry = (message) => (message.kind === "renewal" ? [] : carry(message));
  const asked = one.written("renewal-request").length;
  scene.runUntil(() => one.written("renewal-request").length > asked, 5 * SECOND_US, "a request");
  scene.run(100_000);
  return { scene, lease, third };
}

function memory(host: Host): string {
  const { durable, provisional, volatile } = host.agent();
  const { unstoredRenewals, unstoredTerminations, otherBootRenewals, leaving, countersigned } = volatile;
  const sizes = [unstoredRenewals, unstoredTerminations, otherBootRenewals, leaving, countersigned];
  return [dumpState(durable), dumpState(provisional), ...sizes.map(({ size }) => size)].join("\n");
}

describe.each(Object.keys(forgeries) as (keyof typeof forgeries)[])("a third party's %s", (kind) => {
  test.each(["holder", "consumer 0"])("does nothing at the %s", (name) => {
    const { scene, lease, third } = running();
    const host = scene.hosts.find(({ script }) => script.name === name) as Host;
    expect(host.agent().volatile.known.isKnown(third.lineage.inception.header.lineage)).toBe(true);
    const forged = forgeries[kind](scene, lease, third);
    const before = memory(host);
    const effects = host.take({ kind: "message", bytes: packEnvelope(forged.envelope) });
    expect(effects.filter((each) => each.kind !== "note")).toEqual([]);
    expect(host.agent().volatile.known.get(forged.id)?.id, "it was read and verified").toEqual(forged.id);
    expect(memory(host)).toBe(before);
    expect(scene.consumer.radio.isOn()).toBe(true);
  });
});

describe("a third party's termination", () => {
  test("of what was bound and never confirmed closes nothing at the consumer", () => {
    const scene = twoAgents({ consumers: [{}, {}] });
    const [one, third] = scene.consumers as [Host, Host];
    const offer = scene.offer();
    const { carry } = scene.mesh;
    scene.mesh.carry = (message) => (message.to === "consumer 0" ? [] : carry(message));
    scene.accept(one, offer);
    scene.run(20 * SECOND_US);
    const [bound] = scene.holder.written("settlement");
    if (bound === undefined) throw new Error("the holder bound it");
    one.take({ kind: "message", bytes: packEnvelope(bound.envelope) });
    const { time, policy, credential } = bound.header;
    const body = {
      artifact: bound.body.artifact,
      reason: "not-countersigned" as const,
      cause: null,
      link: null,
    };
    const forged = third.lineage.write("lease-termination", body, { time, policy, credential });
    one.take({ kind: "message", bytes: packEnvelope(forged.envelope) });
    scene.run(SECOND_US);
    expect(one.written("relinquishment")).toEqual([]);
    const [ended] = scene.holder.written("lease-termination");
    if (ended !== undefined) one.take({ kind: "message", bytes: packEnvelope(ended.envelope) });
    scene.run(SECOND_US);
    expect(one.written("relinquishment")[0]?.body.termination).toEqual(ended?.id);
  });
});
