/** A third party's settlement of the same artifact must not take the place of a party's when records come back. */
import { describe, expect, test } from "vitest";
import { SECOND_US } from "../../support/scripted-authority.ts";
import { type Host, packEnvelope } from "../../support/scripted-host.ts";
import { leaseAt, leasesOf, twoAgents } from "../../support/two-agents.ts";

describe("a stranger's settlement that names the artifact of a lost tail", () => {
  test.each([2, 3])("holder: of %i lost records, none brings it in as the countersignature", (entries) => {
    const scene = twoAgents({ consumers: [{}, {}] });
    const [one, two] = scene.consumers as [Host, Host];
    scene.settle({}, one);
    scene.run(5 * SECOND_US);
    const said = one.written("settlement").at(-1);
    if (said === undefined) throw new Error("countersigned");
    const forged = two.lineage.write("settlement", said.body, {
      ...said.header,
      lineage: two.lineage.inception.header.lineage,
      signerKey: two.lineage.inception.header.signerKey,
      seq: 1_000,
    });
    const before = scene.holder.disk.length;
    scene.holder.crash();
    scene.holder.cutTail(entries, false);
    scene.mesh.carry = ({ from, kind }) =>
      from === one.script.name && kind === "settlement" ? [2 * SECOND_US] : [3_000];
    scene.holder.start();
    scene.holder.take({ kind: "message", bytes: packEnvelope(two.lineage.inception.envelope) });
    scene.holder.take({ kind: "message", bytes: packEnvelope(forged.envelope) });
    scene.runUntil(() => scene.holder.disk.length >= before, 30 * SECOND_US, "back");
    const [lease] = leasesOf(one);
    if (lease === undefined) throw new Error("lease");
    expect(leaseAt(scene.holder, lease).consumerSettlement?.header.lineage).toEqual(
      one.lineage.inception.header.lineage,
    );
  });
});
