import { describe, expect, test } from "vitest";
import type { Chain } from "../../../src/core/authority/chain.ts";
import {
  checkSnapshots,
  fallenLink,
  latestSnapshot,
  transmitExpiryUs,
} from "../../../src/core/authority/snapshots.ts";
import { toHex } from "../../../src/core/base/bytes.ts";
import { credentialFor, party, record, snapshotBy } from "../../support/pair-builder.ts";
import { NOW_US } from "../pairing/pair-values.ts";

const [root, broker, holder] = [party("root"), party("broker"), party("holder")];
const top = record("credential", root, credentialFor(broker));
const low = record("credential", broker, credentialFor(holder, { parent: top.id }));
const chain: Chain = { links: [low, top], missing: null };
const AGE_MAX_US = 600_000_000;
/** The oldest issue time that is young enough. */
const OLDEST_US = NOW_US - AGE_MAX_US;

const fresh = [snapshotBy(root), snapshotBy(broker)];
const failing = (snapshots: typeof fresh, ageMaxUs = AGE_MAX_US) =>
  checkSnapshots(chain, {
    snapshots: snapshots,
    atUs: NOW_US,
    ageMaxUs,
    clockBoundUs: 1_000_000,
    side: "offer",
  }).filter(({ passed }) => !passed);

describe("the latest snapshot", () => {
  test("is the one with the greatest number, in whatever order and of whatever time", () => {
    const old = snapshotBy(root, { number: 9, issuedUs: NOW_US - 50 });
    const young = snapshotBy(root, { number: 8, issuedUs: NOW_US });
    expect(latestSnapshot([young, old], root.lineage)).toBe(old);
    expect(latestSnapshot([old, young], root.lineage)).toBe(old);
  });

  test("is of that issuer alone", () => {
    const other = snapshotBy(broker, { number: 99 });
    const own = snapshotBy(root, { number: 0 });
    expect(latestSnapshot([other, own], root.lineage)).toBe(own);
    expect(latestSnapshot([other], root.lineage)).toBeNull();
    expect(latestSnapshot([], root.lineage)).toBeNull();
  });
});

describe("checking a chain against snapshots", () => {
  test("passes each link twice where its issuer's snapshot is young and does not list it", () => {
    const checks = checkSnapshots(chain, {
      snapshots: fresh,
      atUs: NOW_US,
      ageMaxUs: AGE_MAX_US,
      clockBoundUs: 1_000_000,
      side: "offer",
    });
    expect(checks.map(({ code, field, passed }) => [code, field, passed])).toEqual([
      ["credential-revoked", "offer.credential[0]", true],
      ["snapshot-age", "offer.credential[0]", true],
      ["snapshot-from-future", "offer.credential[0]", true],
      ["credential-revoked", "offer.credential[1]", true],
      ["snapshot-age", "offer.credential[1]", true],
      ["snapshot-from-future", "offer.credential[1]", true],
    ]);
  });

  test("tolerates the age to the microsecond, beyond which it defers with both ages", () => {
    const edge = snapshotBy(root, { issuedUs: OLDEST_US });
    expect(failing([edge, snapshotBy(broker)])).toEqual([]);
    const stale = snapshotBy(root, { issuedUs: OLDEST_US - 1 });
    expect(failing([stale, snapshotBy(broker)])).toEqual([
      {
        code: "snapshot-age",
        field: "offer.credential[1]",
        passed: false,
        measured: { ageUs: AGE_MAX_US + 1 },
        required: { ageMaxUs: AGE_MAX_US },
        otherwise: "defer",
      },
    ]);
  });

  test("defers where an issuer's is missing, whatever others say", () => {
    expect(failing([snapshotBy(broker)])).toEqual([
      {
        code: "snapshot-age",
        field: "offer.credential[1]",
        passed: false,
        measured: { issuer: toHex(root.lineage), found: "none" },
        required: { ageMaxUs: AGE_MAX_US },
        otherwise: "defer",
      },
    ]);
  });

  test("refuses a link that its issuer lists, and names the snapshot", () => {
    const listing = snapshotBy(root, { number: 4, revoked: [low.id, top.id] });
    expect(failing([listing, snapshotBy(broker)])).toEqual([
      {
        code: "credential-revoked",
        field: "offer.credential[1]",
        passed: false,
        measured: { number: 4 },
        required: { revoked: "not listed" },
        otherwise: "refuse",
      },
    ]);
  });

  test("does not heed another issuer's list", () => {
    expect(
      failing([snapshotBy(root, { revoked: [low.id] }), snapshotBy(broker, { revoked: [top.id] })]),
    ).toEqual([]);
  });

  test("heeds the number, not the order: a later list without the link lifts an earlier one", () => {
    const listing = snapshotBy(broker, { number: 4, revoked: [low.id] });
    const lifted = snapshotBy(broker, { number: 5 });
    expect(failing([snapshotBy(root), lifted, listing])).toEqual([]);
    expect(failing([snapshotBy(root), snapshotBy(broker, { number: 3 }), listing])).toMatchObject([
      { code: "credential-revoked", field: "offer.credential[0]" },
    ]);
  });

  test("asks for no snapshot where the class tolerates any age, yet heeds one that revokes", () => {
    expect(failing([], 0)).toEqual([]);
    expect(
      checkSnapshots(chain, {
        snapshots: [],
        atUs: NOW_US,
        ageMaxUs: 0,
        clockBoundUs: 1_000_000,
        side: "offer",
      }),
    ).toHaveLength(2);
    expect(failing([snapshotBy(root, { revoked: [top.id] })], 0)).toMatchObject([
      { code: "credential-revoked" },
    ]);
  });

  test("counts a snapshot from the future as new", () => {
    const checks = checkSnapshots(chain, {
      snapshots: [snapshotBy(root, { issuedUs: NOW_US + 5 })],
      atUs: NOW_US,
      ageMaxUs: AGE_MAX_US,
      clockBoundUs: 1_000_000,
      side: "offer",
    });
    expect(
      checks.find(({ code, field }) => code === "snapshot-age" && field === "offer.credential[1]"),
    ).toMatchObject({
      passed: true,
      measured: { ageUs: 0 },
    });
  });
});

describe("transmit expiry", () => {
  const untilUs = low.body.untilUs;
  const grantEndUs = NOW_US + 100;

  test.each<[string, number, number, number]>([
    ["the grant's end", NOW_US + 100, NOW_US, NOW_US + 100],
    ["a link's end", untilUs + 1, untilUs, untilUs],
    [
      "the oldest snapshot's issue time and the age that it may have",
      NOW_US + 700_000_000,
      NOW_US - 7,
      NOW_US - 7 + AGE_MAX_US,
    ],
  ])("is %s, where that comes first", (_, end, issuedUs, expected) => {
    const snapshots = [
      snapshotBy(root, { issuedUs }),
      snapshotBy(broker, { issuedUs: Math.max(issuedUs, NOW_US) }),
    ];
    expect(transmitExpiryUs([chain], snapshots, AGE_MAX_US, end)).toBe(expected);
  });

  test("has passed already where a snapshot is missing", () => {
    expect(transmitExpiryUs([chain], [snapshotBy(root)], AGE_MAX_US, grantEndUs)).toBe(0);
  });

  test("does not ask for snapshots where the class tolerates any age", () => {
    expect(transmitExpiryUs([chain], [], 0, grantEndUs)).toBe(grantEndUs);
    expect(transmitExpiryUs([chain, chain], [], 0, untilUs + 1)).toBe(untilUs);
    expect(transmitExpiryUs([], [], AGE_MAX_US, grantEndUs)).toBe(grantEndUs);
  });
});

describe("the fallen link", () => {
  test("is the one that its issuer's newest snapshot lists, in any chain", () => {
    const listing = snapshotBy(root, { number: 4, revoked: [top.id] });
    const found = { link: top, snapshot: listing };
    expect(fallenLink([chain], [...fresh, listing])).toEqual(found);
    expect(fallenLink([{ links: [low], missing: null }, chain], [listing])).toEqual(found);
  });

  test("is none without a snapshot, without its id, or in another issuer's list", () => {
    expect(fallenLink([chain], [])).toBeNull();
    expect(fallenLink([chain], fresh)).toBeNull();
    expect(fallenLink([chain], [snapshotBy(broker, { revoked: [top.id] })])).toBeNull();
  });
});
