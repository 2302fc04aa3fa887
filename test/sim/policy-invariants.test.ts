/** Nobody settles under a policy outside its usable interval, as far as it had heard of it (PROTOCOL §4). */
import { expect, test } from "vitest";
import type { AnyRecord } from "../../src/core/record/record.ts";
import { policyInvariants } from "../../src/sim/invariants/policy-invariants.ts";
import { newRegister } from "../../src/sim/register.ts";
import { START_US, scenePolicy } from "../support/scripted-authority.ts";
import { packEnvelope, recordFrom } from "../support/scripted-host.ts";
import { twoAgents } from "../support/two-agents.ts";
import { watchedWorld } from "../support/watched-world.ts";

const LONG_US = 60_000_000;

/** A settled pair, and a successor to its policy that began and ended it then; asked of the holder's log. */
function judged({ endUs, startUs = 0, heard }: { endUs: number; startUs?: number; heard: boolean }): void {
  const scene = twoAgents();
  scene.settle();
  const { root, policy } = scene.authority;
  const successor = root.write("policy", {
    ...scenePolicy,
    startUs,
    succeeds: { predecessor: policy.id, endUs },
  });
  if (heard) scene.holder.take({ kind: "message", bytes: packEnvelope(successor.envelope) });
  const register = newRegister();
  register.succeeded(successor);
  const utcUs = START_US - LONG_US;
  const watched = watchedWorld({ register, agentOf: () => scene.holder.agent(), utcUs: () => utcUs });
  const [invariant] = policyInvariants(watched);
  const own = scene.holder.disk.filter(({ kind }) => kind === "own");
  const records: readonly AnyRecord[] = own.map(({ bytes }) => recordFrom(bytes, scene.scheme.primitives));
  for (const record of records) invariant?.appended?.("holder", record, "agent");
}

test("a settlement past the end that its author had heard of is a breach", () => {
  expect(() => judged({ endUs: START_US, heard: true })).toThrow(/settled .* us after its policy's end/);
});

test("one before the end, or by who never heard of the successor, is none", () => {
  expect(() => judged({ endUs: START_US + LONG_US, heard: true })).not.toThrow();
  expect(() => judged({ endUs: START_US, heard: false })).not.toThrow();
});
