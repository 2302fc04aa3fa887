/** Who stands above a lease, and what its word has to be (PROTOCOL §6). */
import { describe, expect, test } from "vitest";
import { chainOf } from "../../../src/core/authority/chain.ts";
import {
  acknowledgementFaults,
  type Overseen,
  overseerOf,
  oversightOf,
} from "../../../src/core/authority/oversight.ts";
import { bodiesFrom } from "../../../src/core/pairing/bodies.ts";
import type { Oversight, Policy } from "../../../src/core/record/kinds/policy.ts";
import { scenePolicy } from "../../support/scripted-authority.ts";
import { twoAgents } from "../../support/two-agents.ts";

const scene = twoAgents();
const lease = scene.settle();
const { root, rootLink } = scene.authority;
const bodies = bodiesFrom([...lease.documents, rootLink]);

function policyOf(oversight: Oversight | null): Policy {
  return {
    ...scenePolicy,
    leaseClasses: scenePolicy.leaseClasses.map((each) => ({ ...each, oversight })),
  };
}

describe("whoever stands above a lease", () => {
  const chain = chainOf(lease.offer.header.credential, bodies);
  const above = (level: string) => overseerOf(chain, scenePolicy, { level, duty: "acknowledged" });

  test("is the nearest lineage above the seller that reaches the level", () => {
    expect(above("root")).toEqual(root.inception.header.lineage);
  });

  test("is nobody at a level that the taxonomy lacks, or where nothing of the chain is known", () => {
    expect(above("pope")).toBeNull();
    const none = { links: [], missing: null } as unknown as typeof chain;
    expect(overseerOf(none, scenePolicy, { level: "root", duty: "notified" })).toBeNull();
  });

  test("is not a link whose level the taxonomy lacks", () => {
    const levels = scenePolicy.levels.filter(({ name }) => name !== rootLink.body.level);
    const [low] = levels;
    if (low === undefined) throw new Error("the scene has several levels");
    expect(
      overseerOf(chain, { ...scenePolicy, levels }, { level: low.name, duty: "acknowledged" }),
    ).toBeNull();
  });

  test("is asked nothing by a class that policy lacks", () => {
    expect(oversightOf(scenePolicy, "no such class")).toBeNull();
  });
});

describe("an acknowledgement", () => {
  function faults(change: Partial<Overseen>, credential: Uint8Array | null = rootLink.id): readonly string[] {
    const overseen: Overseen = {
      artifact: lease.derived.id,
      holderSettlement: lease.holderSettlement,
      consumer: lease.acceptance.header.lineage,
      block: lease.derived.artifact.block,
      leaseClass: lease.derived.artifact.terms.leaseClass,
      policy: policyOf({ level: "root", duty: "acknowledged" }),
      ...change,
    };
    const body = { artifact: lease.derived.id, record: lease.holderSettlement.id };
    const given = root.write("acknowledgement", body, { credential });
    const { interval } = lease.holderSettlement.body.context;
    return acknowledgementFaults(given, overseen, interval, bodies).map(({ code }) => code);
  }

  test("of that level, over the block, holds", () => {
    expect(faults({})).toEqual([]);
  });

  test("under no credential reaches no level and covers nothing", () => {
    expect(faults({}, null)).toContain("acknowledgement-level");
  });

  test("holds for no class that asks for none, is unknown, or names a level that the taxonomy lacks", () => {
    expect(faults({ policy: policyOf(null) })).toEqual(["acknowledgement-level"]);
    expect(faults({ leaseClass: "no such class" })).toEqual(["acknowledgement-level"]);
    expect(faults({ policy: policyOf({ level: "pope", duty: "acknowledged" }) })).toEqual([
      "acknowledgement-level",
    ]);
  });

  test("by another root holds for nothing, also where that root is recognised: what is let is the seller's licence", () => {
    const two = twoAgents({ twoRoots: { consumers: {}, holder: {} } });
    const abroad = two.settle();
    const { other } = two;
    if (other === null) throw new Error("the scene has two roots");
    expect(abroad.holderSettlement.body.context.recognitions.length).toBeGreaterThan(0);
    const said = (by: typeof two.authority): readonly string[] => {
      const body = { artifact: abroad.derived.id, record: abroad.holderSettlement.id };
      const given = by.root.write("acknowledgement", body, { credential: by.rootLink.id });
      const overseen: Overseen = {
        artifact: abroad.derived.id,
        holderSettlement: abroad.holderSettlement,
        consumer: abroad.acceptance.header.lineage,
        block: abroad.derived.artifact.block,
        leaseClass: abroad.derived.artifact.terms.leaseClass,
        policy: policyOf({ level: "root", duty: "acknowledged" }),
      };
      const links = bodiesFrom([...abroad.documents, two.authority.rootLink, other.rootLink]);
      const { interval } = abroad.holderSettlement.body.context;
      return acknowledgementFaults(given, overseen, interval, links).map(({ code }) => code);
    };
    expect(said(other)).toEqual(["chain-root"]);
    // And the consumer, which trusts the other root alone, takes the word of the seller's.
    expect(said(two.authority)).toEqual([]);
  });

  test("of the consumer's own hand is a party's", () => {
    expect(faults({ consumer: root.inception.header.lineage })).toContain("acknowledgement-by-party");
  });
});
