/** What a holder that has no time yet, after a restart, does with a countersignature (PROTOCOL §6). */
import { expect, test } from "vitest";
import { SECOND_US } from "../../support/scripted-authority.ts";
import { leasesOf, twoAgents } from "../../support/two-agents.ts";

test("one that comes after confirmBy leads to the termination, also where its receiver has no fix yet", () => {
  const scene = twoAgents();
  const offer = scene.offer();
  const late = ["settlement", "renewal-request"];
  scene.mesh.carry = ({ from, kind }) =>
    from === scene.consumer.script.name && late.includes(kind) ? [] : [3_000];
  expect(scene.accept(scene.consumer, offer).ok).toBe(true);
  scene.run(2 * SECOND_US);
  expect(leasesOf(scene.holder)).toHaveLength(1);
  expect(leasesOf(scene.consumer)).toHaveLength(1);
  scene.holder.crash();
  scene.holder.now.fixes = false;
  scene.holder.start();
  const confirmByUs = scene.consumer.written("acceptance").at(-1)?.body.confirmByUs ?? 0;
  scene.runUntil(() => scene.nowUs() > confirmByUs + SECOND_US, 60 * SECOND_US, "confirmBy");
  scene.mesh.carry = () => [3_000];
  scene.run(9 * SECOND_US);
  scene.holder.now.fixes = true;
  scene.run(10 * SECOND_US);
  expect(scene.holder.written("lease-termination").map(({ body }) => body.reason)).toEqual([
    "not-countersigned",
  ]);
  expect(scene.holder.written("renewal")).toHaveLength(0);
});
