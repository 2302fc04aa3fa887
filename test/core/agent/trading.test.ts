/** Offers by command and by standing order, acceptances by command and by wish, and their gates (PROTOCOL §6 Bodies). */
import { describe, expect, test } from "vitest";
import type { StandingOffer, Wish } from "../../../src/core/agent/config.ts";
import {
  HOUR_US,
  SECOND_US,
  START_US,
  sceneBlock,
  scenePolicy,
  sceneSchema,
  scriptedAuthority,
} from "../../support/scripted-authority.ts";
import { type Host, packEnvelope } from "../../support/scripted-host.ts";
import { named, quickKeys } from "../../support/scripted-keys.ts";
import { leasesOf, offerOf, type SceneParts, twoAgents } from "../../support/two-agents.ts";

const wish: Wish = {
  name: "any",
  commodityClass: "ism-433",
  resource: "",
  lowestHz: 433_000_000,
  highestHz: 434_000_000,
  widthHz: null,
  durationUs: null,
  priceMaxMicroUnits: 0n,
  currency: "EUR",
  insist: false,
};

function wishing(change: Partial<Wish>, parts: SceneParts = {}) {
  return twoAgents({ ...parts, config: { ...parts.config, wishes: [{ ...wish, ...change }] } });
}

function codes(answer: unknown): readonly string[] {
  const { rejections = [] } = answer as { rejections?: readonly { code: string }[] };
  return rejections.map(({ code }) => code);
}

function noted(host: Host): readonly string[] {
  return host
    .effects("note")
    .flatMap(({ event }) => (event.what === "refused" ? event.rejections.map(({ code }) => code) : []));
}

describe("wishes", () => {
  test("an offer that fits is accepted as soon as it is heard, once", () => {
    const scene = wishing({});
    scene.offer();
    scene.run(3 * SECOND_US);
    expect(scene.consumer.written("acceptance")).toHaveLength(1);
    expect(scene.consumer.radio.isOn()).toBe(true);
    scene.offer();
    scene.run(SECOND_US);
    expect(scene.consumer.written("acceptance")).toHaveLength(1);
  });

  test("takes the lowest piece that is as wide and as long as wished, on the offer's raster", () => {
    const steps = { ...sceneSchema.steps, timeStepUs: SECOND_US, timeMinimumUs: SECOND_US };
    const scene = wishing(
      { widthHz: 50_000, lowestHz: 433_110_000, durationUs: 100 * SECOND_US },
      { authority: { schema: { steps } } },
    );
    scene.offer();
    scene.run(3 * SECOND_US);
    const block = scene.consumer.written("acceptance")[0]?.body.block;
    expect(block).toMatchObject({ lowerHz: 433_125_000, upperHz: 433_175_000 });
    expect(block?.untilUs).toBe(sceneBlock.fromUs + 100 * SECOND_US);
    expect(leasesOf(scene.consumer)).toHaveLength(1);
  });

  test("in a quarantine an offer that fits is passed over: nothing is accepted, and nothing refused", () => {
    const scene = wishing({});
    scene.consumer.crash();
    scene.consumer.now.mark = { seq: 1_000, reason: "drill" };
    scene.consumer.start();
    const before = noted(scene.consumer).length;
    scene.offer();
    scene.run(SECOND_US);
    expect(scene.consumer.written("acceptance")).toHaveLength(0);
    expect(noted(scene.consumer)).toHaveLength(before);
    expect(scene.consumer.agent().volatile.pendingOffers.size).toBe(0);
  });

  for (const [name, change] of [
    ["another class", { commodityClass: "other" }],
    ["another resource", { resource: "other" }],
    ["too little room", { widthHz: 400_000 }],
    ["another band", { lowestHz: 434_000_000, highestHz: 434_500_000 }],
  ] as const) {
    test(`an offer of ${name} does not fit`, () => {
      const scene = wishing(change);
      scene.offer();
      scene.run(SECOND_US);
      expect(scene.consumer.written("acceptance")).toHaveLength(0);
    });
  }

  test("a price fits in the wish's currency up to its most, and nothing is always free", () => {
    for (const [most, currency, count] of [
      [5n, "EUR", 1],
      [4n, "EUR", 0],
      [5n, "USD", 0],
    ] as const) {
      const scene = wishing({ priceMaxMicroUnits: most, currency, resource: "block a" });
      scene.offer({ price: { form: "fixed", microUnits: 5n, currency: "EUR" } });
      scene.run(SECOND_US);
      expect(scene.consumer.written("acceptance")).toHaveLength(count);
    }
  });

  test("an ended lease lets the wish be fulfilled again", () => {
    const scene = wishing({ resource: "block a" });
    scene.offer();
    scene.run(2 * SECOND_US);
    const lease = leasesOf(scene.consumer)[0];
    if (lease !== undefined) scene.consumer.command({ verb: "relinquish", artifact: lease.derived.id });
    scene.run(SECOND_US);
    scene.offer();
    scene.run(2 * SECOND_US);
    expect(leasesOf(scene.consumer)).toHaveLength(2);
  });

  test("a wish that the own gates refuse is noted, and an insisting one is sent all the same", () => {
    const late = { validUs: 1 };
    const scene = wishing({});
    scene.mesh.carry = () => [60_000];
    scene.offer(late);
    scene.run(SECOND_US);
    expect(scene.consumer.written("acceptance")).toHaveLength(0);
    expect(noted(scene.consumer)).toContain("offer-ended");
    const insisting = wishing({ insist: true });
    insisting.offer(late);
    insisting.run(SECOND_US);
    expect(insisting.consumer.written("acceptance")).toHaveLength(1);
    expect(noted(insisting.holder)).toContain("offer-ended");
  });
});

describe("the acceptance's own gates", () => {
  test("names everything at once: an unknown offer, no right to acquire, no radio", () => {
    const scene = twoAgents();
    const accept = { offer: named("nothing"), block: null, insist: false };
    expect(codes(scene.consumer.command({ verb: "accept", accept }))).toEqual(["offer-unknown"]);
    const offer = scene.offer();
    expect(codes(scene.accept(scene.holder, offer))).toEqual(["radio-missing"]);
    const withRadio = twoAgents({
      config: {
        radio: {
          deadman: "guard",
          controls: "transmitter",
          muteLatencyUs: 1,
          lowestHz: 1,
          highestHz: 10,
          powerMaxCentiDbm: 1,
          eirpCentiDbm: 1,
        },
      },
    });
    const standing = withRadio.offer();
    expect(codes(withRadio.accept(withRadio.holder, standing))).toEqual(["not-entitled"]);
    expect(codes(withRadio.accept(withRadio.consumer, standing))).toEqual(["radio-out-of-range"]);
  });

  test("one pending acceptance for one offer is enough", () => {
    const scene = twoAgents();
    const offer = scene.offer();
    expect(scene.accept(scene.consumer, offer).ok).toBe(true);
    expect(codes(scene.accept(scene.consumer, offer))).toEqual(["already-accepted"]);
  });

  test("without time and place nothing is accepted or offered", () => {
    const scene = twoAgents();
    const offer = scene.offer();
    for (const host of scene.hosts) {
      host.now.fixes = false;
      host.crash();
      host.start();
      host.take({ kind: "gnss-lost", reason: "antenna" });
    }
    for (const each of [scene.holder.lineage.inception, offer])
      scene.consumer.take({ kind: "message", bytes: packEnvelope(each.envelope) });
    expect(codes(scene.accept(scene.consumer, offer))).toEqual(["not-assured"]);
    const answer = scene.holder.command({ verb: "offer", offer: offerOf(scene.authority, sceneBlock) });
    const measured = { time: "or place missing" };
    const required = { time: "assured", place: "assured" };
    expect(answer.ok ? [] : answer.rejections).toContainEqual({
      code: "not-assured",
      field: "",
      measured,
      required,
    });
  });

  test("a policy or schema that no trusted root wrote, or another policy than one's own, is refused", () => {
    const scene = twoAgents();
    const foreign = scriptedAuthority(quickKeys(), { policy: { name: "foreign" } });
    const { lineage } = scene.holder;
    const offer = scene.offer();
    const strange = lineage.write(
      "offer",
      { ...offer.body, schema: named("no schema") },
      { ...offer.header, policy: foreign.policy.id },
    );
    scene.consumer.take({ kind: "message", bytes: packEnvelope(strange.envelope) });
    const answer = scene.accept(scene.consumer, strange);
    expect(codes(answer)).toEqual(["policy-mismatch", "policy-untrusted", "schema-untrusted"]);
  });
});

describe("offers", () => {
  test("of an unknown schema, or outside one's own scope, or without a right to allocate are refused", () => {
    const scene = twoAgents();
    const offer = offerOf(scene.authority, sceneBlock);
    const outside = { ...sceneBlock, upperHz: 499_000_000 };
    expect(codes(scene.holder.command({ verb: "offer", offer: { ...offer, schema: named("x") } }))).toEqual([
      "schema-unknown",
    ]);
    expect(
      codes(scene.holder.command({ verb: "offer", offer: { ...offer, block: outside } })).length,
    ).toBeGreaterThan(0);
    expect(codes(scene.consumer.command({ verb: "offer", offer }))).toEqual(["not-entitled"]);
  });

  test("a standing offer is made anew when its refresh is due, and not while its block is taken", () => {
    const authority = scriptedAuthority(quickKeys());
    const standing: StandingOffer = {
      name: "standing",
      offer: offerOf(authority, sceneBlock),
      durationUs: 300 * SECOND_US,
      refreshUs: 5 * SECOND_US,
    };
    const scene = twoAgents({
      config: { standingOffers: [standing, { ...standing, name: "as it stands", durationUs: null }] },
    });
    scene.run(SECOND_US);
    const offers = scene.holder.written("offer");
    expect(offers).toHaveLength(2);
    expect((offers[0]?.body.block.untilUs ?? 0) - (offers[0]?.body.block.fromUs ?? 0)).toBe(300 * SECOND_US);
    expect(offers[1]?.body.block.fromUs).toBe(sceneBlock.fromUs);
    expect(noted(scene.consumer)).toContain("not-entitled");
    scene.run(5 * SECOND_US);
    expect(scene.holder.written("offer")).toHaveLength(4);
    const last = scene.holder.written("offer").at(-1);
    if (last !== undefined) scene.accept(scene.consumer, last);
    scene.run(12 * SECOND_US);
    expect(scene.consumer.radio.isOn()).toBe(true);
    expect(scene.holder.written("offer")).toHaveLength(4);
  });

  test("a mesh that comes back is told who we are and what we offer, as long as it is neither ended nor withdrawn", () => {
    const scene = twoAgents();
    const [kept, gone] = [scene.offer(), scene.offer()];
    scene.holder.command({ verb: "withdraw", offer: gone.id, reason: "drill" });
    scene.run(SECOND_US);
    const sent = scene.holder
      .take({ kind: "mesh-up" })
      .flatMap((each) => (each.kind === "publish" ? [each.record.id] : []));
    expect(sent).toEqual([scene.holder.lineage.inception.id, kept.id]);
    scene.run(301 * SECOND_US);
    expect(scene.holder.take({ kind: "mesh-up" }).filter(({ kind }) => kind === "publish")).toHaveLength(1);
  });
});

describe("what may still come is waited for", () => {
  test("a stale snapshot defers the acceptance, once, and a fresh one settles it", () => {
    const [leaseClass] = scenePolicy.leaseClasses;
    if (leaseClass === undefined) return;
    const leaseClasses = [{ ...leaseClass, snapshotAgeMaxUs: 3 * SECOND_US }];
    const scene = twoAgents({ authority: { policy: { leaseClasses } } });
    scene.run(4 * SECOND_US);
    scene.accept(scene.consumer, scene.offer());
    scene.run(2 * SECOND_US);
    expect(scene.holder.written("deferral")).toHaveLength(1);
    expect(scene.holder.written("settlement")).toHaveLength(0);
    const fresh = packEnvelope(scene.authority.snapshot(scene.nowUs(), []).envelope);
    for (const host of scene.hosts) host.take({ kind: "message", bytes: fresh });
    scene.run(SECOND_US);
    expect(scene.holder.written("settlement")).toHaveLength(1);
  });

  test("a holder without time settles nothing and refuses nothing: the acceptance is heard again", () => {
    const scene = twoAgents();
    const offer = scene.offer();
    scene.holder.now.fixes = false;
    scene.holder.crash();
    scene.holder.start();
    scene.accept(scene.consumer, offer);
    scene.run(SECOND_US);
    expect(scene.holder.written("settlement")).toHaveLength(0);
    expect(scene.holder.written("rejection")).toHaveLength(0);
    scene.holder.now.fixes = true;
    scene.run(7 * SECOND_US);
    expect(scene.consumer.radio.isOn()).toBe(true);
  });
});

describe("the receiver", () => {
  test("a production agent takes no simulated fix, whatever the common policy admits", () => {
    const scene = twoAgents({ config: { production: true } });
    scene.run(2 * SECOND_US);
    expect(scene.holder.agent().volatile.time).toBeNull();
    expect(noted(scene.holder)).toContain("source-not-admitted");
  });

  test("a fix that the driver delivers late, or that the wall clock contradicts, changes nothing", () => {
    const { timeRules } = twoAgents().holder.agent().config;
    const scene = twoAgents({
      config: { timeRules: { ...timeRules, checkAgainstWall: true, wallToleranceUs: SECOND_US } },
    });
    scene.run(SECOND_US);
    const before = scene.holder.agent().volatile.time;
    const fix = {
      source: "simulated" as const,
      mode: 3 as const,
      receivedBootUs: 1,
      timeUs: START_US,
      timeErrorUs: 1,
      pps: false,
      leapPending: false,
      latE7: 1,
      lonE7: 1,
      heightMm: 1,
      horizontalErrorMm: 1,
      verticalErrorMm: 1,
      interference: "" as const,
    };
    scene.holder.take({ kind: "fix", fix });
    expect(scene.holder.agent().volatile.time).toEqual(before);
    const { bootUs } = scene.holder.reading();
    scene.holder.take({ kind: "fix", fix: { ...fix, receivedBootUs: bootUs, timeUs: START_US + HOUR_US } });
    expect(scene.holder.agent().volatile.time).toEqual(before);
    scene.run(100_000);
    expect(scene.holder.written("time-fault").map(({ body }) => body.what)).toEqual(["implausible"]);
  });
});
