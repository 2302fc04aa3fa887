/** A consumer refuses the holder's settlement by a record; the holder's termination then ends the pair (PROTOCOL §6). */
import { expect, test } from "vitest";
import { SECOND_US } from "../../support/scripted-authority.ts";
import { twoAgents } from "../../support/two-agents.ts";

test("with the termination the acceptance is closed: it is said no more, and is no holding", () => {
  const scene = twoAgents();
  const { holder, consumer } = scene;
  const offer = scene.offer();
  scene.mesh.carry = ({ kind }) => (kind === "settlement" ? [] : [3_000]);
  scene.accept(consumer, offer);
  scene.run(SECOND_US);
  expect(holder.written("settlement")).toHaveLength(1);
  scene.mesh.carry = () => [3_000];
  // Its own time is far from the interval of C meanwhile.
  consumer.now.timeErrorUs = -20 * SECOND_US;
  scene.run(1_500_000);
  const [refusal] = consumer.written("rejection");
  expect(refusal?.body.findings[0]?.code).toBe("context-interval");
  consumer.now.timeErrorUs = 0;
  scene.run(40 * SECOND_US);
  expect(holder.written("lease-termination").map(({ body }) => body.reason)).toEqual(["not-countersigned"]);
  expect(consumer.written("relinquishment")).toHaveLength(1);
  const said = scene.carried.filter(({ kind }) => kind === "acceptance").length;
  consumer.crash();
  consumer.start();
  scene.run(20 * SECOND_US);
  expect(scene.carried.filter(({ kind }) => kind === "acceptance")).toHaveLength(said);
  scene.settle();
  expect(consumer.written("acceptance").at(-1)?.body.holdings).toEqual([]);
});
