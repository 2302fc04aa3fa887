/** What is sent again until something comes of it: acceptances that led to no lease, and that nobody closed. */
import { expect, test } from "vitest";
import { SECOND_US } from "../../support/scripted-authority.ts";
import type { Host } from "../../support/scripted-host.ts";
import { twoAgents } from "../../support/two-agents.ts";

/** Of the durable state, as it is and as the log folds to after a crash. */
function open(host: Host): readonly (readonly string[])[] {
  const now = [...host.agent().durable.open];
  host.crash();
  host.start();
  return [now, [...host.agent().durable.open]];
}

test("an acceptance is open until its settlement is appended", () => {
  const scene = twoAgents();
  const { carry } = scene.mesh;
  scene.mesh.carry = (message) => (message.kind === "settlement" ? [] : carry(message));
  scene.accept(scene.consumer, scene.offer());
  scene.run(SECOND_US);
  const [id] = scene.consumer.agent().durable.acceptances.keys();
  expect(open(scene.consumer)).toEqual([[id], [id]]);
  scene.mesh.carry = carry;
  scene.run(5 * SECOND_US);
  expect(scene.consumer.agent().durable.leaseOfAcceptance.has(id ?? "")).toBe(true);
  expect(open(scene.consumer)).toEqual([[], []]);
  expect(open(scene.holder)).toEqual([[], []]);
});

test("an acceptance that its holder refuses is closed, and open no more", () => {
  const scene = twoAgents();
  const { carry } = scene.mesh;
  const offer = scene.offer();
  scene.mesh.carry = (message) => (message.kind === "acceptance" ? [] : carry(message));
  scene.accept(scene.consumer, offer);
  scene.holder.command({ verb: "withdraw", offer: offer.id, reason: "drill" });
  scene.run(SECOND_US);
  const [id] = scene.consumer.agent().durable.acceptances.keys();
  expect(open(scene.consumer)).toEqual([[id], [id]]);
  scene.mesh.carry = carry;
  scene.run(5 * SECOND_US);
  expect([...scene.consumer.agent().durable.closedAcceptances]).toEqual([id]);
  expect(open(scene.consumer)).toEqual([[], []]);
});
