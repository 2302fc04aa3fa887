/** The issuer's book: an exclusive scope is one device's until nobody can rest on the old credential any more. */
import { describe, expect, test } from "vitest";
import type { Authority } from "../../src/authority/authority.ts";
import { releasedUs } from "../../src/authority/book.ts";
import { issue } from "../../src/authority/issue.ts";
import { renew } from "../../src/authority/renew.ts";
import { writeSnapshot } from "../../src/authority/revoke.ts";
import { toHex } from "../../src/core/base/bytes.ts";
import type { Schema } from "../../src/core/record/kinds/schema.ts";
import type { RecordOf } from "../../src/core/record/record.ts";
import {
  box,
  DAY_US,
  memoryParts,
  NOW_US,
  refused,
  root,
  subject,
  value,
  whole,
} from "../support/memory-authority.ts";

const END_US = NOW_US + 30 * DAY_US;
const exclusive = {
  ...whole,
  level: "licensee",
  verbs: ["allocate" as const],
  depthLeft: 0,
  untilUs: END_US,
};
const shared = { ...exclusive, exclusive: false };
/** Of bench-cabled: snapshots of a day, clocks within a second, mute within a second. */
const REACH_US = DAY_US + 2_000_000;

type Entitlement = typeof exclusive;

async function holding(
  entitlement: Entitlement = exclusive,
): Promise<readonly [Authority, RecordOf<"credential">]> {
  const authority = await root(memoryParts(1));
  return [authority, value(await issue(authority, await subject(2), entitlement, NOW_US))];
}

describe("an exclusive scope", () => {
  test("is refused to a second key, and the first credential is named", async () => {
    const [authority, first] = await holding();
    const second = await issue(authority, await subject(3), exclusive, NOW_US);
    expect(second).toMatchObject({
      ok: false,
      rejections: [
        {
          code: "already-allocated",
          field: "scope[0]",
          required: { credential: toHex(first.id), notLowerHz: box.lowerHz, notUntilUs: END_US, guardHz: 0 },
        },
      ],
    });
  });

  test.each<[string, Entitlement, boolean]>([
    ["exclusive, over it", exclusive, false],
    ["shared, to let over it", shared, false],
    ["shared, to acquire there", { ...shared, verbs: ["acquire"] as never }, true],
    ["exclusive, one hertz of it", { ...exclusive, scope: [{ ...box, lowerHz: box.upperHz - 1 }] }, false],
    ["exclusive, from its end on", { ...exclusive, fromUs: END_US, untilUs: END_US + DAY_US }, true],
    [
      "exclusive, a microsecond before its end",
      { ...exclusive, fromUs: END_US - 1, untilUs: END_US + DAY_US },
      false,
    ],
    [
      "exclusive, in boxes after its end",
      { ...exclusive, untilUs: END_US + DAY_US, scope: [{ ...box, fromUs: END_US }] },
      true,
    ],
  ])("beside it, %s: %o", async (_what, entitlement, passes) => {
    const [authority] = await holding();
    const second = await issue(authority, await subject(3), entitlement, NOW_US);
    expect(refused(second)).toEqual([passes ? "accepted" : "already-allocated scope[0]"]);
  });

  test("may lie beside another in frequency and in area, edge to edge", async () => {
    const half = { ...box, upperHz: 433_500_000 };
    const [authority] = await holding({ ...exclusive, scope: [half] });
    const above = { ...exclusive, scope: [{ ...box, lowerHz: 433_500_000 }] };
    value(await issue(authority, await subject(3), above, NOW_US));
    const [west, east] = [0, 500].map((lonE7) =>
      box.area.map((at) => ({ ...at, lonE7: lonE7 + at.lonE7 / 2 })),
    );
    const [other] = await holding({ ...exclusive, scope: [{ ...box, area: west ?? [] }] });
    value(
      await issue(other, await subject(3), { ...exclusive, scope: [{ ...box, area: east ?? [] }] }, NOW_US),
    );
  });

  test("is refused over a shared one that lets, and shared ones stand side by side", async () => {
    const [authority] = await holding(shared);
    value(await issue(authority, await subject(3), shared, NOW_US));
    expect(refused(await issue(authority, await subject(4), exclusive, NOW_US))).toEqual([
      "already-allocated scope[0]",
      "already-allocated scope[0]",
    ]);
  });

  test("is renewed for its own subject while the old credential still runs", async () => {
    const [authority, first] = await holding();
    const asked = { link: first, fromUs: NOW_US + DAY_US, untilUs: null, subject: null, keepOut: [] };
    value(await renew(authority, asked, NOW_US + DAY_US));
  });

  test("passes on after a revocation once snapshots, clocks and mute latency have run out, and no microsecond before", async () => {
    const [authority, first] = await holding();
    expect(releasedUs(first, authority.view())).toBe(END_US);
    const revokedUs = NOW_US + DAY_US;
    value(await writeSnapshot(authority, [first.id], revokedUs));
    // A later snapshot that still lists it does not begin the time anew.
    value(await writeSnapshot(authority, [], revokedUs + DAY_US / 2));
    const freeUs = revokedUs + REACH_US;
    expect(releasedUs(first, authority.view())).toBe(freeUs);
    const from = (fromUs: number) => ({ ...exclusive, fromUs, untilUs: freeUs + DAY_US });
    const early = await issue(authority, await subject(3), from(freeUs - 1), freeUs);
    expect(refused(early)).toEqual(["already-allocated scope[0]"]);
    value(await issue(authority, await subject(3), from(freeUs), freeUs));
  });

  test("revoked shortly before its end is free at its end, not later", async () => {
    const [authority, first] = await holding();
    value(await writeSnapshot(authority, [first.id], END_US - 1));
    expect(releasedUs(first, authority.view())).toBe(END_US);
  });

  test("is free only at its end under a policy with a class that asks for no snapshot", async () => {
    const [authority, first] = await holding();
    const policy = authority.view().records.find((each) => each.kind === "policy");
    if (policy?.kind !== "policy") throw new Error("the root signed a policy");
    const [leaseClass] = policy.body.leaseClasses;
    if (leaseClass === undefined) throw new Error("it has a class");
    const timeless = { ...leaseClass, name: "timeless", snapshotAgeMaxUs: 0 };
    await authority.write({
      kind: "policy",
      body: { ...policy.body, name: "other", leaseClasses: [timeless] },
    });
    value(await writeSnapshot(authority, [first.id], NOW_US + 1));
    expect(releasedUs(first, authority.view())).toBe(END_US);
  });
});

describe("networks that divide time between the directions", () => {
  const commodity = (commodityClass: string, name: string): Schema => ({
    name: commodityClass,
    commodityClass,
    steps: {
      frequencyStepHz: 0,
      frequencyMinimumHz: 0,
      timeStepUs: 0,
      timeMinimumUs: 0,
      areaDivisible: false,
    },
    guardBandHz: 0,
    mask: [],
    tdd: { class: name, guardHz: 100_000 },
    borderLimit: null,
  });
  const beside = (gapHz: number, commodityClass: string): Entitlement => {
    const lowerHz = box.lowerHz + 500_000 + gapHz;
    return { ...exclusive, scope: [{ ...box, lowerHz, upperHz: lowerHz + 100_000, commodityClass }] };
  };
  const below: Entitlement = {
    ...exclusive,
    scope: [{ ...box, lowerHz: box.lowerHz + 100_000, upperHz: box.lowerHz + 500_000 }],
  };

  test("are given no scopes side by side without guard, by the code that keeps a holder's book", async () => {
    const other = "other-frames";
    const wide = { scope: [box, { ...box, commodityClass: other }] };
    const authority = await root(memoryParts(1), undefined, wide);
    for (const body of [commodity(box.commodityClass, "a"), commodity(other, "b")])
      await authority.write({ kind: "schema", body });
    value(await issue(authority, await subject(2), below, NOW_US));
    const refusedAt = async (gapHz: number, of: string): Promise<unknown> =>
      refused(await issue(authority, await subject(3), beside(gapHz, of), NOW_US));
    expect(await refusedAt(0, other)).toEqual(["tdd-guard scope[0]"]);
    expect(await refusedAt(99_999, other)).toEqual(["tdd-guard scope[0]"]);
    value(await issue(authority, await subject(3), beside(100_000, other), NOW_US));
    const synchronised = { ...exclusive, scope: [{ ...box, upperHz: box.lowerHz + 100_000 }] };
    value(await issue(authority, await subject(4), synchronised, NOW_US));
  });
});

describe("the issuer's own budget", () => {
  const hourly = {
    unit: "settlements" as const,
    level: null,
    commodityClass: null,
    leaseClass: null,
    area: null,
    windowUs: 3_600_000_000,
    window: "sliding" as const,
    allowed: 20,
  };
  /** What a delegate of the root may pass on, as buyers' rights, which stand side by side. */
  const buyer = (allowed: number, holdingsMaxHz: number) => ({
    ...shared,
    verbs: ["acquire" as const],
    budgets: [{ ...hourly, allowed }],
    holdingsMaxHz,
  });

  test("is split: what others hold is not given again, and one's own larger number is a renewal", async () => {
    const authority = await root(memoryParts(1), undefined, {
      budgets: [hourly],
      holdingsMaxHz: 40_000_000,
    });
    value(await issue(authority, await subject(2), buyer(15, 30_000_000), NOW_US));
    expect(await issue(authority, await subject(3), buyer(6, 10_000_001), NOW_US)).toMatchObject({
      ok: false,
      rejections: [
        { code: "budget-given-away", measured: { allowed: 6 }, required: { allowedMax: 5 } },
        { code: "holdings-given-away", required: { holdingsMaxHz: 10_000_000 } },
      ],
    });
    value(await issue(authority, await subject(3), buyer(5, 10_000_000), NOW_US));
    value(await issue(authority, await subject(2), buyer(15, 30_000_000), NOW_US));
    expect(await issue(authority, await subject(2), buyer(16, 30_000_000), NOW_US)).toMatchObject({
      ok: false,
    });
    expect(await issue(authority, await subject(4), { ...shared, verbs: ["acquire"] }, NOW_US)).toMatchObject(
      {
        ok: false,
        rejections: [{ code: "link-budget" }, { code: "link-ceiling" }],
      },
    );
  });
});
