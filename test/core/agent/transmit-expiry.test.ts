/** Whatever a holder signs, the consumer's radio falls silent by grant, links and snapshots (PROTOCOL §3 Revocation). */
import { describe, expect, test } from "vitest";
import { assert } from "../../../src/core/base/assert.ts";
import type { Credential } from "../../../src/core/record/kinds/credential.ts";
import type { RecordOf } from "../../../src/core/record/record.ts";
import { HOUR_US, SECOND_US, START_US, sceneBlock, scenePolicy } from "../../support/scripted-authority.ts";
import { packEnvelope } from "../../support/scripted-host.ts";
import { type Scene, type SceneParts, twoAgents } from "../../support/two-agents.ts";

const LONG_US = 600 * SECOND_US;
const CAP_US = START_US + 40 * SECOND_US;

/** A lease class whose reach is far beyond what caps the transmission in these scenes. */
function reaching(snapshotAgeMaxUs: number): SceneParts {
  const leaseClasses = scenePolicy.leaseClasses.map((each) => ({
    ...each,
    reachUs: LONG_US,
    snapshotAgeMaxUs,
  }));
  return { authority: { policy: { leaseClasses } } };
}

/** The consumer confirmed and asked; no renewal of the real holder's reached it. */
function asking(scene: Scene, offer: RecordOf<"offer">): RecordOf<"renewal-request"> {
  scene.mesh.carry = (message) => (message.kind === "renewal" ? [] : [3_000]);
  expect(scene.accept(scene.consumer, offer).ok).toBe(true);
  scene.run(300_000);
  const request = scene.consumer.written("renewal-request").at(-1);
  assert(request !== undefined, "the consumer asks");
  return request;
}

/** The true time by which the radio is told to be silent, after a renewal that claims ten hours. */
function silentBy(scene: Scene, request: RecordOf<"renewal-request">): number {
  const { holder, consumer } = scene;
  const renewal = holder.lineage.write(
    "renewal",
    {
      request: request.id,
      artifact: request.body.artifact,
      nonce: request.body.nonce,
      consumerBootId: request.body.bootId,
      durationUs: LONG_US,
      transmitExpiryUs: START_US + 10 * HOUR_US,
      snapshots: [],
      holderBootId: holder.clock().bootId,
      holderBootUs: 1,
    },
    { ...holder.written("settlement").at(-1)?.header, seq: 500 },
  );
  consumer.take({ kind: "message", bytes: packEnvelope(renewal.envelope) });
  scene.run(100_000);
  const armed = consumer.effects("arm").at(-1);
  assert(armed !== undefined, "the renewal arms");
  return scene.nowUs() + armed.deadlineBootUs - consumer.reading().bootUs;
}

/** At the cap, or before it by no more than the clocks' bounds and the mute latency. */
function expectCap(silentUs: number): void {
  expect(silentUs).toBeLessThanOrEqual(CAP_US);
  expect(silentUs).toBeGreaterThan(CAP_US - SECOND_US);
}

/** The party's link, issued anew with `change`, before the offer is made. */
function relinked(scene: Scene, party: "holder" | "consumer", change: Partial<Credential>): void {
  const host = party === "holder" ? scene.holder : scene.consumer;
  const rights: Partial<Credential> =
    party === "holder" ? { level: "licensee", verbs: ["allocate"] } : { level: "user", verbs: ["acquire"] };
  const link = scene.authority.issue(host.lineage, { ...rights, ...change });
  for (const each of scene.hosts) each.take({ kind: "message", bytes: packEnvelope(link.envelope) });
  (host.agent().config as { credentials: readonly Uint8Array[] }).credentials = [link.id];
}

describe("a renewal signed for longer than it may be", () => {
  test("reaches as far as it says, without anything that caps it: up to the lease class's reach", () => {
    const scene = twoAgents(reaching(2 * HOUR_US));
    const untilUs = START_US + 10 * HOUR_US;
    const request = asking(scene, scene.offer({ block: { ...sceneBlock, untilUs } }));
    const silentUs = silentBy(scene, request);
    expect(silentUs).toBeGreaterThan(START_US + LONG_US - SECOND_US);
    expect(silentUs).toBeLessThan(START_US + LONG_US + 2 * SECOND_US);
  });

  test("arms no longer than the grant", () => {
    const scene = twoAgents(reaching(2 * HOUR_US));
    const request = asking(scene, scene.offer({ block: { ...sceneBlock, untilUs: CAP_US } }));
    expectCap(silentBy(scene, request));
  });

  for (const party of ["holder", "consumer"] as const) {
    test(`arms no longer than the ${party}'s link`, () => {
      const scene = twoAgents(reaching(2 * HOUR_US));
      relinked(scene, party, { untilUs: CAP_US });
      const request = asking(scene, scene.offer());
      expectCap(silentBy(scene, request));
    });
  }

  test("arms no longer than the snapshots' issue time and the age that the lease class tolerates", () => {
    const scene = twoAgents(reaching(40 * SECOND_US));
    const request = asking(scene, scene.offer());
    expectCap(silentBy(scene, request));
  });

  test("and the radio is silent by then, though no better word comes", () => {
    const scene = twoAgents(reaching(40 * SECOND_US));
    const request = asking(scene, scene.offer());
    silentBy(scene, request);
    scene.run(50 * SECOND_US);
    const [sent] = scene.consumer.radio.transmissions;
    expect(sent?.untilUs ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(CAP_US);
  });
});
