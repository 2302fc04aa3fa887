/** A policy that lets unbroken attestations weigh has them gathered, from the latest back (PROTOCOL §4 Weight). */
import { describe, expect, test } from "vitest";
import type { Attestation } from "../../../src/core/record/kinds/attestation.ts";
import type { Weighing } from "../../../src/core/record/kinds/policy.ts";
import { SECOND_US } from "../../support/scripted-authority.ts";
import { type Host, packEnvelope } from "../../support/scripted-host.ts";
import { leasesOf, type Scene, twoAgents } from "../../support/two-agents.ts";

const weighing: Weighing = {
  attestation: 1,
  attestationsMax: 2,
  attestationStepUs: SECOND_US,
  corroboration: 0,
  corroborationsMax: 0,
  least: -100,
  most: 100,
};

function evidenceOf(host: Host): Attestation {
  return {
    akPublic: new Uint8Array(64).fill(1),
    signingPublic: new Uint8Array(64).fill(2),
    certification: new Uint8Array(64).fill(3),
    certificationSignature: new Uint8Array(64).fill(4),
    quote: new Uint8Array(64).fill(5),
    quoteSignature: new Uint8Array(64).fill(6),
    pcrs: [],
    head: host.agent().durable.head,
    bootId: host.clock().bootId,
  };
}

function attest(scene: Scene, host: Host): void {
  host.take({ kind: "attested", evidence: evidenceOf(host) });
  scene.run(2 * SECOND_US);
}

function askedFor(host: Host, id: Uint8Array): number {
  const wanted = host.effects("want").flatMap(({ ids }) => ids.map(String));
  return wanted.filter((each) => each === String(id)).length;
}

describe("where attestations weigh", () => {
  const weighed = (most = 2): Scene =>
    twoAgents({ authority: { policy: { weighing: { ...weighing, attestationsMax: most } } } });

  test("each one heard has the one before it asked for, and the settlement names them all", () => {
    const scene = weighed();
    for (let i = 0; i < 3; i++) attest(scene, scene.holder);
    const made = scene.holder.written("attestation");
    scene.settle();
    const named = leasesOf(scene.consumer)[0]?.derived.artifact.context.attestations.map(String);
    expect(named).toContain(String(made[2]?.id));
    expect(named).toContain(String(made[1]?.id));
    expect(named).toContain(String(made[0]?.id));
  });

  test("only as many as the policy counts are named", () => {
    const scene = weighed(1);
    for (let i = 0; i < 3; i++) attest(scene, scene.holder);
    const made = scene.holder.written("attestation");
    scene.settle();
    const named = leasesOf(scene.consumer)[0]?.derived.artifact.context.attestations.map(String);
    expect(named).toContain(String(made[1]?.id));
    expect(named).not.toContain(String(made[0]?.id));
  });

  test("one that is missing is asked for, and what lies before it is not named", () => {
    const scene = weighed();
    attest(scene, scene.holder);
    scene.mesh.carry = ({ kind }) => (kind === "attestation" || kind === "want" ? [] : [3_000]);
    attest(scene, scene.holder);
    attest(scene, scene.holder);
    const made = scene.holder.written("attestation");
    const [, second, third] = made;
    if (second === undefined || third === undefined) throw new Error("three were made");
    scene.consumer.take({ kind: "message", bytes: packEnvelope(third.envelope) });
    expect(askedFor(scene.consumer, second.id)).toBeGreaterThan(0);
    scene.consumer.take({ kind: "message", bytes: packEnvelope(second.envelope) });
    const before = askedFor(scene.consumer, second.id);
    scene.consumer.take({ kind: "message", bytes: packEnvelope(third.envelope) });
    expect(askedFor(scene.consumer, second.id)).toBe(before);
  });
});

test("where they do not, none but the latest is named or asked for", () => {
  const scene = twoAgents();
  for (let i = 0; i < 2; i++) attest(scene, scene.holder);
  const [first] = scene.holder.written("attestation");
  if (first === undefined) throw new Error("two were made");
  scene.settle();
  const named = leasesOf(scene.consumer)[0]?.derived.artifact.context.attestations.map(String);
  expect(named).not.toContain(String(first.id));
});
