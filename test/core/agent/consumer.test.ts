/** The consumer countersigns the bytes that it derives itself, or nothing (PROTOCOL §6). */
import { describe, expect, test } from "vitest";
import type { Settlement } from "../../../src/core/record/kinds/settlement.ts";
import type { RecordOf } from "../../../src/core/record/record.ts";
import { SECOND_US } from "../../support/scripted-authority.ts";
import { type Host, packEnvelope } from "../../support/scripted-host.ts";
import { leasesOf, type Scene, twoAgents } from "../../support/two-agents.ts";

/** The holder's genuine settlement, kept from the consumer. */
function boundButUnheard(scene: Scene): RecordOf<"settlement"> {
  const offer = scene.offer();
  scene.mesh.carry = (message) => (message.kind === "settlement" ? [] : [3_000]);
  scene.accept(scene.consumer, offer);
  scene.run(500_000);
  const settlement = scene.holder.written("settlement")[0];
  if (settlement === undefined) throw new Error("the holder settles");
  return settlement;
}

/** The same signed anew by the holder's key, with `change`. */
function changed(
  { holder }: Scene,
  settlement: RecordOf<"settlement">,
  change: Partial<Settlement>,
): Uint8Array {
  const { header, body } = settlement;
  return packEnvelope(holder.lineage.write("settlement", { ...body, ...change }, header).envelope);
}

function refusals(host: Host): readonly string[] {
  return host.written("rejection").flatMap(({ body }) => body.findings.map(({ code }) => code));
}

describe("a settlement whose bytes are other than derived", () => {
  test("a tampered context is refused artifact-mismatch and never countersigned, however often it comes", () => {
    const scene = twoAgents();
    const genuine = boundButUnheard(scene);
    const { interval } = genuine.body.context;
    const context = { ...genuine.body.context, interval: { ...interval, latestUs: interval.latestUs + 1 } };
    const bytes = changed(scene, genuine, { context });
    scene.consumer.take({ kind: "message", bytes });
    scene.consumer.take({ kind: "message", bytes });
    scene.run(SECOND_US);
    expect(scene.consumer.written("settlement")).toHaveLength(0);
    expect(refusals(scene.consumer)).toEqual(["artifact-mismatch"]);
    expect(scene.consumer.written("rejection")[0]?.body.findings[0]?.required).toHaveProperty("artifact");
  });

  test("one that names another offer beside the right artifact is refused, and nothing breaks", () => {
    const scene = twoAgents();
    const genuine = boundButUnheard(scene);
    scene.consumer.take({
      kind: "message",
      bytes: changed(scene, genuine, { offer: new Uint8Array(32).fill(7) }),
    });
    scene.run(SECOND_US);
    expect(refusals(scene.consumer)).toEqual(["artifact-mismatch"]);
    expect(leasesOf(scene.consumer)).toHaveLength(0);
  });

  test("a context of another time than one's own is refused context-interval", () => {
    const scene = twoAgents();
    const genuine = boundButUnheard(scene);
    scene.run(7 * SECOND_US);
    scene.consumer.take({ kind: "message", bytes: packEnvelope(genuine.envelope) });
    scene.run(SECOND_US);
    expect(refusals(scene.consumer)).toEqual(["context-interval"]);
  });

  test("a settlement that was refused stays refused, though a better fix would let it pass", () => {
    const scene = twoAgents();
    const genuine = boundButUnheard(scene);
    scene.consumer.now.timeErrorUs = 7 * SECOND_US;
    scene.run(1_100_000);
    scene.consumer.take({ kind: "message", bytes: packEnvelope(genuine.envelope) });
    scene.consumer.now.timeErrorUs = 0;
    scene.run(2 * SECOND_US);
    expect(refusals(scene.consumer)).toEqual(["context-interval"]);
    scene.consumer.take({ kind: "message", bytes: packEnvelope(genuine.envelope) });
    scene.run(SECOND_US);
    expect(scene.consumer.written("settlement")).toHaveLength(0);
    expect(scene.consumer.written("rejection")).toHaveLength(1);
  });

  test("a context under roots that are not trusted here is refused", () => {
    const scene = twoAgents();
    const genuine = boundButUnheard(scene);
    const context = { ...genuine.body.context, roots: [new Uint8Array(32).fill(1)] };
    scene.consumer.take({ kind: "message", bytes: changed(scene, genuine, { context }) });
    scene.run(SECOND_US);
    expect(refusals(scene.consumer)).toContain("root-untrusted");
  });

  test("one by anybody but the offer's author is not even looked at", () => {
    const scene = twoAgents({ consumers: [{}, {}] });
    const genuine = boundButUnheard(scene);
    const [, other] = scene.consumers;
    if (other === undefined) return;
    const forged = other.lineage.write("settlement", genuine.body, {
      credential: genuine.header.credential,
      policy: genuine.header.policy,
      time: genuine.header.time,
      place: genuine.header.place,
    });
    scene.consumer.take({ kind: "message", bytes: packEnvelope(other.lineage.inception.envelope) });
    scene.consumer.take({ kind: "message", bytes: packEnvelope(forged.envelope) });
    scene.run(SECOND_US);
    expect(scene.consumer.written("rejection")).toHaveLength(0);
    expect(leasesOf(scene.consumer)).toHaveLength(0);
  });
});

describe("what is missing", () => {
  test("a context whose bodies are not at hand waits and asks the holder for them, and settles when they come", () => {
    const scene = twoAgents();
    const offer = scene.offer();
    // The holder alone has heard the newest snapshot, and names it.
    const hidden = scene.authority.snapshot(scene.nowUs(), []);
    scene.holder.take({ kind: "message", bytes: packEnvelope(hidden.envelope) });
    scene.mesh.carry = (message) => (message.kind === "status-snapshot" ? [] : [3_000]);
    scene.accept(scene.consumer, offer);
    scene.run(2 * SECOND_US);
    expect(scene.consumer.agent().volatile.pendingSettlements.size).toBe(1);
    expect(leasesOf(scene.consumer)).toHaveLength(0);
    expect(scene.consumer.written("rejection")).toHaveLength(0);
    const wanted = scene.consumer.effects("want").flatMap(({ ids }) => ids);
    expect(wanted).toContainEqual(hidden.id);
    scene.mesh.carry = () => [3_000];
    scene.run(3 * SECOND_US);
    expect(leasesOf(scene.consumer)).toHaveLength(1);
    expect(leasesOf(scene.consumer)[0]?.derived.bytes).toEqual(leasesOf(scene.holder)[0]?.derived.bytes);
  });

  test("an acceptance whose chain is not at hand waits at the holder, which asks its author", () => {
    const scene = twoAgents();
    const offer = scene.offer();
    scene.mesh.carry = (message) => (message.kind === "credential" ? [] : [3_000]);
    scene.accept(scene.consumer, offer);
    scene.run(SECOND_US);
    expect(scene.holder.agent().volatile.pendingAcceptances.size).toBe(1);
    expect(scene.holder.written("settlement")).toHaveLength(0);
    scene.mesh.carry = () => [3_000];
    scene.run(3 * SECOND_US);
    expect(scene.holder.written("settlement")).toHaveLength(1);
  });

  test("what waits is given up after its bound, and looked at again when it is said again", () => {
    const scene = twoAgents();
    const offer = scene.offer();
    scene.mesh.carry = (message) =>
      message.kind === "credential"
        ? []
        : message.kind === "acceptance" && scene.nowUs() > 1_800_000_002_500_000
          ? []
          : [3_000];
    scene.accept(scene.consumer, offer);
    scene.run(32 * SECOND_US);
    expect(scene.holder.agent().volatile.pendingAcceptances.size).toBe(0);
  });

  test("without time or place nothing is countersigned and nothing refused: the settlement is heard again", () => {
    const scene = twoAgents();
    const genuine = boundButUnheard(scene);
    scene.consumer.now.fixes = false;
    scene.consumer.crash();
    scene.consumer.start();
    scene.consumer.take({ kind: "message", bytes: packEnvelope(genuine.envelope) });
    scene.run(100_000);
    expect(scene.consumer.written("rejection")).toHaveLength(0);
    scene.consumer.now.fixes = true;
    scene.mesh.carry = () => [3_000];
    scene.run(6 * SECOND_US);
    expect(scene.consumer.radio.isOn()).toBe(true);
  });

  test("a fix without a height takes the place away, and a settlement that comes then breaks nothing", () => {
    const scene = twoAgents();
    const genuine = boundButUnheard(scene);
    const { time } = scene.consumer.agent().volatile;
    expect(time).not.toBeNull();
    const { place } = scene.consumer.agent().volatile;
    if (place !== null)
      scene.consumer.agent().volatile.place = { ...place, heightMm: null, verticalErrorMm: null };
    scene.consumer.take({ kind: "message", bytes: packEnvelope(genuine.envelope) });
    expect(scene.consumer.agent().queue).toHaveLength(0);
  });
});

describe("one pair, one artifact", () => {
  test("an acceptance that comes again is answered with the settlement that stands, never another", () => {
    const scene = twoAgents();
    const lease = scene.settle();
    for (let i = 0; i < 3; i++)
      scene.holder.take({ kind: "message", bytes: packEnvelope(lease.acceptance.envelope) });
    scene.run(SECOND_US);
    expect(scene.holder.written("settlement")).toHaveLength(1);
  });

  test("a holder that forgot its queue settles the same acceptance once", () => {
    const scene = twoAgents();
    const offer = scene.offer();
    scene.holder.now.stalled = true;
    scene.accept(scene.consumer, offer);
    scene.run(300_000);
    expect(scene.holder.agent().provisional.leases.size).toBe(1);
    scene.holder.loseQueue();
    scene.holder.now.stalled = false;
    scene.run(3 * SECOND_US);
    expect(scene.holder.written("settlement")).toHaveLength(1);
    expect(leasesOf(scene.consumer)).toHaveLength(1);
  });

  test("a refusal is kept by both, said again to whoever asks again, and closes the acceptance", () => {
    const scene = twoAgents();
    const offer = scene.offer();
    scene.holder.command({ verb: "withdraw", offer: offer.id, reason: "drill" });
    scene.mesh.carry = (message) => (message.kind === "withdrawal" ? [] : [3_000]);
    expect(scene.accept(scene.consumer, offer).ok).toBe(true);
    scene.run(SECOND_US);
    const acceptance = scene.consumer.written("acceptance")[0];
    expect(refusals(scene.holder)).toEqual(["withdrawn"]);
    expect(scene.consumer.written("rejection")[0]?.body.subject).toEqual(acceptance?.id);
    const again = scene.holder.take({
      kind: "message",
      bytes: packEnvelope(acceptance?.envelope ?? offer.envelope),
    });
    expect(again.filter(({ kind }) => kind === "publish")).toHaveLength(1);
    expect(scene.holder.written("rejection")).toHaveLength(1);
    expect(scene.accept(scene.consumer, offer).ok).toBe(true);
  });
});
