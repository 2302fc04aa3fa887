import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ZERO_ID } from "../../../../src/core/record/identity.ts";
import type { Admission } from "../../../../src/core/record/kinds/admission.ts";
import type { Credential } from "../../../../src/core/record/kinds/credential.ts";
import type { Level, Policy, Weighing } from "../../../../src/core/record/kinds/policy.ts";
import {
  credentialFor,
  type Observed,
  type PairChange,
  type Party,
  pairOf,
  party,
  record,
  snapshotBy,
} from "../../../support/pair-builder.ts";
import { evaluated, failedOf } from "../findings.ts";
import { NOW_US, policy } from "../pair-values.ts";
import { attestationsOf, ofDevice } from "./attestation-chain.ts";

const { cast } = pairOf();

const weighing: Weighing = {
  attestation: 5,
  attestationsMax: 4,
  attestationStepUs: 0,
  corroboration: 10,
  corroborationsMax: 3,
  least: -100,
  most: 100,
};

/** The policy's levels, with `change` made to the one of that name. */
function withLevel(name: string, change: Partial<Level>): Partial<Policy> {
  return { levels: policy.levels.map((level) => (level.name === name ? { ...level, ...change } : level)) };
}

function verdictOf(change: PairChange): string {
  return evaluated(pairOf(change)).verdict;
}

function weighedOf(change: PairChange): Readonly<Record<string, unknown>> {
  const found = evaluated(pairOf(change)).checks.find(({ code }) => code === "weight-threshold");
  if (found === undefined) throw new Error("every pair is weighed");
  return found.measured;
}

/** `by`, under a credential of its own by the root, admitted `peer`. */
function observed(by: Party, peer: Party, change: Change = {}): Observed {
  const { issuer = cast.root, link = {}, admission = {}, parents = [] } = change;
  const own = record("credential", issuer, credentialFor(by, { level: "user", ...link }));
  const body: Admission = {
    peer: peer.lineage,
    peerCredential: ZERO_ID,
    verdict: "admitted",
    findings: [],
    ...admission,
  };
  return {
    admission: record("admission", by, body, { header: { credential: own.id } }),
    links: [own, ...parents],
  };
}

type Change = {
  readonly issuer?: Party;
  readonly link?: Partial<Credential>;
  readonly admission?: Partial<Admission>;
  readonly parents?: Observed["links"];
};

const [first, second, third] = [party("first witness"), party("second witness"), party("third witness")];

describe("the document's columns", () => {
  test("weight: a lighter level in the document, and the same pair is refused", () => {
    expect(verdictOf({})).toBe("admit");
    expect(verdictOf({ policy: withLevel("user", { weight: 9 }) })).toBe("refuse");
    expect(verdictOf({ policy: withLevel("user", { weight: 10 }) })).toBe("admit");
  });

  test.each(["user", "operator"])(
    "admits: a level %s that admits none, and the same pair is refused",
    (name) => {
      expect(verdictOf({ policy: withLevel(name, { admits: "none" }) })).toBe("refuse");
      const side = name === "user" ? "acceptance" : "offer";
      expect(failedOf({ policy: withLevel(name, { admits: "none" }) })).toMatchObject([
        {
          code: "level-not-admitted",
          field: `${side}.level`,
          measured: { level: name, admits: "none", corroborations: 0 },
        },
      ]);
    },
  );

  test("admits: a level that has to be corroborated is deferred, and admitted once somebody else observed it", () => {
    const asks = { policy: withLevel("user", { admits: "corroborated" }) };
    expect(verdictOf(asks)).toBe("defer");
    expect(failedOf(asks)).toMatchObject([{ required: { corroborationsMin: 1 }, otherwise: "defer" }]);
    expect(verdictOf({ ...asks, corroborations: [observed(first, cast.consumer)] })).toBe("admit");
    expect(verdictOf({ ...asks, corroborations: [observed(first, cast.holder)] })).toBe("defer");
  });

  test("admits: what an issuer of such a level issued entitles to nothing", () => {
    expect(failedOf({ policy: withLevel("licensee", { admits: "none" }) })).toMatchObject([
      { code: "level-not-admitted", field: "offer.credential[1].level", otherwise: "refuse" },
    ]);
    expect(verdictOf({ policy: withLevel("licensee", { admits: "corroborated" }) })).toBe("admit");
  });

  test("rank: the buyer's level moved below the one asked for, and the same pair is refused", () => {
    const asks = { eligibility: { level: "user", verb: "acquire", eligibilityClass: "bench" } } as const;
    const levels = [...policy.levels, { ...(policy.levels[2] as Level), name: "guest" }];
    const guest: PairChange = { offer: asks, consumerLink: { level: "guest" }, policy: { levels } };
    expect(verdictOf(guest)).toBe("admit");
    const lower = levels.map((level) => (level.name === "guest" ? { ...level, rank: 4 } : level));
    expect(verdictOf({ ...guest, policy: { levels: lower } })).toBe("refuse");
  });

  test("a level that the document does not name admits nothing and weighs nothing", () => {
    const change: PairChange = { consumerLink: { level: "king" } };
    expect(failedOf(change).map(({ code }) => code)).toEqual([
      "not-eligible-level",
      "level-not-admitted",
      "weight-threshold",
    ]);
    expect(weighedOf({ ...change, policy: { weighing: { ...weighing, least: 50 } } })).toMatchObject({
      buyer: 0,
    });
  });
});

describe("weight against the threshold", () => {
  test("is told with all its inputs, one short of it and just at it", () => {
    expect(failedOf({ policy: { weightThreshold: 61 } })).toEqual([
      {
        code: "weight-threshold",
        field: "pair",
        passed: false,
        otherwise: "refuse",
        measured: {
          ...{ seller: 40, sellerLevel: "operator", sellerAttestations: 0, sellerCorroborations: 0 },
          ...{ buyer: 20, buyerLevel: "user", buyerAttestations: 0, buyerCorroborations: 0 },
        },
        required: { sumMin: 61 },
      },
    ]);
    expect(failedOf({ policy: { weightThreshold: 60 } })).toEqual([]);
  });

  test("is deferred where evidence that may still come could reach it, and refused where none could", () => {
    // Three corroborations a side are the most that could come: 40 + 30 + 20 + 30.
    expect(verdictOf({ policy: { weighing, weightThreshold: 120 } })).toBe("defer");
    expect(verdictOf({ policy: { weighing, weightThreshold: 121 } })).toBe("refuse");
    const most = { ...weighing, most: 45 };
    expect(verdictOf({ policy: { weighing: most, weightThreshold: 91 } })).toBe("refuse");
  });

  test("is held between the least and the most that policy lets anybody weigh", () => {
    expect(weighedOf({ policy: { weighing: { ...weighing, most: 30 } } })).toMatchObject({
      seller: 30,
      buyer: 20,
    });
    expect(weighedOf({ policy: { weighing: { ...weighing, least: 25 } } })).toMatchObject({
      seller: 40,
      buyer: 25,
    });
  });

  test("lifts no veto, however heavy both sides are", () => {
    const vetoes: readonly PairChange[] = [
      { consumerLink: { verbs: ["audit"] } },
      { consumerLink: { eligibilityClasses: [] } },
      { consumerLink: { tier: "simulated" } },
      { acceptance: { resource: "another" } },
      { policy: { spatialWindowMm: 1 } },
      { context: { roots: [] } },
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...vetoes),
        fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 3, maxLength: 3 }),
        fc.integer({ min: 0, max: 1000 }),
        fc.integer({ min: -2000, max: 2000 }),
        (veto, weights, corroboration, weightThreshold) => {
          const levels = policy.levels.map((level, i) => ({ ...level, weight: weights[i] ?? 0 }));
          const heavy = { ...weighing, corroboration, least: 1000, most: 1000 };
          const corroborations = [observed(first, cast.consumer), observed(second, cast.holder)];
          const change = { ...policy, ...veto.policy, levels, weighing: heavy, weightThreshold };
          expect(verdictOf({ ...veto, corroborations, policy: change })).toBe("refuse");
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe("corroboration", () => {
  const weighed = { weighing };
  const bought = (...corroborations: readonly Observed[]): unknown =>
    weighedOf({ policy: weighed, corroborations })["buyerCorroborations"];

  test("is by third parties, each as often as they are different parties", () => {
    expect(bought(observed(first, cast.consumer))).toBe(1);
    expect(bought(observed(first, cast.consumer), observed(second, cast.consumer))).toBe(2);
    const one = { link: { owner: "one company" } };
    expect(bought(observed(first, cast.consumer, one), observed(second, cast.consumer, one))).toBe(1);
    const three = [
      observed(first, cast.consumer, one),
      observed(second, cast.consumer, one),
      observed(third, cast.consumer),
    ];
    expect(bought(...three)).toBe(2);
    expect(weighedOf({ policy: weighed, corroborations: three })).toMatchObject({ buyer: 40, seller: 40 });
  });

  test("counts only up to what policy says, and adds nothing where policy does not weigh it", () => {
    const two = [observed(first, cast.consumer), observed(second, cast.consumer)];
    expect(
      weighedOf({ policy: { weighing: { ...weighing, corroborationsMax: 1 } }, corroborations: two }),
    ).toMatchObject({
      buyer: 30,
      buyerCorroborations: 2,
    });
    expect(weighedOf({ corroborations: two })).toMatchObject({ buyer: 20 });
  });

  test.each<readonly [string, Observed]>([
    ["the other side of the pair", observed(cast.holder, cast.consumer)],
    ["the party itself", observed(cast.consumer, cast.consumer)],
    ["somebody of its owner", observed(first, cast.consumer, { link: { owner: "consumer" } })],
    ["somebody of the other side's owner", observed(first, cast.consumer, { link: { owner: "holder" } })],
    ["the issuer of the other side's credential", observed(cast.broker, cast.consumer)],
    ["a party of another peer", observed(first, second)],
    ["who refused it", observed(first, cast.consumer, { admission: { verdict: "refused" } })],
    ["a level that policy does not know", observed(first, cast.consumer, { link: { level: "king" } })],
    ["an expired credential", observed(first, cast.consumer, { link: { untilUs: NOW_US + 500_000 } })],
    ["a root of its own", observed(first, cast.consumer, { issuer: party("false root") })],
    [
      "a credential for another key",
      observed(first, cast.consumer, { link: { subjectKey: second.keyId, subjectLineage: second.lineage } }),
    ],
  ])("does not count by %s", (_name, each) => {
    expect(bought(each)).toBe(0);
  });

  test("does not count below an authority that the other side's chain goes through, or by one key in two names", () => {
    const rootLink = record(
      "credential",
      cast.root,
      credentialFor(cast.broker, { verbs: ["allocate", "issue"], depthLeft: 1, level: "licensee" }),
    );
    const below = { issuer: cast.broker, parents: [rootLink], link: { parent: rootLink.id } };
    expect(bought(observed(first, cast.consumer, below))).toBe(0);
    const ak = { akName: new Uint8Array(34).fill(9) };
    const twice = [
      observed(first, cast.consumer, { link: ak }),
      observed(second, cast.consumer, { link: ak }),
    ];
    expect(bought(...twice)).toBe(1);
  });

  test("does not count once the credential behind it is revoked", () => {
    const each = observed(first, cast.consumer);
    const revoked = each.links.map(({ id }) => id);
    const snapshots = [snapshotBy(cast.root, { revoked }), snapshotBy(cast.broker)];
    expect(weighedOf({ policy: weighed, corroborations: [each], snapshots })).toMatchObject({
      buyerCorroborations: 0,
    });
  });

  test("never weighs less with one observation more", () => {
    const parties = Array.from({ length: 5 }, (_, i) => party(`crowd ${i}`));
    const crowd = fc.array(
      fc.record({
        by: fc.constantFrom(...parties),
        owner: fc.constantFrom("one", "two", "three", "holder"),
        peer: fc.constantFrom(cast.consumer, cast.holder, first),
      }),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(crowd, (seen) => {
        const all = seen.map(({ by, owner, peer }) => observed(by, peer, { link: { owner } }));
        let before = { seller: Number.NEGATIVE_INFINITY, buyer: Number.NEGATIVE_INFINITY };
        for (let i = 0; i <= all.length; i++) {
          const corroborations = all.slice(0, i);
          const now = weighedOf({ policy: weighed, corroborations }) as typeof before;
          expect(now.seller).toBeGreaterThanOrEqual(before.seller);
          expect(now.buyer).toBeGreaterThanOrEqual(before.buyer);
          expect(Math.max(now.seller, now.buyer)).toBeLessThanOrEqual(weighing.most);
          before = now;
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe("continuity of attestations", () => {
  const days = [1, 2, 3, 4].map((day) => ({ beforeUs: day * 86_400_000_000 }));
  const { consumerLink, acceptanceRecord } = ofDevice(attestationsOf(cast.consumer, days));

  function counted(change: Parameters<typeof attestationsOf>[1], step: Partial<Weighing> = {}): unknown {
    const attestations = attestationsOf(cast.consumer, change);
    const pair = { ...ofDevice(attestations), attestations, policy: { weighing: { ...weighing, ...step } } };
    return weighedOf(pair)["buyerAttestations"];
  }

  test("counts what is behind the latest attestation, each naming the one before", () => {
    expect(counted(days)).toBe(3);
    expect(counted(days.slice(0, 1))).toBe(0);
    const attestations = attestationsOf(cast.consumer, days);
    const pair = { consumerLink, acceptanceRecord, attestations, policy: { weighing } };
    expect(weighedOf(pair)).toMatchObject({ buyer: 35, buyerAttestations: 3 });
    expect(weighedOf({ ...pair, policy: { weighing: { ...weighing, attestationsMax: 2 } } })).toMatchObject({
      buyer: 30,
      buyerAttestations: 2,
    });
  });

  test("ends at one that is missing, and waits for it where it would do", () => {
    const attestations = attestationsOf(cast.consumer, days).filter((_, i) => i !== 2);
    const pair = { consumerLink, acceptanceRecord, attestations };
    expect(weighedOf({ ...pair, policy: { weighing } })).toMatchObject({ buyerAttestations: 1 });
    const alone = { ...weighing, corroborationsMax: 0 };
    expect(verdictOf({ ...pair, policy: { weighing: alone, weightThreshold: 75 } })).toBe("defer");
    const whole = { ...pair, attestations: attestationsOf(cast.consumer, days) };
    expect(verdictOf({ ...whole, policy: { weighing: alone, weightThreshold: 75 } })).toBe("admit");
    expect(verdictOf({ ...whole, policy: { weighing: alone, weightThreshold: 76 } })).toBe("refuse");
  });

  test.each([
    ["another device's", { device: "another" }],
    ["a later epoch's", { epoch: 0, laterEpoch: true }],
    ["by a TPM clock that was set back", { clockMs: 900_000 }],
    ["by a TPM whose resets were counted anew", { resetCount: 9 }],
  ])("ends at one that is %s", (_name, change) => {
    const broken = days.map((each, i) => (i === 2 ? { ...each, ...change } : each));
    const expected = "laterEpoch" in change ? 0 : 1;
    const all = "laterEpoch" in change ? broken.map((each) => ({ ...each, epoch: 1 })) : broken;
    expect(counted(all)).toBe(expected);
  });

  test("counts no more for having been started often: what lies closer than policy's step is one", () => {
    const often = Array.from({ length: 12 }, (_, i) => ({ beforeUs: (i + 1) * 3_600_000_000 }));
    const step = { attestationStepUs: 6 * 3_600_000_000, attestationsMax: 16 };
    expect(counted(often, step)).toBe(1);
    expect(counted(often, { attestationsMax: 16 })).toBe(11);
  });
});
