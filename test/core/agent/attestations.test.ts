/** Attestations in the lineage (PROTOCOL §2). */
import { expect, test } from "vitest";
import { attestWhenDue } from "../../../src/core/agent/tick.ts";
import type { Agent } from "../../../src/core/agent/turn.ts";
import type { Attestation } from "../../../src/core/record/kinds/attestation.ts";
import { twoAgents } from "../../support/two-agents.ts";

test("an attestation's header names the one before it, over a restart too, and later records name the latest", () => {
  const scene = twoAgents();
  const { holder } = scene;
  const evidence = (): Attestation => ({
    akPublic: new Uint8Array(64).fill(1),
    signingPublic: new Uint8Array(64).fill(2),
    certification: new Uint8Array(64).fill(3),
    certificationSignature: new Uint8Array(64).fill(4),
    quote: new Uint8Array(64).fill(5),
    quoteSignature: new Uint8Array(64).fill(6),
    pcrs: [],
    head: holder.agent().durable.head,
    bootId: holder.clock().bootId,
  });
  holder.take({ kind: "attested", evidence: evidence() });
  scene.run(100_000);
  holder.take({ kind: "attested", evidence: evidence() });
  scene.run(100_000);
  holder.crash();
  holder.start();
  holder.take({ kind: "attested", evidence: evidence() });
  scene.run(100_000);
  const made = holder.written("attestation");
  expect(made.map(({ header }) => header.attestation)).toEqual([null, made[0]?.id, made[1]?.id]);
  expect(scene.offer().header.attestation).toEqual(made[2]?.id);
});

/** As the host with an attestation key would have it: what its ticks ask for. */
function asked(change: Partial<Agent["volatile"]>, twice = false): readonly string[] {
  const { holder } = twoAgents();
  const running = holder.agent();
  const config = { ...running.config, key: { ...running.config.key, akName: new Uint8Array(34) } };
  const agent: Agent = { ...running, config, volatile: { ...running.volatile, ...change } };
  const turn = { agent, now: holder.reading(), effects: [] };
  attestWhenDue(turn);
  if (twice) attestWhenDue(turn);
  return turn.effects.map(({ kind }: { readonly kind: string }) => kind);
}

test("a host with an attestation key asks for evidence once a run", () => {
  expect(asked({})).toEqual(["attest"]);
  expect(asked({}, true)).toEqual(["attest"]);
  expect(asked({ attested: true })).toEqual([]);
});

test("it asks for none in a quarantine, and none while its key does not answer", () => {
  const quarantine = { sinceBootUs: 0, reason: "drill", witness: null, beyond: null };
  expect(asked({ quarantine })).toEqual([]);
  expect(asked({ keyLost: "no answer" })).toEqual([]);
});

test("a host without an attestation key asks for none", () => {
  const scene = twoAgents();
  scene.run(5_000_000);
  expect(scene.holder.effects("attest")).toEqual([]);
});
