/** What an agent orders of its radio, and what it refuses to order (PROTOCOL §6 Invariant of emission, The guard). */

import { describe, expect, test } from "vitest";
import type { AgentConfig, OwnRadio } from "../../../src/core/agent/config.ts";
import type { Command } from "../../../src/core/agent/input.ts";
import { PLAIN_CLASS } from "../../../src/core/policy/plain-class.ts";
import type { PowerLimit } from "../../../src/core/record/spectrum-fields.ts";
import { SECOND_US, sceneBlock } from "../../support/scripted-authority.ts";
import type { Host } from "../../support/scripted-host.ts";
import { invariants } from "../../support/scripted-invariants.ts";
import { leaseAt, offerOf, type Scene, type SceneParts, twoAgents } from "../../support/two-agents.ts";

/** Could emit 40 dBm anywhere, and is told to. */
const STRONG: OwnRadio = {
  deadman: "guard",
  controls: "transmitter",
  muteLatencyUs: 20_000,
  lowestHz: 24_000_000,
  highestHz: 6_000_000_000,
  powerMaxCentiDbm: 4_000,
  eirpCentiDbm: 4_000,
};
const MASK = [{ offsetHz: 0, centiDbm: -3_600, referenceHz: 100_000 }];

function withRadio(change: Partial<OwnRadio>, parts: SceneParts = {}): Scene {
  return twoAgents({ ...parts, config: { radio: { ...STRONG, ...change }, ...parts.config } });
}

function limit(centiDbm: number): PowerLimit {
  return { centiDbm, referenceHz: 0, measure: "eirp", detector: "rms" };
}

function refusedCodes(host: Host): readonly string[] {
  return host
    .effects("note")
    .flatMap(({ event }) => (event.what === "refused" ? event.rejections.map(({ code }) => code) : []));
}

function answerCodes(answer: ReturnType<Scene["accept"]>): readonly string[] {
  return answer.ok ? [] : answer.rejections.map(({ code }) => code);
}

describe("the emission that is ordered", () => {
  test("keeps to the tightest of the block's limits where the radio could do more, and inside the block's edges", () => {
    const scene = withRadio({});
    scene.settle({ block: { ...sceneBlock, limits: [limit(1_000), limit(700)] } });
    const { lowerHz, upperHz } = sceneBlock;
    const [arm] = scene.consumer.effects("arm");
    expect(arm?.emission).toEqual({ lowerHz, upperHz, eirpCentiDbm: 700, dutyCycles: [] });
    expect(scene.consumer.written("actuation")[0]?.body.emission).toEqual(arm?.emission);
  });

  test("keeps to what the device can do, and to what its operator wants", () => {
    for (const [change, eirpCentiDbm] of [
      [{ powerMaxCentiDbm: 650 }, 650],
      [{ eirpCentiDbm: 640 }, 640],
    ] as const) {
      const scene = withRadio(change);
      scene.settle();
      expect(scene.consumer.effects("arm")[0]?.emission.eirpCentiDbm).toBe(eirpCentiDbm);
    }
  });

  test("never exceeds a credential: a block with a higher limit than the seller's link is not even offered", () => {
    const scene = withRadio({});
    const block = { ...sceneBlock, limits: [limit(1_001)] };
    const answer = scene.holder.command({ verb: "offer", offer: offerOf(scene.authority, block) });
    expect(answerCodes(answer)).toContain("power-limit-exceeded");
    expect(scene.holder.written("offer")).toEqual([]);
  });
});

describe("a radio that does not keep inside the block or under the mask", () => {
  const leaky = { occupiedHz: 100_000, leakage: [{ offsetHz: 0, centiDbm: -3_000, referenceHz: 100_000 }] };
  const wide = { occupiedHz: 200_001, leakage: [{ offsetHz: 0, centiDbm: -4_000, referenceHz: 100_000 }] };
  const cases: readonly (readonly [string, Partial<OwnRadio>, Partial<AgentConfig>])[] = [
    ["leakage-above-mask", { spectrum: leaky }, {}],
    ["occupied-band-too-wide", { spectrum: wide }, {}],
  ];
  for (const [code, radio, config] of cases) {
    test(`is refused ${code} at the acceptance, and, where that was insisted on, before RF: the lease is given up`, () => {
      const scene = withRadio(radio, { config, authority: { schema: { mask: MASK } } });
      const offer = scene.offer();
      expect(answerCodes(scene.accept(scene.consumer, offer))).toEqual([code]);
      expect(scene.accept(scene.consumer, offer, true).ok).toBe(true);
      scene.run(5 * SECOND_US);
      expect(scene.holder.written("renewal").length).toBeGreaterThan(0);
      expect(scene.consumer.written("actuation")).toEqual([]);
      expect(scene.consumer.effects("arm")).toEqual([]);
      expect(refusedCodes(scene.consumer)).toContain(code);
      expect(scene.consumer.written("relinquishment")[0]?.body.reason).toBe("radio-failed");
    });
  }

  test("whose leakage nobody declared goes on at the bench, and is refused in production", () => {
    const bench = withRadio({}, { authority: { schema: { mask: MASK } } });
    bench.settle();
    expect(bench.consumer.radio.isOn()).toBe(true);
    const live = withRadio({}, { config: { production: true }, authority: { schema: { mask: MASK } } });
    for (const host of live.hosts) host.now.fixSays = { source: "gnss" };
    live.run(2 * SECOND_US);
    const offer = live.offer();
    expect(answerCodes(live.accept(live.consumer, offer))).toEqual(["leakage-undeclared"]);
  });
});

describe("a band with a duty cycle", () => {
  const { lowerHz, upperHz } = sceneBlock;
  // The band ends inside the block: what reaches into it is under its bound.
  const dutyCycle = { lowerHz: 0, upperHz: lowerHz + 1, shareCentiPercent: 1_000, windowUs: 3_600_000_000 };
  const beside = { ...dutyCycle, lowerHz: upperHz, upperHz: upperHz + 1 };
  const parts = { authority: { policy: { dutyCycles: [dutyCycle, beside] } } };

  test("is a term of the lease, and goes to a radio that keeps it with the order, and into the records", () => {
    const scene = withRadio({ dutyCycles: "kept" }, parts);
    const lease = scene.settle();
    expect(lease.derived.artifact.terms.dutyCycles).toEqual([dutyCycle]);
    expect(scene.consumer.effects("arm")[0]?.emission.dutyCycles).toEqual([dutyCycle]);
    expect(scene.consumer.written("actuation")[0]?.body.emission.dutyCycles).toEqual([dutyCycle]);
    const [outcome] = scene.consumer.written("actuation-outcome");
    expect(outcome?.body).toMatchObject({ result: "on", emission: { dutyCycles: [dutyCycle] } });
  });

  test("is refused to a radio that declares nothing of it, before it binds itself, and, insisted on, before RF", () => {
    const scene = withRadio({}, parts);
    const offer = scene.offer();
    const answer = scene.accept(scene.consumer, offer);
    expect(answer.ok ? [] : answer.rejections).toEqual([
      {
        code: "duty-cycle-not-kept",
        field: "radio",
        measured: { dutyCycles: "none" },
        required: { dutyCycles: "kept", ...dutyCycle },
      },
    ]);
    expect(scene.consumer.written("acceptance")).toEqual([]);
    expect(scene.accept(scene.consumer, offer, true).ok).toBe(true);
    scene.run(5 * SECOND_US);
    expect(scene.consumer.effects("arm")).toEqual([]);
    expect(refusedCodes(scene.consumer)).toContain("duty-cycle-not-kept");
    expect(scene.consumer.written("relinquishment")[0]?.body.reason).toBe("radio-failed");
  });

  test("beside the block asks nothing of its radio", () => {
    const scene = withRadio({}, { authority: { policy: { dutyCycles: [beside] } } });
    scene.settle();
    expect(scene.consumer.effects("arm")[0]?.emission.dutyCycles).toEqual([]);
  });
});

describe("a driver that cannot silence for certain (§6: `none` and `advisory` never claim muted outside the bench)", () => {
  for (const change of [{ controls: "advisory" }, { deadman: "none" }] as const) {
    const [[name, value]] = Object.entries(change) as [[string, string]];
    test(`${name} ${value} acquires nothing in production, and its silence is not claimed`, () => {
      const parts = { authority: { policy: { leaseClasses: classesWithNone() } } };
      const scene = withRadio(change, { ...parts, config: { production: true } });
      for (const host of scene.hosts) host.now.fixSays = { source: "gnss" };
      scene.run(2 * SECOND_US);
      const offer = scene.offer();
      expect(answerCodes(scene.accept(scene.consumer, offer))).toEqual(["mute-uncertain"]);
      expect(scene.accept(scene.consumer, offer, true).ok).toBe(true);
      scene.run(5 * SECOND_US);
      expect(scene.consumer.written("settlement")).toHaveLength(1);
      expect(scene.consumer.effects("arm")).toEqual([]);
      expect(scene.consumer.effects("mute").length).toBeGreaterThan(1);
      expect(scene.consumer.written("relinquishment")).toEqual([]);
    });

    test(`${name} ${value} may be used at the bench, and its silence is told there`, () => {
      const scene = withRadio(change, { authority: { policy: { leaseClasses: classesWithNone() } } });
      const lease = scene.settle();
      scene.consumer.command({ verb: "relinquish", artifact: lease.derived.id });
      scene.run(SECOND_US);
      expect(scene.consumer.written("actuation-outcome").at(-1)?.body).toMatchObject({
        result: "muted",
        evidence: "guard",
      });
    });
  }

  test("a mute report of such a driver is recorded as nobody's evidence, not as muted", () => {
    const scene = withRadio({});
    scene.settle();
    const agent = scene.consumer.agent();
    // The operator's profile became one of production on an advisory driver while RF was on: the worst case.
    Object.assign(agent.config, { production: true, radio: { ...STRONG, controls: "advisory" } });
    const [lease] = agent.durable.leases.values();
    if (lease !== undefined) scene.consumer.command({ verb: "relinquish", artifact: lease.derived.id });
    scene.run(SECOND_US);
    expect(scene.consumer.written("actuation-outcome").at(-1)?.body).toMatchObject({
      result: "failed",
      evidence: "none",
    });
    expect(scene.consumer.written("relinquishment")).toEqual([]);
    expect(scene.consumer.written("outage")).toEqual([]);
  });
});

function classesWithNone() {
  return [
    {
      name: "scene",
      periodUs: 3 * SECOND_US,
      reachUs: 10 * SECOND_US,
      snapshotAgeMaxUs: 7_200 * SECOND_US,
      holdoverUs: 5 * SECOND_US,
      deadmen: ["guard", "none"] as const,
      muteLatencyMaxUs: 500_000,
      verifyWithinUs: 2 * SECOND_US,
      preemption: null,
      ...PLAIN_CLASS,
    },
  ];
}

describe("one radio serves one lease at a time", () => {
  const [low, high] = [
    { ...sceneBlock, upperHz: 433_200_000 },
    { ...sceneBlock, lowerHz: 433_200_000 },
  ];

  test("a second acceptance for the same time is refused radio-busy with both times, one for a later time is not", () => {
    const scene = withRadio({});
    scene.settle({ block: low });
    const answer = scene.accept(scene.consumer, scene.offer({ block: high }));
    expect(answer).toMatchObject({
      ok: false,
      rejections: [
        { code: "radio-busy", measured: { fromUs: high.fromUs }, required: { notUntilUs: low.untilUs } },
      ],
    });
    const later = { ...high, fromUs: low.untilUs, untilUs: low.untilUs + 100 * SECOND_US };
    expect(scene.accept(scene.consumer, scene.offer({ block: later })).ok).toBe(true);
  });

  test("once the first lease is over, the radio is free for the next one", () => {
    const scene = withRadio({});
    const lease = scene.settle({ block: low });
    scene.consumer.command({ verb: "relinquish", artifact: lease.derived.id });
    scene.run(SECOND_US);
    expect(scene.accept(scene.consumer, scene.offer({ block: high })).ok).toBe(true);
  });

  test("where a second one was insisted on, the end of either mutes, and the other comes on by a new actuation only", () => {
    const held = invariants();
    const scene = withRadio({}, { watch: (watched) => held.check(watched) });
    const first = scene.settle({ block: low });
    expect(scene.accept(scene.consumer, scene.offer({ block: high }), true).ok).toBe(true);
    scene.run(5 * SECOND_US);
    expect(scene.consumer.radio.transmissions).toHaveLength(1);
    scene.consumer.command({ verb: "relinquish", artifact: first.derived.id });
    scene.run(8 * SECOND_US);
    const [one, two] = scene.consumer.radio.transmissions;
    expect(one?.artifact).toEqual(first.derived.id);
    expect(two?.artifact).not.toEqual(first.derived.id);
    expect(two?.fromUs).toBeGreaterThan(one?.untilUs ?? Number.NaN);
    expect(leaseAt(scene.consumer, first).relinquishment).not.toBeNull();
  });
});

describe("commands", () => {
  const VERBS: Readonly<Record<Command["verb"], (scene: Scene, id: Uint8Array) => Command>> = {
    offer: (_, schema) => ({
      verb: "offer",
      offer: {
        schema,
        resource: "x",
        block: sceneBlock,
        price: { form: "fixed", microUnits: 0n, currency: "EUR" },
        eligibility: { level: "user", verb: "acquire", eligibilityClass: "scene" },
        rules: ["content-match"],
        leaseClass: "scene",
        validUs: SECOND_US,
      },
    }),
    withdraw: (_, offer) => ({ verb: "withdraw", offer, reason: "x" }),
    accept: (_, offer) => ({ verb: "accept", accept: { offer, block: null, insist: true } }),
    relinquish: (_, artifact) => ({ verb: "relinquish", artifact }),
    terminate: (_, artifact) => ({ verb: "terminate", artifact }),
  };

  for (const [verb, make] of Object.entries(VERBS)) {
    test(`${verb} switches no RF on and extends none, whatever it names (§6)`, () => {
      const scene = withRadio({});
      const lease = scene.settle();
      // Muted, its lease and renewal standing: the nearest that a radio comes to being switched on.
      const { consumer } = scene;
      consumer.take({ kind: "queue-lost", reason: "x", lost: null });
      scene.run(100_000);
      expect(consumer.radio.isOn()).toBe(false);
      const ids = [lease.derived.id, lease.offer.id, lease.acceptance.id, scene.authority.schema.id];
      for (const id of ids) {
        const effects = consumer.take({ kind: "command", ticket: 1, command: make(scene, id) });
        const switching = effects.filter(({ kind }) => kind === "arm" || kind === "extend");
        expect(switching).toEqual([]);
        const queued = effects.flatMap((each) => (each.kind === "append" ? [each.draft.record.kind] : []));
        expect(queued).not.toContain("actuation");
      }
    });
  }
});
