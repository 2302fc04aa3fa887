import { expect, test } from "vitest";
import type { Policy, Weighing } from "../../../src/core/record/kinds/policy.ts";
import type { RecordOf } from "../../../src/core/record/record.ts";
import { writeWant } from "../../../src/core/wire/want.ts";
import { SECOND_US, scriptedLineage } from "../../support/scripted-authority.ts";
import { type Host, packEnvelope } from "../../support/scripted-host.ts";
import { leasesOf, type Scene, twoAgents } from "../../support/two-agents.ts";

const weighing: Weighing = {
  attestation: 0,
  attestationsMax: 0,
  attestationStepUs: 0,
  corroboration: 10,
  corroborationsMax: 2,
  least: -100,
  most: 100,
};

/** Licensee and user weigh 60 by their levels. */
function sceneAsking(weightThreshold: number, change: Partial<Policy> = {}): Scene {
  return twoAgents({ authority: { policy: { weighing, weightThreshold, ...change } } });
}

/** A third party's admission of the consumer; everybody knows who the third party is. */
function admissionBy(scene: Scene, name: string): RecordOf<"admission"> {
  const { authority } = scene;
  const witness = scriptedLineage(scene.scheme, name);
  const link = authority.issue(witness, { owner: name });
  for (const host of scene.hosts) {
    for (const { envelope } of [witness.inception, link]) tell(host, envelope);
  }
  const body = {
    peer: scene.consumer.lineage.inception.header.lineage,
    peerCredential: link.id,
    verdict: "admitted" as const,
    findings: [],
  };
  return witness.write("admission", body, { credential: link.id, policy: authority.policy.id });
}

function tell(host: Host, envelope: Parameters<typeof packEnvelope>[0]): void {
  host.take({ kind: "message", bytes: packEnvelope(envelope) });
}

function weighed(host: Host) {
  const [lease] = leasesOf(host);
  return lease?.derived.artifact.checks.find(({ code }) => code === "weight-threshold")?.measured;
}

test("what a third party saw of the consumer travels with its acceptance, and both weigh it", () => {
  const scene = sceneAsking(70);
  const admission = admissionBy(scene, "witness");
  tell(scene.consumer, admission.envelope);
  scene.settle();
  for (const host of [scene.holder, scene.consumer]) {
    expect(weighed(host)).toMatchObject({ buyer: 20, buyerCorroborations: 1, seller: 50 });
    expect(leasesOf(host)[0]?.derived.artifact.context.corroborations).toEqual([admission.id]);
  }
});

test("a pair that weighs too little is deferred, by a record that names whom too little is known of, until somebody speaks", () => {
  const scene = sceneAsking(70);
  expect(scene.accept(scene.consumer, scene.offer()).ok).toBe(true);
  scene.run(2 * SECOND_US);
  expect(scene.holder.written("settlement")).toEqual([]);
  expect(scene.holder.written("deferral").map(({ body }) => body.missing)).toEqual([
    [scene.consumer.lineage.inception.header.lineage],
  ]);
  tell(scene.holder, admissionBy(scene, "witness").envelope);
  scene.runUntil(() => scene.consumer.radio.isOn(), 8 * SECOND_US, "RF on");
  expect(weighed(scene.consumer)).toMatchObject({ buyerCorroborations: 1 });
});

test("a level that has to be corroborated is, by two third parties or one, and by the two sides never", () => {
  const levels = (scene: Scene): Policy["levels"] =>
    scene.authority.policy.body.levels.map((each) =>
      each.name === "user" ? { ...each, admits: "corroborated" as const } : each,
    );
  const scene = sceneAsking(0, { levels: levels(twoAgents()) });
  // The holder's own word on the consumer, from a pair before.
  expect(scene.accept(scene.consumer, scene.offer()).ok).toBe(true);
  scene.run(2 * SECOND_US);
  expect(scene.holder.written("settlement")).toEqual([]);
  for (const name of ["one", "two"]) tell(scene.holder, admissionBy(scene, name).envelope);
  scene.runUntil(() => scene.consumer.radio.isOn(), 8 * SECOND_US, "RF on");
  expect(weighed(scene.consumer)).toMatchObject({ buyerCorroborations: 2 });
});

test("no weight would do: the consumer refuses by itself, and sends nothing", () => {
  const scene = sceneAsking(101);
  const answer = scene.accept(scene.consumer, scene.offer());
  expect(answer.ok ? [] : answer.rejections).toMatchObject([
    { code: "weight-threshold", required: { sumMin: 101 } },
  ]);
});

test("both admit each other where the policy asks for others' words, and each is told", () => {
  const scene = sceneAsking(0);
  scene.settle();
  for (const [by, peer] of [
    [scene.holder, scene.consumer],
    [scene.consumer, scene.holder],
  ] as const) {
    const [written] = by.written("admission");
    expect(written?.body.peer).toEqual(peer.lineage.inception.header.lineage);
    const heard = [...peer.agent().volatile.known.ofKind("admission")].map(({ id }) => id);
    expect(heard).toEqual([written?.id]);
  }
});

test("where it does not, nobody is told of anybody", () => {
  const scene = twoAgents();
  scene.settle();
  expect(scene.carried.filter(({ kind }) => kind === "admission")).toEqual([]);
  expect(scene.consumer.written("admission")).toEqual([]);
});

test("a peer is served what is said of it, and what a context with it names; nobody else is", () => {
  const scene = sceneAsking(70);
  const admission = admissionBy(scene, "witness");
  tell(scene.holder, admission.envelope);
  const answersTo = (lineage: Uint8Array): number => {
    const before = scene.carried.filter(({ kind }) => kind === "admission").length;
    scene.holder.take({ kind: "message", bytes: writeWant({ lineage, ids: [admission.id] }) });
    scene.run(SECOND_US);
    return (
      scene.holder.effects("publish").filter(({ record }) => record.kind === "admission").length - before
    );
  };
  expect(answersTo(scriptedLineage(scene.scheme, "stranger").inception.header.lineage)).toBe(0);
  expect(answersTo(scene.consumer.lineage.inception.header.lineage)).toBe(1);
});
