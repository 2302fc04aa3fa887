/** A consumer finds out for itself what speaks against an offer, before its acceptance binds it (PROTOCOL §6). */
import { describe, expect, test } from "vitest";
import { bounds } from "../../../src/core/agent/bounds.ts";
import type { Wish } from "../../../src/core/agent/config.ts";
import type { CommandAnswer } from "../../../src/core/agent/input.ts";
import type { Rejection } from "../../../src/core/base/rejection.ts";
import type { Header } from "../../../src/core/record/header.ts";
import type { Offer } from "../../../src/core/record/kinds/offer.ts";
import type { RecordOf } from "../../../src/core/record/record.ts";
import {
  SECOND_US,
  scenePolicy,
  scriptedAuthority,
  scriptedLineage,
} from "../../support/scripted-authority.ts";
import { type Host, packEnvelope } from "../../support/scripted-host.ts";
import { named, quickKeys } from "../../support/scripted-keys.ts";
import { leasesOf, type Scene, type SceneParts, twoAgents } from "../../support/two-agents.ts";

const wish: Wish = {
  name: "any",
  commodityClass: "",
  resource: "",
  lowestHz: 433_000_000,
  highestHz: 435_000_000,
  widthHz: null,
  durationUs: null,
  priceMaxMicroUnits: 0n,
  currency: "EUR",
  insist: false,
};

function wishing(parts: SceneParts = {}): Scene {
  return twoAgents({ ...parts, config: { ...parts.config, wishes: [wish] } });
}

/** The offer signed anew by the holder's key with `change`, and heard by the consumer. */
function heardAs(
  { holder, consumer }: Scene,
  offer: RecordOf<"offer">,
  change: Partial<Offer>,
  head: Partial<Header> = {},
): RecordOf<"offer"> {
  const written = holder.lineage.write("offer", { ...offer.body, ...change }, { ...offer.header, ...head });
  consumer.take({ kind: "message", bytes: packEnvelope(written.envelope) });
  return written;
}

function findings(answer: CommandAnswer): readonly Rejection[] {
  return answer.ok ? [] : answer.rejections;
}

/** What the consumer said of offers that it refused, code and field. */
function said(host: Host): readonly string[] {
  return host
    .effects("note")
    .flatMap(({ event }) =>
      event.what === "refused" ? event.rejections.map(({ code, field }) => `${code} ${field}`) : [],
    );
}

/** Refused with `code` at the consumer, measured and required beside it; sent all the same when insisted on. */
function refusedAs(scene: Scene, offer: RecordOf<"offer">, code: string): Rejection {
  const found = findings(scene.accept(scene.consumer, offer));
  expect(found.map((each) => each.code)).toContain(code);
  scene.run(100_000);
  expect(scene.consumer.written("acceptance")).toHaveLength(0);
  expect(scene.accept(scene.consumer, offer, true).ok).toBe(true);
  const finding = found.find((each) => each.code === code);
  if (finding === undefined) throw new Error("it was found above");
  return finding;
}

describe("before it accepts, the consumer refuses", () => {
  test("an offer under a chain that ends in no root of its own", () => {
    const scene = twoAgents();
    const foreign = scriptedAuthority(quickKeys(), { policy: { name: "foreign" } });
    const stranger = scriptedLineage(scene.scheme, "stranger root");
    const { body } = foreign.rootLink;
    const top = stranger.write("credential", {
      ...body,
      subjectLineage: stranger.inception.header.lineage,
      subjectKey: stranger.inception.header.signerKey,
    });
    const { lineage } = scene.holder;
    const link = stranger.write("credential", {
      ...body,
      subjectLineage: lineage.inception.header.lineage,
      subjectKey: lineage.inception.header.signerKey,
      level: "licensee",
      verbs: ["allocate"],
      depthLeft: 0,
      parent: top.id,
    });
    const offer = scene.offer();
    for (const { envelope } of [stranger.inception, top, link])
      scene.consumer.take({ kind: "message", bytes: packEnvelope(envelope) });
    const forged = heardAs(scene, offer, {}, { credential: link.id });
    expect(refusedAs(scene, forged, "chain-root").field).toBe("offer.credential");
  });

  test("a seller without the right to allocate, and one whose link was revoked", () => {
    const scene = twoAgents();
    const offer = scene.offer();
    const bought = scene.authority.issue(scene.holder.lineage, { level: "user", verbs: ["acquire"] });
    scene.consumer.take({ kind: "message", bytes: packEnvelope(bought.envelope) });
    const entitled = heardAs(scene, offer, {}, { credential: bought.id });
    expect(refusedAs(scene, entitled, "not-entitled").field).toBe("offer.credential.verbs");

    const other = twoAgents();
    const good = other.offer();
    const sold = other.holder.agent().config.credentials[0];
    if (sold === undefined) throw new Error("the holder has a credential");
    const revoking = other.authority.snapshot(other.nowUs(), [sold]);
    other.consumer.take({ kind: "message", bytes: packEnvelope(revoking.envelope) });
    refusedAs(other, good, "credential-revoked");
  });

  test("a block outside the seller's scope, and names the edge that it crosses", () => {
    const scene = twoAgents();
    const offer = scene.offer();
    const block = { ...offer.body.block, upperHz: 435_100_000 };
    const wide = heardAs(scene, offer, { block });
    expect(refusedAs(scene, wide, "box-frequency-outside")).toMatchObject({
      field: "offer.block.upperHz",
      measured: { upperHz: 435_100_000 },
      required: { upperHzMax: 435_000_000 },
    });
  });

  test("an offer for another class, or a higher level, than its own credential names", () => {
    const scene = twoAgents();
    const offer = scene.offer();
    const { eligibility } = offer.body;
    const others = heardAs(scene, offer, { eligibility: { ...eligibility, eligibilityClass: "others" } });
    expect(findings(scene.accept(scene.consumer, others))[0]).toMatchObject({
      code: "not-eligible",
      measured: { classes: "scene" },
      required: { eligibilityClass: "others" },
    });
    const higher = heardAs(scene, offer, { eligibility: { ...eligibility, level: "licensee" } });
    refusedAs(scene, higher, "not-eligible-level");
  });

  test("a holder too far away, once, with the distance measured and the window required", () => {
    const scene = twoAgents();
    const offer = scene.offer();
    // 0.0045° of latitude: a little more than the window, and still inside the block's area.
    scene.consumer.now.northE7 = 45_000;
    scene.run(1_100_000);
    const found = findings(scene.accept(scene.consumer, offer));
    expect(found.map(({ code, field }) => [code, field])).toEqual([
      ["outside-spatial-window", "pair.distance"],
    ]);
    expect(found[0]?.measured["worstMm"]).toBeGreaterThan(500_000);
    expect(found[0]?.required).toHaveProperty("worstMmMax", 500_000);
    refusedAs(scene, offer, "outside-spatial-window");
  });

  test("an offer that was made longer ago than the temporal window", () => {
    const scene = twoAgents();
    const offer = scene.offer();
    scene.run(31 * SECOND_US);
    const found = refusedAs(scene, offer, "outside-temporal-window");
    expect(found.field).toBe("pair.skew");
    expect(found.measured["skewUs"]).toBeGreaterThan(30 * SECOND_US);
    expect(found.required["skewUsMax"]).toBe(30 * SECOND_US);
  });

  test("a policy or a schema that is at hand, and that no trusted root wrote", () => {
    const scene = twoAgents();
    const offer = scene.offer();
    const own = scene.holder.lineage.write("schema", scene.authority.schema.body);
    scene.consumer.take({ kind: "message", bytes: packEnvelope(own.envelope) });
    refusedAs(scene, heardAs(scene, offer, { schema: own.id }), "schema-untrusted");

    const other = twoAgents();
    const standing = other.offer();
    const law = other.holder.lineage.write("policy", other.authority.policy.body);
    for (const host of other.hosts) host.take({ kind: "message", bytes: packEnvelope(law.envelope) });
    const { config } = other.consumer.agent();
    (config as { policy: Uint8Array }).policy = law.id;
    refusedAs(other, heardAs(other, standing, {}, { policy: law.id }), "policy-untrusted");
  });

  test("nothing for a snapshot that is too old: the holder may name a fresher one in its context", () => {
    const leaseClasses = scenePolicy.leaseClasses.map((each) => ({
      ...each,
      snapshotAgeMaxUs: 3 * SECOND_US,
    }));
    const scene = twoAgents({ authority: { policy: { leaseClasses } } });
    scene.run(4 * SECOND_US);
    const offer = scene.offer();
    expect(scene.accept(scene.consumer, offer).ok).toBe(true);
  });
});

describe("an offer whose documents are not at hand", () => {
  /** Nothing that names the seller's entitlement reaches the consumer. */
  function withoutCredentials(scene: Scene): () => void {
    const { carry } = scene.mesh;
    scene.mesh.carry = (message) =>
      message.to === "consumer 0" && message.kind === "credential" ? [] : carry(message);
    return () => {
      scene.mesh.carry = carry;
    };
  }

  test("is answered context-incomplete by command, asked for, and accepted when they have come", () => {
    const scene = twoAgents();
    const hear = withoutCredentials(scene);
    const offer = scene.offer();
    const hidden = scene.holder.agent().config.credentials[0];
    const asked = (): number => scene.consumer.effects("want").length;
    expect(scene.consumer.effects("want").flatMap(({ ids }) => ids)).toEqual([hidden]);
    hear();
    expect(findings(scene.accept(scene.consumer, offer)).map(({ code }) => code)).toEqual([
      "context-incomplete",
    ]);
    expect(asked()).toBe(2);
    scene.run(50_000);
    expect(scene.accept(scene.consumer, offer).ok).toBe(true);
  });

  test("waits with a wish, without taking its place, and is accepted when they come", () => {
    const scene = wishing();
    const hear = withoutCredentials(scene);
    const offer = scene.offer();
    scene.run(2 * SECOND_US);
    expect(scene.consumer.agent().volatile.pendingOffers.size).toBe(1);
    expect(scene.consumer.written("acceptance")).toHaveLength(0);
    expect(said(scene.consumer)).toEqual([]);
    hear();
    scene.run(3 * SECOND_US);
    expect(scene.consumer.written("acceptance").map(({ body }) => body.offer)).toEqual([offer.id]);
    expect(scene.consumer.agent().volatile.pendingOffers.size).toBe(0);
    expect(leasesOf(scene.consumer)).toHaveLength(1);
  });

  test("is given up after its bound, and says once what did not come", () => {
    const scene = wishing();
    withoutCredentials(scene);
    const offer = scene.offer();
    scene.run(29 * SECOND_US);
    expect(said(scene.consumer)).toEqual([]);
    scene.run(3 * SECOND_US);
    expect(said(scene.consumer)).toEqual(["context-incomplete offer"]);
    expect(scene.consumer.agent().volatile.pendingOffers.size).toBe(0);
    scene.consumer.take({ kind: "message", bytes: packEnvelope(offer.envelope) });
    scene.run(33 * SECOND_US);
    expect(said(scene.consumer)).toEqual(["context-incomplete offer"]);
  });

  test("of one author beyond the bound is not kept", () => {
    const scene = wishing();
    withoutCredentials(scene);
    const offer = scene.offer();
    for (let i = 0; i < 20; i++)
      heardAs(scene, offer, { challenge: named(`challenge ${i}`) }, { credential: named(`link ${i}`) });
    const { pendingOffers, counters } = scene.consumer.agent().volatile;
    expect(pendingOffers.size).toBe(bounds.PENDING_PER_PEER_MAX);
    expect(counters.get("pending-full")).toBe(21 - bounds.PENDING_PER_PEER_MAX);
  });

  test("is asked for within a bound that leaves room to ask for what is bound already", () => {
    const scene = twoAgents();
    const offer = scene.offer();
    scene.run(2 * SECOND_US);
    const before = scene.consumer.effects("want").length;
    for (let i = 0; i < 20; i++)
      heardAs(scene, offer, { challenge: named(`challenge ${i}`) }, { credential: named(`link ${i}`) });
    expect(scene.consumer.effects("want").length - before).toBe(bounds.OFFER_WANTS_PER_SECOND);
    expect(bounds.OFFER_WANTS_PER_SECOND).toBeLessThan(bounds.WANTS_PER_SECOND);
  });

  test("of the consumer's own waits too: without a fix yet, it is accepted with the first one", () => {
    const scene = wishing();
    scene.consumer.crash();
    scene.consumer.now.fixes = false;
    const offer = scene.offer();
    scene.consumer.start();
    const link = scene.holder.agent().config.credentials[0];
    const sold = scene.authority.root.records.find(({ id }) => String(id) === String(link));
    if (sold === undefined) throw new Error("the root wrote it");
    for (const each of [scene.holder.lineage.inception, sold, offer])
      scene.consumer.take({ kind: "message", bytes: packEnvelope(each.envelope) });
    scene.run(2 * SECOND_US);
    expect(scene.consumer.written("acceptance")).toHaveLength(0);
    expect(said(scene.consumer)).toEqual([]);
    scene.consumer.now.fixes = true;
    scene.run(3 * SECOND_US);
    expect(scene.consumer.written("acceptance")).toHaveLength(1);
  });
});

describe("a standing offer that is refused", () => {
  test("is refused here alone, once for each cause, with measured and required, and leaves the wish open", () => {
    const scene = wishing();
    scene.mesh.carry = (message) => (message.kind === "offer" ? [] : [3_000]);
    const offer = scene.offer();
    const { eligibility } = offer.body;
    const others = { ...eligibility, eligibilityClass: "others" };
    const refused = heardAs(scene, offer, { eligibility: others });
    scene.run(100_000);
    for (let i = 0; i < 5; i++)
      scene.consumer.take({ kind: "message", bytes: packEnvelope(refused.envelope) });
    const notes = scene.consumer.effects("note").filter(({ event }) => event.what === "refused");
    expect(notes).toHaveLength(1);
    expect(notes[0]?.event).toMatchObject({
      subject: refused.id,
      rejections: [
        {
          code: "not-eligible",
          measured: { classes: "scene" },
          required: { eligibilityClass: "others" },
        },
      ],
    });
    expect(scene.consumer.written("rejection")).toHaveLength(0);
    // Another cause of the same offer is said too.
    scene.run(31 * SECOND_US);
    scene.consumer.take({ kind: "message", bytes: packEnvelope(refused.envelope) });
    expect(said(scene.consumer).slice(1)).toEqual(["outside-temporal-window pair.skew"]);
    scene.mesh.carry = () => [3_000];
    scene.offer();
    scene.run(3 * SECOND_US);
    expect(scene.consumer.written("acceptance")).toHaveLength(1);
    expect(scene.consumer.radio.isOn()).toBe(true);
  });
});
