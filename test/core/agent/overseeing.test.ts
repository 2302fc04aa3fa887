/** A level above the parties has to acknowledge: its record gates the radio, never the artifact (PROTOCOL §6). */
import { describe, expect, test } from "vitest";
import { equalBytes } from "../../../src/core/base/bytes.ts";
import type { Credential } from "../../../src/core/record/kinds/credential.ts";
import type { Oversight } from "../../../src/core/record/kinds/policy.ts";
import type { RecordOf } from "../../../src/core/record/record.ts";
import type { Lease } from "../../../src/core/settlement/lease.ts";
import { writeWant } from "../../../src/core/wire/want.ts";
import { SECOND_US, sceneBlock, scenePolicy, scriptedLineage } from "../../support/scripted-authority.ts";
import { packEnvelope } from "../../support/scripted-host.ts";
import { leaseAt, leasesOf, type Scene, twoAgents } from "../../support/two-agents.ts";

function scene(oversight: Oversight | null = { level: "root", duty: "acknowledged" }): Scene {
  const leaseClasses = scenePolicy.leaseClasses.map((each) => ({ ...each, oversight }));
  return twoAgents({ authority: { policy: { leaseClasses } } });
}

/** Settled and effective on both sides, after `us`. */
function settled(of: Scene, us = 20 * SECOND_US): Lease {
  expect(of.accept(of.consumer, of.offer()).ok).toBe(true);
  of.run(us);
  const [lease] = leasesOf(of.consumer);
  if (lease === undefined) throw new Error("a settled pair is a lease");
  return lease;
}

type Change = Partial<{ readonly artifact: Uint8Array; readonly record: Uint8Array }>;

/** The root's word, under its own credential. */
function acknowledged(of: Scene, lease: Lease, change: Change = {}): RecordOf<"acknowledgement"> {
  const body = { artifact: lease.derived.id, record: lease.holderSettlement.id, ...change };
  const { root, rootLink } = of.authority;
  return root.write("acknowledgement", body, { credential: rootLink.id });
}

function hear(of: Scene, ...records: readonly { readonly envelope: RecordOf<"offer">["envelope"] }[]): void {
  for (const { envelope } of records) of.consumer.take({ kind: "message", bytes: packEnvelope(envelope) });
}

function armed({ consumer }: Scene): number {
  return consumer.effects("arm").length;
}

function refusals({ consumer }: Scene): readonly string[] {
  return consumer
    .effects("note")
    .flatMap(({ event }) => (event.what === "refused" ? event.rejections.map(({ code }) => code) : []));
}

/** An authority below the root, at a level, over a scope: it acknowledges in the root's place. */
function desk(of: Scene, change: Partial<Credential>, lease: Lease): RecordOf<"acknowledgement"> {
  const below = of.authority.below("desk", change);
  hear(of, ...below.ground);
  const author = scriptedLineage(of.scheme, "desk");
  const body = { artifact: lease.derived.id, record: lease.holderSettlement.id };
  return author.write("acknowledgement", body, { credential: below.link.id });
}

describe("a lease of a class that has to be acknowledged", () => {
  test("is settled, confirmed and renewed without it, beyond effectiveBy, and its radio stays silent", () => {
    const of = scene();
    const lease = settled(of, 60 * SECOND_US);
    expect(leaseAt(of.consumer, lease)).toMatchObject({ termination: null, relinquishment: null });
    expect(leaseAt(of.consumer, lease).lastRenewal).not.toBeNull();
    expect(leaseAt(of.holder, lease).termination).toBeNull();
    expect(of.consumer.written("actuation")).toHaveLength(0);
    expect(armed(of)).toBe(0);
    expect(of.consumer.radio.isOn()).toBe(false);
    // One a period, not a storm of them.
    expect(of.consumer.written("renewal-request").length).toBeLessThan(60 / 3 + 3);
  });

  test("is armed once it is stored, by a renewal that is asked for at once", () => {
    const of = scene();
    const lease = settled(of);
    const given = acknowledged(of, lease);
    hear(of, given);
    of.run(SECOND_US);
    expect(of.consumer.radio.isOn()).toBe(true);
    const [kept] = of.consumer.written("acknowledgement");
    expect(kept?.body.record).toEqual(given.id);
    const [first] = of.consumer.written("actuation");
    expect(first?.header.seq).toBeGreaterThan(kept?.header.seq ?? Number.POSITIVE_INFINITY);
    expect(leaseAt(of.consumer, lease).acknowledgement?.id).toEqual(given.id);
    hear(of, given);
    of.run(30 * SECOND_US);
    expect(of.consumer.written("acknowledgement")).toHaveLength(1);
    expect(of.consumer.radio.isOn()).toBe(true);
  });

  test("is not armed by one that is queued and not flushed", () => {
    const of = scene();
    const lease = settled(of);
    of.consumer.now.stalled = true;
    hear(of, acknowledged(of, lease));
    of.run(5 * SECOND_US);
    expect(armed(of)).toBe(0);
    of.consumer.now.stalled = false;
    of.run(SECOND_US);
    expect(armed(of)).toBe(1);
  });

  test("is armed after a restart, since the log holds it; before it, a restart changes nothing", () => {
    const of = scene();
    const lease = settled(of);
    of.consumer.crash();
    of.consumer.start();
    of.run(20 * SECOND_US);
    expect(armed(of)).toBe(0);
    expect(leaseAt(of.consumer, lease).relinquishment).toBeNull();
    hear(of, acknowledged(of, lease));
    of.run(SECOND_US);
    of.consumer.crash();
    of.consumer.start();
    of.run(5 * SECOND_US);
    expect(of.consumer.radio.isOn()).toBe(true);
    expect(of.consumer.written("acknowledgement")).toHaveLength(1);
  });

  test("takes one that came before the lease was bound here", () => {
    const of = scene();
    of.mesh.carry = ({ to, kind }) => (to !== "holder" && kind === "settlement" ? [2 * SECOND_US] : [3_000]);
    expect(of.accept(of.consumer, of.offer()).ok).toBe(true);
    of.run(SECOND_US);
    const [bound] = leasesOf(of.holder);
    if (bound === undefined) throw new Error("the holder bound it");
    expect(leasesOf(of.consumer)).toHaveLength(0);
    hear(of, acknowledged(of, bound));
    of.run(8 * SECOND_US);
    expect(of.consumer.radio.isOn()).toBe(true);
  });

  test("is not armed by one for another lease, or of another settlement", () => {
    const of = scene();
    const lease = settled(of);
    hear(of, acknowledged(of, lease, { record: lease.offer.id }));
    hear(of, acknowledged(of, lease, { artifact: lease.offer.id }));
    of.run(5 * SECOND_US);
    expect(armed(of)).toBe(0);
    expect(refusals(of)).toContain("acknowledgement-other-lease");
  });

  test("is not armed by the holder's own word", () => {
    const of = scene();
    const lease = settled(of);
    const { lineage, inception } = { lineage: of.holder.lineage, inception: of.holder.lineage.inception };
    const body = { artifact: lease.derived.id, record: lease.holderSettlement.id };
    const credential = lease.offer.header.credential;
    // Its next record, as the holder itself would sign it.
    const forged = lineage.write("acknowledgement", body, { seq: 1_000, previous: inception.id, credential });
    hear(of, forged);
    of.run(5 * SECOND_US);
    expect(armed(of)).toBe(0);
    expect(refusals(of)).toEqual(
      expect.arrayContaining(["acknowledgement-by-party", "acknowledgement-level"]),
    );
  });

  test.each<[string, Partial<Credential>, readonly string[]]>([
    ["at policy's level, over the block", { level: "root" }, []],
    ["below policy's level", { level: "licensee" }, ["acknowledgement-level"]],
    [
      "over another band",
      { level: "root", scope: [{ ...sceneBlock, lowerHz: 434_000_000, upperHz: 434_500_000 }] },
      ["box-frequency-outside"],
    ],
    ["that ended", { level: "root", untilUs: sceneBlock.fromUs + 2 }, ["credential-validity"]],
  ])("by an authority %s", (_, change, codes) => {
    const of = scene();
    const lease = settled(of);
    const given = desk(of, change, lease);
    hear(of, given);
    of.run(5 * SECOND_US);
    expect(armed(of)).toBe(codes.length === 0 ? 1 : 0);
    expect(refusals(of)).toEqual(expect.arrayContaining([...codes]));
  });

  test("is not armed by an authority whose credential was revoked", () => {
    const of = scene();
    const lease = settled(of);
    const given = desk(of, { level: "root" }, lease);
    const { credential } = given.header;
    if (credential === null) throw new Error("the desk signs under its credential");
    hear(of, of.authority.snapshot(of.nowUs(), [credential]), given);
    of.run(5 * SECOND_US);
    expect(armed(of)).toBe(0);
    expect(refusals(of)).toContain("credential-revoked");
  });

  test("waits for a link of its author's chain, and asks for it", () => {
    const of = scene();
    const lease = settled(of);
    const below = of.authority.below("desk", { level: "root" });
    const author = scriptedLineage(of.scheme, "desk");
    const body = { artifact: lease.derived.id, record: lease.holderSettlement.id };
    hear(of, author.inception, author.write("acknowledgement", body, { credential: below.link.id }));
    of.run(SECOND_US);
    expect(armed(of)).toBe(0);
    const asked = of.consumer.effects("want").flatMap(({ ids }) => ids);
    expect(asked.some((id) => equalBytes(id, below.link.id))).toBe(true);
    hear(of, below.link);
    of.run(2 * SECOND_US);
    expect(armed(of)).toBe(1);
  });
});

describe("whoever stands above", () => {
  /** Settlements that were published to the root's inbox, by author. */
  function notices(of: Scene): readonly string[] {
    const root = of.authority.root.inception.header.lineage;
    return of.hosts.flatMap((host) =>
      host
        .effects("publish")
        .flatMap(({ route, record }) =>
          route.to === "agent" && equalBytes(route.lineage, root) && record.kind === "settlement"
            ? [host.script.name]
            : [],
        ),
    );
  }

  test("is told by the holder once, where the class asks for notice, and nothing waits", () => {
    const of = scene({ level: "root", duty: "notified" });
    settled(of);
    expect(notices(of)).toEqual(["holder"]);
    expect(of.consumer.radio.isOn()).toBe(true);
  });

  test("is asked by the consumer until it acknowledges", () => {
    const of = scene();
    const lease = settled(of);
    expect(notices(of).filter((name) => name === "consumer 0").length).toBeGreaterThan(1);
    hear(of, acknowledged(of, lease));
    of.run(SECOND_US);
    const before = notices(of).length;
    of.run(60 * SECOND_US);
    expect(notices(of)).toHaveLength(before);
  });

  test("hears nothing where the class asks for nobody", () => {
    const of = scene(null);
    settled(of);
    expect(notices(of)).toEqual([]);
  });

  test("is given the pair's records when it asks for them, and a stranger is not", () => {
    const of = scene();
    const lease = settled(of);
    const asked = (requester: Uint8Array): number => {
      const before = of.holder.effects("publish").length;
      of.holder.take({ kind: "message", bytes: want(requester, lease.acceptance.id) });
      return of.holder.effects("publish").length - before;
    };
    expect(asked(of.authority.root.inception.header.lineage)).toBe(1);
    expect(asked(scriptedLineage(of.scheme, "stranger").inception.header.lineage)).toBe(0);
  });
});

function want(lineage: Uint8Array, id: Uint8Array): Uint8Array {
  return writeWant({ lineage, ids: [id] });
}
