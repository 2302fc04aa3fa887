/** Attestations in the lineage (PROTOCOL §2). */
import { expect, test } from "vitest";
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
