import { describe, expect, test } from "vitest";
import { toHex } from "../../../../src/core/base/bytes.ts";
import { pairOf, party, snapshotBy } from "../../../support/pair-builder.ts";
import { checksOf, type Fault, failedOf } from "../findings.ts";
import { block, box, NOW_US, squareOf } from "../pair-values.ts";

const { cast, context, records } = pairOf();
const C_END_US = NOW_US + 501_000;
const [rootLink, holderLink, consumerLink] = records.filter(({ kind }) => kind === "credential");

const faults: readonly Fault[] = [
  {
    name: "a seller that may not allocate",
    change: { rootLink: { verbs: ["acquire", "issue"] }, holderLink: { verbs: ["acquire"] } },
    code: "not-entitled",
    field: "offer.credential.verbs",
    measured: { verbs: "acquire" },
    required: { verb: "allocate" },
  },
  {
    name: "a buyer that may not acquire",
    change: { consumerLink: { verbs: ["allocate", "audit"] } },
    code: "not-entitled",
    field: "acceptance.credential.verbs",
    measured: { verbs: "allocate audit" },
    required: { verb: "acquire" },
    edge: { consumerLink: { verbs: ["allocate", "audit", "acquire"] } },
  },
  {
    name: "a buyer without the offer's eligibility class",
    change: { consumerLink: { eligibilityClasses: ["bench-2", "campus"] } },
    code: "not-eligible",
    field: "acceptance.credential.eligibilityClasses",
    measured: { classes: "bench-2 campus" },
    required: { eligibilityClass: "bench" },
    edge: { consumerLink: { eligibilityClasses: ["campus", "bench"] } },
  },
  {
    name: "a buyer one level below the one asked for",
    change: { offer: { eligibility: { level: "operator", verb: "acquire", eligibilityClass: "bench" } } },
    code: "not-eligible-level",
    field: "acceptance.credential.level",
    measured: { level: "user" },
    required: { levelMin: "operator" },
    edge: { offer: { eligibility: { level: "user", verb: "acquire", eligibilityClass: "bench" } } },
  },
  {
    name: "a level asked for that policy does not know",
    change: { offer: { eligibility: { level: "king", verb: "acquire", eligibilityClass: "bench" } } },
    code: "not-eligible-level",
    field: "acceptance.credential.level",
    measured: { level: "user" },
    required: { levelMin: "king" },
  },
  {
    name: "a buyer of a level that policy does not know",
    change: { consumerLink: { level: "king" }, policy: { weightThreshold: 40 } },
    code: "not-eligible-level",
    field: "acceptance.credential.level",
    measured: { level: "king" },
    required: { levelMin: "user" },
  },
  {
    name: "a seller whose key is not protected as policy asks",
    change: { holderLink: { tier: "simulated" } },
    code: "key-protection",
    field: "offer.credential.tier",
    measured: { tier: "simulated" },
    required: { tiers: "software tpm" },
    edge: { holderLink: { tier: "tpm" } },
  },
  {
    name: "a buyer whose key is not protected as policy asks",
    change: { consumerLink: { tier: "tpm-ek-verified" } },
    code: "key-protection",
    field: "acceptance.credential.tier",
    measured: { tier: "tpm-ek-verified" },
    required: { tiers: "software tpm" },
    edge: { consumerLink: { tier: "software" } },
  },
  {
    name: "a seller that lets exclusively what it holds shared",
    change: { rootLink: { exclusive: false }, holderLink: { exclusive: false } },
    code: "not-exclusive",
    field: "offer.credential.exclusive",
    measured: { exclusive: "false" },
    required: { exclusive: "true" },
    edge: {
      rootLink: { exclusive: false },
      holderLink: { exclusive: false },
      offer: { block: { ...block, exclusive: false } },
    },
  },
  {
    name: "a link that ends with the interval of evaluation",
    change: { consumerLink: { untilUs: C_END_US } },
    code: "credential-validity",
    field: "acceptance.credential[0]",
    measured: { earliestUs: NOW_US + 300_000, latestUs: C_END_US },
    required: { fromUs: NOW_US - 12 * 3_600_000_000, untilUs: C_END_US },
    edge: { consumerLink: { untilUs: C_END_US + 1 } },
  },
  {
    name: "a link that begins 1 µs after the observation that it stands for",
    change: { holderLink: { fromUs: NOW_US + 1 } },
    code: "credential-validity",
    field: "offer.credential[0]",
    measured: { earliestUs: NOW_US, latestUs: C_END_US },
    required: { fromUs: NOW_US + 1, untilUs: NOW_US + 12 * 3_600_000_000 },
    edge: { holderLink: { fromUs: NOW_US } },
  },
  {
    name: "a root that the context does not name",
    change: { cast: { root: party("other root") }, context: { roots: context.roots } },
    code: "chain-root",
    field: "offer.credential",
    measured: { root: toHex(party("other root").lineage) },
    required: { roots: toHex(cast.root.lineage) },
  },
];

describe("entitlement", () => {
  test("passes each of its checks for both sides of a pair that fits", () => {
    const checks = checksOf().map(({ code, field, passed }) => `${code} ${field} ${passed}`);
    for (const [side, links] of [
      ["offer", 2],
      ["acceptance", 1],
    ] as const) {
      for (const code of ["credential-subject", "chain-root", "chain-narrows"]) {
        expect(checks).toContain(`${code} ${side}.credential true`);
      }
      expect(checks).toContain(`not-entitled ${side}.credential.verbs true`);
      expect(checks).toContain(`block-outside-scope ${side}.block true`);
      expect(checks).toContain(`key-protection ${side}.credential.tier true`);
      for (let i = 0; i < links; i++) {
        for (const code of ["credential-validity", "credential-revoked", "snapshot-age"]) {
          expect(checks).toContain(`${code} ${side}.credential[${i}] true`);
        }
      }
    }
    for (const check of ["not-eligible-level", "not-eligible"]) {
      expect(checks.filter((each) => each.startsWith(`${check} `))).toHaveLength(1);
    }
  });

  test.each(faults)("refuses $name", ({ change, code, field, measured, required }) => {
    const found = failedOf(change).filter((each) => each.field === field);
    expect(found).toEqual([{ code, field, measured, required, passed: false, otherwise: "refuse" }]);
  });

  test.each(faults.filter(({ edge }) => edge !== undefined))(
    "takes what lies just beside: $name",
    ({ edge }) => {
      expect(failedOf(edge ?? {})).toEqual([]);
    },
  );

  test("takes a level above the one asked for", () => {
    expect(failedOf({ consumerLink: { level: "licensee" } })).toEqual([]);
  });

  test("asks for a younger snapshot, at the end of the interval of evaluation, by the class of the lease", () => {
    const issuedUs = C_END_US - 600_000_000;
    const at = (issued: number) => [snapshotBy(cast.root, { issuedUs: issued }), snapshotBy(cast.broker)];
    expect(failedOf({ snapshots: at(issuedUs) })).toEqual([]);
    const [consumerRoot] = [toHex(cast.root.lineage)];
    expect(failedOf({ snapshots: at(issuedUs - 1) })).toMatchObject([
      {
        code: "snapshot-age",
        field: "offer.credential[1]",
        measured: { ageUs: 600_000_001 },
        otherwise: "defer",
      },
      { code: "snapshot-age", field: "acceptance.credential[0]", otherwise: "defer" },
    ]);
    expect(failedOf({ snapshots: [snapshotBy(cast.broker)] })).toMatchObject([
      {
        code: "snapshot-age",
        field: "offer.credential[1]",
        measured: { issuer: consumerRoot, found: "none" },
      },
      { code: "snapshot-age", field: "acceptance.credential[0]", measured: { issuer: consumerRoot } },
    ]);
  });

  test("refuses a chain of which any link is revoked", () => {
    const listed = [
      [rootLink, cast.root, "offer.credential[1]"],
      [holderLink, cast.broker, "offer.credential[0]"],
      [consumerLink, cast.root, "acceptance.credential[0]"],
    ] as const;
    for (const [link, issuer, field] of listed) {
      const other = issuer === cast.root ? cast.broker : cast.root;
      const snapshots = [
        snapshotBy(issuer, { number: 4, revoked: [link?.id ?? issuer.lineage] }),
        snapshotBy(other),
      ];
      expect(failedOf({ snapshots })).toMatchObject([
        { code: "credential-revoked", field, measured: { number: 4 }, otherwise: "refuse" },
      ]);
    }
  });

  test("refuses a chain that the context does not name whole, and judges the rest", () => {
    const credentials = [holderLink, consumerLink].map((link) => link?.id ?? cast.root.lineage);
    expect(failedOf({ context: { credentials } })).toMatchObject([
      {
        code: "chain-incomplete",
        field: "offer.credential",
        measured: { links: 1, missing: toHex(rootLink?.id ?? cast.root.lineage) },
      },
    ]);
    const none = failedOf({ context: { credentials: [] } }).map(({ code, field }) => `${code} ${field}`);
    expect(none).toEqual(
      expect.arrayContaining([
        "chain-incomplete offer.credential",
        "not-entitled offer.credential.verbs",
        "key-protection acceptance.credential.tier",
        "not-eligible acceptance.credential.eligibilityClasses",
        "not-exclusive offer.credential.exclusive",
      ]),
    );
  });

  test("refuses a link that somebody else's key holds", () => {
    expect(failedOf({ consumerLink: { subjectLineage: cast.broker.lineage } })).toMatchObject([
      {
        code: "credential-subject",
        field: "acceptance.credential",
        measured: { subject: toHex(cast.broker.lineage) },
      },
    ]);
    expect(failedOf({ holderLink: { subjectKey: cast.broker.keyId } })).toMatchObject([
      { code: "credential-subject", field: "offer.credential" },
    ]);
  });
});

describe("the block in the scope of each side", () => {
  test.each<[string, Partial<typeof box>, object]>([
    ["1 Hz above", { upperHz: block.upperHz - 1 }, { upperHz: block.upperHz }],
    ["1 Hz below", { lowerHz: block.lowerHz + 1 }, { lowerHz: block.lowerHz }],
    ["1 µs before", { fromUs: block.fromUs + 1 }, { fromUs: block.fromUs }],
    ["1 µs after", { untilUs: block.untilUs - 1 }, { untilUs: block.untilUs }],
    [
      "0.01 dB above",
      { limits: box.limits.map((limit) => ({ ...limit, centiDbm: limit.centiDbm - 1 })) },
      { centiDbm: 1000 },
    ],
    ["1e-7 degree outside", { area: squareOf(99_999) }, {}],
    ["of another class", { commodityClass: "bench-434" }, { commodityClass: "bench-433" }],
  ])("is refused %s, for the seller and for the buyer", (_, change, measured) => {
    const scope = [{ ...box, ...change }];
    const sides = {
      offer: { holderLink: { scope }, rootLink: { scope } },
      acceptance: { consumerLink: { scope } },
    };
    for (const [side, links] of Object.entries(sides)) {
      const failed = failedOf(links);
      expect(failed[0]?.field.startsWith(`${side}.block.`)).toBe(true);
      expect(failed).toHaveLength(1);
      expect(failed[0]).toMatchObject({ measured, required: { parentBox: 0 }, otherwise: "refuse" });
    }
  });

  test("is taken where the scope is exactly the block", () => {
    const { exclusive: _, ...exact } = block;
    const scope = [exact];
    expect(failedOf({ consumerLink: { scope }, holderLink: { scope } })).toEqual([]);
  });
});
