/** Records that only give up rights are admitted from a party whose credential has fallen (PROTOCOL §2). */
import { describe, expect, test } from "vitest";
import { SECOND_US } from "../../support/scripted-authority.ts";
import { type Host, packEnvelope } from "../../support/scripted-host.ts";
import { leaseAt, twoAgents } from "../../support/two-agents.ts";

describe("of a party whose credential has fallen", () => {
  test("a relinquishment is admitted: it ends the lease and frees the block", () => {
    // No tick of the holder comes between the snapshot and the relinquishment.
    const scene = twoAgents({ holder: { tickEveryUs: 3_600 * SECOND_US, fixEveryUs: 3_600 * SECOND_US } });
    const lease = scene.settle();
    const fallen = scene.authority.snapshot(scene.nowUs(), [
      lease.acceptance.header.credential as Uint8Array,
    ]);
    scene.holder.take({ kind: "message", bytes: packEnvelope(fallen.envelope) });
    scene.consumer.command({ verb: "relinquish", artifact: lease.derived.id });
    scene.run(500_000);
    const [given] = scene.consumer.written("relinquishment");
    const ended = leaseAt(scene.holder, lease);
    expect(ended.termination?.body).toMatchObject({ reason: "relinquished", cause: given?.id });
    expect(ended.relinquishment?.id).toEqual(given?.id);
  });

  test.each(["acceptance", "offer"] as const)(
    "both ends are admitted where the %s rests on it: each side stores the other's, and the block is free",
    (side) => {
      const scene = twoAgents({ consumers: [{}, {}] });
      const [one] = scene.consumers as [Host, Host];
      const lease = scene.settle({}, one);
      const { carry } = scene.mesh;
      scene.mesh.carry = () => [];
      const snapshot = scene.authority.snapshot(scene.nowUs(), [lease[side].header.credential as Uint8Array]);
      const bytes = packEnvelope(snapshot.envelope);
      for (const host of [scene.holder, one]) host.take({ kind: "message", bytes });
      scene.run(SECOND_US);
      expect(leaseAt(scene.holder, lease).termination?.body.reason).toBe("link-fallen");
      expect(one.written("relinquishment")[0]?.body.termination).toBeNull();
      scene.mesh.carry = carry;
      scene.run(9 * SECOND_US);
      expect(leaseAt(scene.holder, lease).relinquishment?.id).toEqual(one.written("relinquishment")[0]?.id);
      expect(leaseAt(one, lease).termination?.id).toEqual(scene.holder.written("lease-termination")[0]?.id);
    },
  );
});
