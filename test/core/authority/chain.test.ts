import { describe, expect, test } from "vitest";
import { type Chain, chainOf, checkChain, linkExcess } from "../../../src/core/authority/chain.ts";
import { toHex } from "../../../src/core/base/bytes.ts";
import { type Bodies, bodiesFrom } from "../../../src/core/pairing/bodies.ts";
import type { Credential } from "../../../src/core/record/kinds/credential.ts";
import type { RecordOf } from "../../../src/core/record/record.ts";
import type { Box } from "../../../src/core/record/spectrum-fields.ts";
import { credentialFor, named, type Party, party, record } from "../../support/pair-builder.ts";
import { box, NOW_US, policy, squareOf } from "../pairing/pair-values.ts";

type Link = RecordOf<"credential">;
const [root, broker, holder, stranger] = [party("root"), party("broker"), party("holder"), party("stranger")];
const now = { earliestUs: NOW_US, latestUs: NOW_US + 1_000 };

function link(issuer: Party, subject: Party, change: Partial<Credential> = {}): Link {
  return record("credential", issuer, credentialFor(subject, change));
}

/** What the broker holds of the root: everything that its own links may have, and `issue`. */
const upper: Partial<Credential> = {
  verbs: ["allocate", "acquire", "issue"],
  level: "licensee",
  eligibilityClasses: ["bench", "event"],
  depthLeft: 1,
};

/** The findings of the holder's link `child` against the broker's link `parent`. */
function excess(child: Partial<Credential>, parent: Partial<Credential> = {}, issuer: Party = broker) {
  const over = link(root, broker, { ...upper, ...parent });
  return linkExcess(link(issuer, holder, { parent: over.id, ...child }), over, policy, "link");
}

describe("a link inside its parent", () => {
  test("may be equal to it in everything but depth", () => {
    const own = credentialFor(holder);
    const same = { ...upper, scope: [box], fromUs: own.fromUs, untilUs: own.untilUs, depthLeft: 0 };
    expect(excess(same)).toEqual([]);
  });

  test("may be narrower in everything", () => {
    const narrower = {
      ...box,
      lowerHz: box.lowerHz + 1,
      upperHz: box.upperHz - 1,
      fromUs: box.fromUs + 1,
      untilUs: box.untilUs - 1,
      area: squareOf(99_999),
      limits: box.limits.map((limit) => ({ ...limit, centiDbm: limit.centiDbm - 1 })),
    };
    const { fromUs, untilUs } = credentialFor(holder);
    const change: Partial<Credential> = {
      scope: [narrower, narrower],
      verbs: ["acquire"],
      eligibilityClasses: [],
      level: "user",
      fromUs: fromUs + 1,
      untilUs: untilUs - 1,
    };
    expect(excess(change)).toEqual([]);
  });

  const { fromUs, untilUs } = credentialFor(holder);
  const [lat, half] = [481_371_540, 100_000];
  test.each<[string, Partial<Credential>, object]>([
    [
      "a verb more",
      { verbs: ["allocate", "preempt", "audit"] },
      {
        code: "link-verbs",
        field: "link.verbs",
        measured: { excess: "preempt audit" },
        required: { verbs: "allocate acquire issue" },
      },
    ],
    [
      "an eligibility class more",
      { eligibilityClasses: ["bench", "campus"] },
      {
        code: "link-classes",
        field: "link.eligibilityClasses",
        measured: { excess: "campus" },
        required: { within: "the parent's" },
      },
    ],
    [
      "a start 1 µs earlier",
      { fromUs: fromUs - 1 },
      {
        code: "link-validity",
        field: "link.untilUs",
        measured: { fromUs: fromUs - 1, untilUs },
        required: { fromUs, untilUs },
      },
    ],
    [
      "an end 1 µs later",
      { untilUs: untilUs + 1 },
      {
        code: "link-validity",
        field: "link.untilUs",
        measured: { fromUs, untilUs: untilUs + 1 },
        required: { fromUs, untilUs },
      },
    ],
    [
      "the same depth",
      { depthLeft: 1 },
      {
        code: "link-depth",
        field: "link.depthLeft",
        measured: { depthLeft: 1 },
        required: { depthLeftMax: 0 },
      },
    ],
    [
      "1 Hz below",
      { scope: [{ ...box, lowerHz: box.lowerHz - 1 }] },
      {
        code: "box-frequency-outside",
        field: "link.scope[0].lowerHz",
        measured: { lowerHz: box.lowerHz - 1 },
        required: { lowerHzMin: box.lowerHz, parentBox: 0 },
      },
    ],
    [
      "1 Hz above",
      { scope: [box, { ...box, upperHz: box.upperHz + 1 }] },
      {
        code: "box-frequency-outside",
        field: "link.scope[1].upperHz",
        measured: { upperHz: box.upperHz + 1 },
        required: { upperHzMax: box.upperHz, parentBox: 0 },
      },
    ],
    [
      "1 µs before its scope",
      { scope: [{ ...box, fromUs: box.fromUs - 1 }] },
      {
        code: "box-time-outside",
        field: "link.scope[0].fromUs",
        measured: { fromUs: box.fromUs - 1 },
        required: { fromUsMin: box.fromUs, parentBox: 0 },
      },
    ],
    [
      "1 µs after its scope",
      { scope: [{ ...box, untilUs: box.untilUs + 1 }] },
      {
        code: "box-time-outside",
        field: "link.scope[0].untilUs",
        measured: { untilUs: box.untilUs + 1 },
        required: { untilUsMax: box.untilUs, parentBox: 0 },
      },
    ],
    [
      "1 cdBm more",
      { scope: [{ ...box, limits: [{ centiDbm: 1001, referenceHz: 0, measure: "eirp", detector: "rms" }] }] },
      {
        code: "power-limit-exceeded",
        field: "link.scope[0].limits[0].centiDbm",
        measured: { centiDbm: 1001 },
        required: { centiDbmMax: 1000, parentBox: 0 },
      },
    ],
    [
      "1e-7 degree outside",
      { scope: [{ ...box, area: squareOf(half + 1) }] },
      {
        code: "box-area-outside",
        field: "link.scope[0].area[0]",
        measured: { latE7: lat - half - 1 },
        required: { parentBox: 0 },
      },
    ],
    [
      "a box of another class",
      { scope: [{ ...box, commodityClass: "bench-868" }] },
      {
        code: "box-class-mismatch",
        field: "link.scope[0].commodityClass",
        measured: { commodityClass: "bench-868" },
        required: { commodityClass: "bench-433", parentBox: 0 },
      },
    ],
  ])("is void with %s, and only that is named", (_, change, expected) => {
    const found = excess(change);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject(expected);
  });

  test("is void at a level above its parent's, or at one that policy does not know", () => {
    const finding = (level: string, levelMax: string) => ({
      code: "link-level",
      field: "link.level",
      measured: { level },
      required: { levelMax },
    });
    expect(excess({ level: "operator" }, { level: "operator" })).toEqual([]);
    expect(excess({ level: "licensee" }, { level: "operator" })).toEqual([finding("licensee", "operator")]);
    expect(excess({ level: "king" })).toEqual([finding("king", "licensee")]);
    expect(excess({}, { level: "king" })).toEqual([finding("operator", "king")]);
  });

  test("is void where it is exclusive and its parent is shared, not the other way round", () => {
    expect(excess({ exclusive: false }, { exclusive: true })).toEqual([]);
    expect(excess({ exclusive: false }, { exclusive: false })).toEqual([]);
    expect(excess({ exclusive: true }, { exclusive: false })).toEqual([
      {
        code: "link-exclusive",
        field: "link.exclusive",
        measured: { exclusive: "true" },
        required: { exclusive: "as the parent: false" },
      },
    ]);
  });

  test("is void under a parent that may not issue", () => {
    expect(excess({}, { verbs: ["allocate", "acquire"] })).toEqual([
      {
        code: "link-not-issuer",
        field: "link.verbs",
        measured: { verbs: "allocate acquire" },
        required: { verb: "issue" },
      },
    ]);
  });

  test("is void under a parent without depth, even as the last", () => {
    expect(excess({ depthLeft: 0 }, { depthLeft: 0 })).toMatchObject([
      { code: "link-depth", measured: { depthLeft: 0 }, required: { depthLeftMax: -1 } },
    ]);
  });

  test("is void from another lineage, and from another key of that lineage", () => {
    const finding = (issuer: Uint8Array) => ({
      code: "link-issuer",
      field: "link.issuer",
      measured: { issuer: toHex(issuer) },
      required: { issuer: toHex(broker.lineage) },
    });
    expect(excess({}, {}, stranger)).toEqual([finding(stranger.lineage)]);
    expect(excess({}, { subjectKey: stranger.keyId })).toEqual([finding(broker.lineage)]);
  });

  test("names every excess at once", () => {
    const worst: Partial<Credential> = {
      verbs: ["preempt"],
      eligibilityClasses: ["campus"],
      level: "king",
      untilUs: untilUs + 1,
      depthLeft: 4,
      scope: [{ ...box, upperHz: box.upperHz + 1 }],
    };
    expect(excess(worst, { verbs: ["allocate"] }, stranger).map(({ code }) => code)).toEqual([
      "link-issuer",
      "link-not-issuer",
      "link-verbs",
      "link-classes",
      "link-level",
      "link-validity",
      "link-depth",
      "box-frequency-outside",
    ]);
  });
});

/** A chain of `count` links below the root, each the parent of the next, and the last one's subject. */
function descent(count: number): { readonly chain: readonly Link[]; readonly subject: Party } {
  const parties = [root, ...Array.from({ length: count }, (_, i) => party(`link ${i}`))];
  const chain: Link[] = [];
  for (let i = 0; i < count; i++) {
    const [issuer, subject] = [parties[i] as Party, parties[i + 1] as Party];
    const parent = chain.at(-1)?.id ?? null;
    chain.push(link(issuer, subject, { ...upper, parent, depthLeft: Math.min(4, count - 1 - i) }));
  }
  return { chain: chain.reverse(), subject: parties.at(-1) as Party };
}

const failing = (chain: Chain, subject: Party, roots: readonly Uint8Array[] = [root.lineage], at = now) =>
  checkChain(chain, {
    subject: { lineage: subject.lineage, signerKey: subject.keyId },
    roots: roots,
    policy: policy,
    interval: at,
    side: "offer",
  }).filter(({ passed }) => !passed);

const idOf = (links: readonly Link[]): Uint8Array => links[0]?.id ?? named("none");

describe("following a chain", () => {
  test.each([1, 2, 5])("%i links up to a root are found and hold", (count) => {
    const { chain, subject } = descent(count);
    const found = chainOf(idOf(chain), bodiesFrom(chain));
    expect(found).toEqual({ links: chain, missing: null });
    const checks = checkChain(found, {
      subject: { lineage: subject.lineage, signerKey: subject.keyId },
      roots: [root.lineage],
      policy: policy,
      interval: now,
      side: "offer",
    });
    expect(checks.filter(({ passed }) => !passed)).toEqual([]);
    expect(checks.map(({ code }) => code)).toEqual([
      "credential-subject",
      "chain-root",
      "chain-narrows",
      ...new Array<string>(count).fill("credential-validity"),
    ]);
  });

  test("the sixth link is not followed, and named as missing", () => {
    const { chain, subject } = descent(6);
    const found = chainOf(idOf(chain), bodiesFrom(chain));
    const sixth = chain[5]?.id ?? named("none");
    expect(found.links).toHaveLength(5);
    expect(failing(found, subject)).toEqual([
      {
        code: "chain-incomplete",
        field: "offer.credential",
        passed: false,
        measured: { links: 5, missing: toHex(sixth) },
        required: { linksMax: 5, end: "a root" },
        otherwise: "refuse",
      },
    ]);
  });

  test.each([0, 1, 2])("with link %i missing, it ends there and says so", (missing) => {
    const { chain, subject } = descent(3);
    const found = chainOf(idOf(chain), bodiesFrom(chain.filter((_, i) => i !== missing)));
    expect(found.links).toEqual(chain.slice(0, missing));
    expect(failing(found, subject)).toMatchObject([
      {
        code: "chain-incomplete",
        measured: { links: missing, missing: toHex(chain[missing]?.id ?? root.lineage) },
      },
    ]);
  });

  test("a record of another kind under the id is as good as none", () => {
    const other = record("withdrawal", root, { offer: named("offer"), reason: "" });
    expect(chainOf(other.id, bodiesFrom([other]))).toEqual({ links: [], missing: other.id });
  });

  test("a cycle ends after five links", () => {
    const [one, two] = [named("one"), named("two")];
    const [first, second] = [link(root, broker, { parent: two }), link(broker, holder, { parent: one })];
    const bodies: Bodies = { get: (id) => (toHex(id) === toHex(one) ? first : second) };
    const found = chainOf(one, bodies);
    expect(found.links).toEqual([first, second, first, second, first]);
    expect(found.missing).toEqual(two);
    expect(failing(found, holder)).toMatchObject([{ code: "chain-incomplete" }]);
  });
});

describe("a complete chain", () => {
  const { chain: links, subject } = descent(2);
  const chain: Chain = { links, missing: null };

  test("belongs to its subject's lineage and key", () => {
    const finding = {
      code: "credential-subject",
      field: "offer.credential",
      measured: { subject: toHex(subject.lineage) },
    };
    expect(failing(chain, stranger)).toMatchObject([
      { ...finding, required: { subject: toHex(stranger.lineage) } },
    ]);
    expect(failing(chain, { ...subject, keyId: stranger.keyId })).toMatchObject([finding]);
  });

  test("ends at a root that the context names", () => {
    expect(failing(chain, subject, [stranger.lineage, root.lineage])).toEqual([]);
    expect(failing(chain, subject, [stranger.lineage])).toMatchObject([
      {
        code: "chain-root",
        field: "offer.credential",
        measured: { root: toHex(root.lineage) },
        required: { roots: toHex(stranger.lineage) },
      },
    ]);
    expect(failing(chain, subject, [])).toMatchObject([{ code: "chain-root", required: { roots: "" } }]);
  });

  test("without any link is incomplete", () => {
    expect(failing({ links: [], missing: null }, holder)).toMatchObject([
      { code: "chain-incomplete", measured: { links: 0, missing: "credential" } },
    ]);
  });

  test("holds from its first microsecond until before its last", () => {
    const { fromUs, untilUs } = credentialFor(holder);
    const whole = { earliestUs: fromUs, latestUs: untilUs - 1 };
    expect(failing(chain, subject, [root.lineage], whole)).toEqual([]);
    for (const [change, measured] of [
      [{ earliestUs: fromUs - 1 }, { earliestUs: fromUs - 1, latestUs: untilUs - 1 }],
      [{ latestUs: untilUs }, { earliestUs: fromUs, latestUs: untilUs }],
    ]) {
      const expected = { code: "credential-validity", measured, required: { fromUs, untilUs } };
      expect(failing(chain, subject, [root.lineage], { ...whole, ...change })).toMatchObject([
        { ...expected, field: "offer.credential[0]" },
        { ...expected, field: "offer.credential[1]" },
      ]);
    }
  });

  test("names the link that exceeds its parent, and one that is never valid", () => {
    const top = link(root, broker, upper);
    const low = link(broker, holder, { parent: top.id, verbs: ["preempt"] });
    expect(failing({ links: [low, top], missing: null }, holder)).toMatchObject([
      { code: "link-verbs", field: "offer.credential[0].verbs" },
    ]);
    const empty = link(root, holder, { fromUs: NOW_US, untilUs: NOW_US });
    expect(failing({ links: [empty], missing: null }, holder)).toMatchObject([
      {
        code: "credential-validity-empty",
        field: "offer.credential[0].untilUs",
        measured: { untilUs: NOW_US },
        required: { after: NOW_US },
      },
      { code: "credential-validity" },
    ]);
  });

  test("has its areas compared only below a root of the context, and only where each link's issuer is right", () => {
    const wider = { scope: [{ ...box, upperHz: box.upperHz + 1 }] };
    const top = link(root, broker, upper);
    const below = (issuer: Party, roots: readonly Uint8Array[]) => {
      const low = link(issuer, holder, { parent: top.id, ...wider });
      return failing({ links: [low, top], missing: null }, holder, roots).map(({ code }) => code);
    };
    expect(below(broker, [root.lineage])).toEqual(["box-frequency-outside"]);
    expect(below(broker, [stranger.lineage])).toEqual(["chain-root"]);
    expect(below(stranger, [root.lineage])).toEqual(["link-issuer"]);
  });

  test("tells the same two scopes' excess under the name of each side", () => {
    const top = link(root, broker, upper);
    const low = link(broker, holder, { parent: top.id, scope: [{ ...box, lowerHz: box.lowerHz - 1 }] });
    expect(linkExcess(low, top, policy, "offer.credential[0]")).toMatchObject([
      { field: "offer.credential[0].scope[0].lowerHz" },
    ]);
    expect(linkExcess(low, top, policy, "acceptance.credential[1]")).toMatchObject([
      { field: "acceptance.credential[1].scope[0].lowerHz" },
    ]);
  });

  test("from a link with a parent's rights alone, without the parent, has no root", () => {
    const alone = link(stranger, holder, upper);
    expect(failing({ links: [alone], missing: null }, holder)).toMatchObject([{ code: "chain-root" }]);
  });
});

describe("the top link's own scope", () => {
  const dense = Array.from({ length: 120 }, (_, i) => ({ latE7: i * i, lonE7: i * 1_000 }));
  const withVertices = (last: number) => {
    const scope = [
      ...new Array<Box>(4).fill({ ...box, area: dense }),
      { ...box, area: dense.slice(0, last) },
    ];
    return failing({ links: [link(root, holder, { scope })], missing: null }, holder);
  };

  test("may have 512 vertices, and no more", () => {
    expect(withVertices(32)).toEqual([]);
    expect(withVertices(33)).toMatchObject([
      {
        code: "scope-vertex-count",
        field: "offer.credential[0].scope",
        measured: { vertices: 513 },
        required: { verticesMax: 512 },
      },
    ]);
  });

  test("together with those below may make 131072 pairs of vertices, and no more", () => {
    const scope = [...new Array<Box>(4).fill({ ...box, area: dense }), { ...box, area: dense.slice(0, 32) }];
    const half = [...new Array<Box>(2).fill({ ...box, area: dense }), { ...box, area: dense.slice(0, 16) }];
    const top = link(root, broker, { ...upper, depthLeft: 2, scope });
    const low = link(broker, broker, { ...upper, parent: top.id, scope: half });
    expect(failing({ links: [low, top], missing: null }, broker)).toEqual([]);
    const lowest = link(broker, holder, { parent: low.id, depthLeft: 0 });
    expect(failing({ links: [lowest, low, top], missing: null }, holder)).toMatchObject([
      {
        code: "chain-vertex-pairs",
        field: "offer.credential",
        measured: { vertexPairs: 256 * 512 + 4 * 256 },
        required: { vertexPairsMax: 131_072 },
      },
    ]);
  });

  test("is refused where a box is none", () => {
    const scope = [{ ...box, upperHz: box.lowerHz }];
    expect(failing({ links: [link(root, holder, { scope })], missing: null }, holder)).toMatchObject([
      { code: "box-frequency-empty", field: "offer.credential[0].scope[0].upperHz" },
    ]);
  });
});
