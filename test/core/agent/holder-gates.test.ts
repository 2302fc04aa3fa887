/** What the holder asks before it binds, and the deadlines that both sides hold to (PROTOCOL §1, §4, §6). */
import { describe, expect, test } from "vitest";
import type { CommandAnswer, OfferCommand } from "../../../src/core/agent/input.ts";
import { centreUs, ownTime } from "../../../src/core/agent/own-evidence.ts";
import type { Turn } from "../../../src/core/agent/turn.ts";
import { assert } from "../../../src/core/base/assert.ts";
import type { RecordOf } from "../../../src/core/record/record.ts";
import { SECOND_US, sceneBlock, scenePolicy, scriptedLineage } from "../../support/scripted-authority.ts";
import { type Host, packEnvelope } from "../../support/scripted-host.ts";
import { leasesOf, offerOf, type Scene, twoAgents } from "../../support/two-agents.ts";

/** The nth piece of 25 kHz, so that no two of them collide. */
function piece(nth: number): Pick<OfferCommand, "block" | "resource"> {
  const lowerHz = 433_100_000 + nth * 25_000;
  return { block: { ...sceneBlock, lowerHz, upperHz: lowerHz + 25_000 }, resource: `piece ${nth}` };
}

function turnOf(host: Host): Turn {
  return { agent: host.agent(), now: host.reading(), effects: [] };
}

function onlyAcceptance(host: Host): RecordOf<"acceptance"> {
  const found = host.written("acceptance").at(-1);
  assert(found !== undefined, "the acceptance is on disk");
  return found;
}

function codes(host: Host): readonly string[] {
  return host.written("rejection").flatMap(({ body }) => body.findings.map(({ code }) => code));
}

describe("an admission (§1)", () => {
  test("is written once for a peer and policy, not for each settlement, and not anew after a restart", () => {
    const scene = twoAgents({ consumers: [{}, {}] });
    const [one, two] = scene.consumers as [Host, Host];
    for (const nth of [0, 1]) {
      expect(scene.accept(one, scene.offer(piece(nth)), true).ok).toBe(true);
      scene.run(200_000);
    }
    scene.holder.crash();
    scene.holder.start();
    expect(scene.accept(one, scene.offer(piece(2)), true).ok).toBe(true);
    scene.run(200_000);
    expect(scene.holder.written("settlement")).toHaveLength(3);
    expect(scene.holder.written("admission")).toHaveLength(1);
    expect(scene.accept(two, scene.offer(piece(3))).ok).toBe(true);
    scene.run(200_000);
    expect(scene.holder.written("admission").map(({ body }) => [body.peer, body.verdict])).toEqual([
      [one.lineage.inception.header.lineage, "admitted"],
      [two.lineage.inception.header.lineage, "admitted"],
    ]);
  });
});

describe("a class for shared use (47 CFR 96.35)", () => {
  test("is never offered to the exclusion of others by the holder's own gate, and offered shared", () => {
    const leaseClasses = scenePolicy.leaseClasses.map((each) => ({
      ...each,
      control: "shared" as const,
      exclusive: "never" as const,
    }));
    const scene = twoAgents({ authority: { policy: { leaseClasses } } });
    const { block } = piece(0);
    const offered = (exclusive: boolean): CommandAnswer =>
      scene.holder.command({
        verb: "offer",
        offer: { ...offerOf(scene.authority, sceneBlock), block: { ...block, exclusive } },
      });
    expect(offered(true)).toMatchObject({
      ok: false,
      rejections: [
        {
          code: "exclusive-never",
          field: "offer.block.exclusive",
          measured: { exclusive: "true" },
          required: { exclusive: "false", leaseClass: "scene" },
        },
      ],
    });
    expect(offered(false)).toMatchObject({ ok: true });
  });
});

describe("the authors of policy and schema (§4)", () => {
  test("the holder refuses what rests on a schema that no trusted root wrote, though the offer is its own", () => {
    const scene = twoAgents();
    const stranger = scriptedLineage(scene.scheme, "stranger");
    const schema = stranger.write("schema", scene.authority.schema.body);
    for (const host of scene.hosts)
      for (const { envelope } of [stranger.inception, schema])
        host.take({ kind: "message", bytes: packEnvelope(envelope) });
    const offer = scene.offer({ schema: schema.id });
    expect(scene.accept(scene.consumer, offer, true).ok).toBe(true);
    scene.run(SECOND_US);
    expect(codes(scene.holder)).toEqual(["schema-untrusted"]);
    expect(scene.holder.written("settlement")).toHaveLength(0);
  });

  test("and on a policy that no trusted root wrote, though both run under it", () => {
    const scene = twoAgents();
    const stranger = scriptedLineage(scene.scheme, "stranger");
    const policy = stranger.write("policy", scene.authority.policy.body);
    for (const host of scene.hosts) {
      for (const { envelope } of [stranger.inception, policy])
        host.take({ kind: "message", bytes: packEnvelope(envelope) });
      (host.agent().config as { policy: Uint8Array }).policy = policy.id;
    }
    expect(scene.accept(scene.consumer, scene.offer(), true).ok).toBe(true);
    scene.run(SECOND_US);
    expect(codes(scene.holder)).toEqual(["policy-untrusted"]);
    expect(scene.holder.written("settlement")).toHaveLength(0);
  });
});

describe("the deadlines that an acceptance names (§6 Bodies)", () => {
  const policy = { confirmByMaxUs: 90 * SECOND_US, effectiveByMaxUs: 90 * SECOND_US };

  test("are its time + 30 s, and the later of that and the grant's start, + 30 s, where policy caps neither", () => {
    const scene = twoAgents({ authority: { policy } });
    expect(scene.accept(scene.consumer, scene.offer(piece(0))).ok).toBe(true);
    const fromUs = scene.nowUs() + 200 * SECOND_US;
    const ahead = piece(1);
    const offer = scene.offer({ ...ahead, block: { ...ahead.block, fromUs } });
    // One radio: the second grant overlaps the first, which only one who insists may ask for.
    expect(scene.accept(scene.consumer, offer, true).ok).toBe(true);
    scene.run(100_000);
    const [begun, coming] = scene.consumer.written("acceptance");
    assert(begun !== undefined && coming !== undefined, "both are on disk");
    for (const { body, header } of [begun, coming])
      expect(body.confirmByUs - (header.time?.earliestUs ?? 0)).toBe(30 * SECOND_US);
    expect(begun.body.effectiveByUs - begun.body.confirmByUs).toBe(30 * SECOND_US);
    expect(coming.body.effectiveByUs - fromUs).toBe(30 * SECOND_US);
    expect(scene.holder.written("settlement")).toHaveLength(2);
  });

  test("are the policy's where it caps them", () => {
    const scene = twoAgents();
    expect(scene.accept(scene.consumer, scene.offer()).ok).toBe(true);
    scene.run(100_000);
    const { body, header } = onlyAcceptance(scene.consumer);
    expect(body.confirmByUs - (header.time?.earliestUs ?? 0)).toBe(15 * SECOND_US);
    expect(body.effectiveByUs - body.confirmByUs).toBe(15 * SECOND_US);
  });
});

describe("the holdings that an acceptance states (§7)", () => {
  test("are every standing lease by its artifact and every pending acceptance by its id, and nothing that is over", () => {
    const scene = twoAgents();
    const { consumer } = scene;
    const accept = (nth: number): void => {
      expect(scene.accept(consumer, scene.offer(piece(nth)), true).ok).toBe(true);
      scene.run(200_000);
    };
    accept(0);
    expect(onlyAcceptance(consumer).body.holdings).toEqual([]);
    accept(1);
    const [first, second] = leasesOf(consumer);
    assert(first !== undefined && second !== undefined, "both are settled");
    scene.mesh.carry = (message) => (message.kind === "acceptance" ? [] : [3_000]);
    accept(2);
    const pending = onlyAcceptance(consumer);
    const held = (id: Uint8Array, nth: number) => {
      const { lowerHz, upperHz, fromUs, untilUs, commodityClass, area } = piece(nth).block;
      const [latitudes, longitudes] = [area.map(({ latE7 }) => latE7), area.map(({ lonE7 }) => lonE7)];
      const [southE7, northE7] = [Math.min(...latitudes), Math.max(...latitudes)];
      const extent = { southE7, northE7, westE7: Math.min(...longitudes), eastE7: Math.max(...longitudes) };
      const of = { lowerHz, upperHz, fromUs, untilUs, commodityClass, leaseClass: "scene", extent };
      return { artifactOrAcceptance: id, ...of };
    };
    expect(pending.body.holdings).toEqual([held(first.derived.id, 0), held(second.derived.id, 1)]);
    consumer.command({ verb: "relinquish", artifact: first.derived.id });
    scene.run(SECOND_US);
    accept(3);
    expect(onlyAcceptance(consumer).body.holdings).toEqual([held(second.derived.id, 1), held(pending.id, 2)]);
  });
});

describe("once confirmBy has passed (§6)", () => {
  const WIDE_US = 2 * SECOND_US;

  /** An acceptance that the holder has not heard, and the holder's clock at `offsetUs` from its confirmBy, by the centre. */
  function unheard(offsetUs: number): { readonly scene: Scene; readonly hear: () => void } {
    const scene = twoAgents({ holder: { timeBoundUs: WIDE_US } });
    scene.mesh.carry = (message) => (message.kind === "acceptance" ? [] : [3_000]);
    expect(scene.accept(scene.consumer, scene.offer()).ok).toBe(true);
    scene.run(500_000);
    const { body, envelope } = onlyAcceptance(scene.consumer);
    scene.run(body.confirmByUs + offsetUs - (centreUs(turnOf(scene.holder)) ?? 0));
    expect(centreUs(turnOf(scene.holder))).toBe(body.confirmByUs + offsetUs);
    return { scene, hear: () => scene.holder.take({ kind: "message", bytes: packEnvelope(envelope) }) };
  }

  /** The clock readings by which the holder's refusal judged confirmBy, less confirmBy. */
  function judgedBy({ holder, consumer }: Scene): readonly unknown[] {
    const { confirmByUs } = onlyAcceptance(consumer).body;
    return holder
      .written("rejection")
      .flatMap(({ body }) => body.findings.filter(({ code }) => code === "confirm-by-passed"))
      .map(({ measured }) => Number(measured["nowUs"]) - confirmByUs);
  }

  test("by the centre of its interval the holder signs no settlement, and says by which instant it judged", () => {
    const { scene, hear } = unheard(1);
    hear();
    scene.run(100_000);
    expect(scene.holder.written("settlement")).toHaveLength(0);
    const [centre, ...edges] = judgedBy(scene);
    expect(centre).toBe(1);
    expect(edges).toHaveLength(1);
  });

  test("not by the centre yet, the holder's own gate is silent: what refuses is the evaluation, by C's latest edge", () => {
    const { scene, hear } = unheard(0);
    hear();
    scene.run(100_000);
    expect(judgedBy(scene)).toHaveLength(1);
    expect(judgedBy(scene)[0]).toBeGreaterThanOrEqual(WIDE_US);
    const early = unheard(-WIDE_US - SECOND_US);
    early.hear();
    early.scene.run(100_000);
    expect(early.scene.holder.written("settlement")).toHaveLength(1);
  });

  /** A binding that the consumer hears with the earliest edge of its time at `offsetUs` from confirmBy. */
  function heardLate(offsetUs: number): Scene {
    const policy = { contextSkewMaxUs: 60 * SECOND_US };
    const scene = twoAgents({ authority: { policy }, consumers: [{ timeBoundUs: WIDE_US }] });
    scene.mesh.carry = (message) => (message.kind === "settlement" ? [] : [3_000]);
    expect(scene.accept(scene.consumer, scene.offer()).ok).toBe(true);
    scene.run(500_000);
    const bound = scene.holder.written("settlement")[0];
    assert(bound !== undefined, "the holder binds");
    const { confirmByUs } = onlyAcceptance(scene.consumer).body;
    scene.run(confirmByUs + offsetUs - (ownTime(turnOf(scene.consumer))?.earliestUs ?? 0));
    const time = ownTime(turnOf(scene.consumer));
    // Between fixes the interval widens, so that its edge runs slower than the clock.
    expect(Math.abs((time?.earliestUs ?? 0) - confirmByUs - offsetUs)).toBeLessThan(1_000);
    scene.consumer.take({ kind: "message", bytes: packEnvelope(bound.envelope) });
    scene.run(100_000);
    return scene;
  }

  test("by the earliest edge of its time, and no sooner, the acceptance is dead at the consumer", () => {
    const alive = heardLate(-2_000);
    expect(ownTime(turnOf(alive.consumer))?.latestUs).toBeGreaterThan(
      onlyAcceptance(alive.consumer).body.confirmByUs + WIDE_US,
    );
    expect(alive.consumer.written("settlement")).toHaveLength(1);
    const dead = heardLate(2_000);
    expect(dead.consumer.written("settlement")).toHaveLength(0);
    expect(leasesOf(dead.consumer)).toHaveLength(0);
  });
});
