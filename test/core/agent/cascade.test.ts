/**
 * A link of either chain falls in mid-lease: RF goes off, and the holder's termination names the link (PROTOCOL §3). Both
 * chains have three links, of which the root's own is shared.
 */
import { describe, expect, test } from "vitest";
import { equalBytes } from "../../../src/core/base/bytes.ts";
import type { RecordOf } from "../../../src/core/record/record.ts";
import type { Lease } from "../../../src/core/settlement/lease.ts";
import { SECOND_US, START_US } from "../../support/scripted-authority.ts";
import { packEnvelope } from "../../support/scripted-host.ts";
import { leaseAt, leasesOf, type Scene, type SceneParts, twoAgents } from "../../support/two-agents.ts";

type Link = RecordOf<"credential">;
const CHAINS = { holder: "offer", consumer: "acceptance" } as const;
const SIDES = Object.keys(CHAINS) as readonly (keyof typeof CHAINS)[];
const LINKS = ["the agent's own", "its authority's", "the root's"] as const;
const CASES = SIDES.flatMap((side) => LINKS.map((name, at) => [name, side, at] as const));

const SNAPSHOT_AGE_US = 20 * SECOND_US;
const MUTE_US = 500_000;
/** Both clocks read the same here; their fixes err by milliseconds, and say so. */
const CLOCK_US = SECOND_US;
/** Well inside the block, and behind the moment at which the scenes have settled. */
const LINK_END_US = START_US + 25 * SECOND_US;

function scene(parts: SceneParts = {}): Scene {
  return twoAgents({ delegates: { holder: {}, consumer: {} }, ...parts });
}

function linkOf({ authority, delegates }: Scene, lease: Lease, side: keyof typeof CHAINS, at: number): Link {
  const own = lease[CHAINS[side]].header.credential;
  const issued = lease.documents.find(
    (each): each is Link => each.kind === "credential" && equalBytes(each.id, own ?? new Uint8Array()),
  );
  const chain = [issued, delegates?.[side].link, authority.rootLink];
  const link = chain[at];
  if (link === undefined) throw new Error("the chain has three links");
  return link;
}

/** By whoever issued the link: for the agents' own the authorities below, for the others the root. */
function revocation(
  { authority, delegates, nowUs }: Scene,
  link: Link,
  side: keyof typeof CHAINS,
  at: number,
) {
  const issuer = at === 0 && delegates !== null ? delegates[side] : authority;
  return issuer.snapshot(nowUs(), [link.id]);
}

const terminationOf = (of: Scene, lease: Lease) => leaseAt(of.holder, lease).termination?.body;

describe("a link that is revoked", () => {
  test.each(CASES)("(%s, of the %s) mutes both at once, and the termination names it", (_, side, at) => {
    const of = scene();
    const lease = of.settle();
    const link = linkOf(of, lease, side, at);
    const snapshot = revocation(of, link, side, at);
    of.holder.take({ kind: "message", bytes: packEnvelope(snapshot.envelope) });
    of.run(SECOND_US);
    expect(of.consumer.radio.isOn()).toBe(false);
    expect(terminationOf(of, lease)).toMatchObject({
      reason: "link-fallen",
      link: link.id,
      cause: snapshot.id,
    });
  });

  test.each(CASES)("(%s, of the %s), heard by the consumer alone, mutes it", (_, side, at) => {
    const of = scene();
    const lease = of.settle();
    of.mesh.carry = () => [];
    const snapshot = revocation(of, linkOf(of, lease, side, at), side, at);
    of.consumer.take({ kind: "message", bytes: packEnvelope(snapshot.envelope) });
    of.run(SECOND_US);
    expect(of.consumer.radio.isOn()).toBe(false);
  });
});

/** A narrower link is a new one beside which the old one is revoked: what was settled under the old one does not live on. */
describe("a link that is narrowed in mid-lease", () => {
  const SPANS = [
    ["so that the block is outside", 433_150_000],
    ["though the block is still inside", 433_400_000],
  ] as const;
  const NARROWED = CASES.flatMap(([name, side, at]) =>
    SPANS.map(([how, upperHz]) => [name, side, how, at, upperHz] as const),
  );

  function narrowed(of: Scene, side: keyof typeof CHAINS, at: number, upperHz: number, old: Link): Link {
    const body = { ...old.body, scope: old.body.scope.map((box) => ({ ...box, upperHz })) };
    const { authority, delegates } = of;
    return at === 0 && delegates !== null
      ? delegates[side].issue(of[side].lineage, body)
      : authority.root.write("credential", body, { credential: old.header.credential });
  }

  test.each(NARROWED)(
    "(%s, of the %s, %s) mutes both, and the termination names it",
    (_, side, __, at, hz) => {
      const of = scene();
      const lease = of.settle();
      const old = linkOf(of, lease, side, at);
      const successor = narrowed(of, side, at, hz, old);
      const snapshot = revocation(of, old, side, at);
      for (const each of [successor, snapshot])
        of.holder.take({ kind: "message", bytes: packEnvelope(each.envelope) });
      of.run(SECOND_US);
      expect(of.consumer.radio.isOn()).toBe(false);
      expect(terminationOf(of, lease)).toMatchObject({
        reason: "link-fallen",
        link: old.id,
        cause: snapshot.id,
      });
    },
  );

  test.each(NARROWED)("(%s, of the %s, %s), heard by the consumer alone, mutes it", (_, side, __, at, hz) => {
    const of = scene();
    const lease = of.settle();
    of.mesh.carry = () => [];
    const old = linkOf(of, lease, side, at);
    const successor = narrowed(of, side, at, hz, old);
    for (const each of [successor, revocation(of, old, side, at)])
      of.consumer.take({ kind: "message", bytes: packEnvelope(each.envelope) });
    of.run(SECOND_US);
    expect(of.consumer.radio.isOn()).toBe(false);
  });

  test("and a chain that hangs below the narrower link, wider than it, settles nothing any more", () => {
    const of = scene();
    const { delegates, authority } = of;
    if (delegates === null) throw new Error("the scene has delegates");
    const old = delegates.holder.link;
    narrowed(of, "holder", 1, 433_150_000, old);
    const snapshot = authority.snapshot(of.nowUs(), [old.id]);
    of.holder.take({ kind: "message", bytes: packEnvelope(snapshot.envelope) });
    const offer = of.offer();
    of.accept(of.consumer, offer);
    of.run(4 * SECOND_US);
    expect(leasesOf(of.holder)).toEqual([]);
    const codes = of.holder.written("rejection").flatMap(({ body }) => body.findings.map(({ code }) => code));
    expect(codes).toContain("credential-revoked");
  });
});

test("where nobody hears of it, RF ends with the age that the class tolerates of the last snapshot", () => {
  const [leaseClass] = twoAgents().authority.policy.body.leaseClasses;
  if (leaseClass === undefined) throw new Error("the scene has a lease class");
  const aged = { ...leaseClass, snapshotAgeMaxUs: SNAPSHOT_AGE_US };
  const of = scene({ authority: { policy: { leaseClasses: [aged] } } });
  of.settle();
  const endUs = START_US + SNAPSHOT_AGE_US;
  of.run(endUs - MUTE_US - CLOCK_US - of.nowUs() - SECOND_US);
  expect(of.consumer.radio.isOn()).toBe(true);
  of.run(endUs - of.nowUs());
  expect(of.consumer.radio.isOn()).toBe(false);
});

/** No link outlasts the one above it: an authority's credential ends with all that it issued, or after. */
describe("a link that ends in mid-lease", () => {
  const short = { untilUs: LINK_END_US };
  const ends: readonly (readonly [string, keyof typeof CHAINS, SceneParts])[] = [
    ["the agent's own, of the holder", "holder", { holderCredential: short }],
    ["the agent's own, of the consumer", "consumer", { consumerCredential: short }],
    [
      "its authority's too, of the holder",
      "holder",
      { holderCredential: short, delegates: { holder: short, consumer: {} } },
    ],
    [
      "its authority's too, of the consumer",
      "consumer",
      { consumerCredential: short, delegates: { holder: {}, consumer: short } },
    ],
  ];

  test.each(ends)("(%s) mutes by then, and the termination names it", (_, side, parts) => {
    const of = scene(parts);
    const lease = of.settle();
    const link = linkOf(of, lease, side, 0);
    expect(link.body.untilUs).toBe(LINK_END_US);
    of.run(LINK_END_US - of.nowUs());
    expect(of.consumer.radio.isOn()).toBe(false);
    of.run(4 * SECOND_US);
    expect(terminationOf(of, lease)).toMatchObject({ reason: "link-fallen", link: link.id, cause: null });
    expect(leasesOf(of.consumer).at(-1)?.derived.artifact.block.untilUs).toBeGreaterThan(of.nowUs());
  });
});
