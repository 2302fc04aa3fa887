/** An offline authority: k of n sign, what it issues every verifier takes, its folder is believed in nothing. */
import { describe, expect, test } from "vitest";
import { type Authority, beginAuthority, openAuthority } from "../../src/authority/authority.ts";
import { adopt, claimOf } from "../../src/authority/entitle.ts";
import { issue } from "../../src/authority/issue.ts";
import { issuedById, renew } from "../../src/authority/renew.ts";
import { writeSnapshot } from "../../src/authority/revoke.ts";
import { rotate } from "../../src/authority/rotate.ts";
import { chainFaults, chainFrom, ownCredential, standingOf } from "../../src/authority/standing.ts";
import { provenSubject } from "../../src/authority/subject.ts";
import { keysOfLineages } from "../../src/core/audit/author-keys.ts";
import { checkChain } from "../../src/core/authority/chain.ts";
import { toHex } from "../../src/core/base/bytes.ts";
import { SUITE_ES256 } from "../../src/core/base/primitives.ts";
import { readRecord } from "../../src/core/record/record.ts";
import { checkSigned } from "../../src/core/record/signing-key.ts";
import { readEnvelope } from "../../src/core/wire/envelope.ts";
import {
  adoption,
  begun,
  below,
  box,
  DAY_US,
  inceptionOf,
  type MemoryParts,
  memoryFolder,
  memoryKeys,
  memoryParts,
  NOW_US,
  ONE_KEY,
  pack,
  primitives,
  refused,
  root,
  stored,
  subject,
  subjectOf,
  value,
  whole,
} from "../support/memory-authority.ts";

const TWO_OF_THREE = { keys: 3, threshold: 2, suite: SUITE_ES256 };
const user = { ...whole, level: "user", verbs: ["acquire" as const], exclusive: false, depthLeft: 0 };
const licensee = { ...whole, level: "licensee", verbs: ["allocate" as const], depthLeft: 0 };

describe("a threshold root", () => {
  test("signs each record by exactly two of its three keys, whichever are at hand", async () => {
    const parts = memoryParts(1);
    const authority = await root(parts, TWO_OF_THREE);
    expect(inceptionOf(authority).kind).toBe("threshold-inception");
    for (const lost of ["0/1", "0/2", "0/3"]) {
      const signers = new Map(parts.keys.signers);
      signers.delete(lost);
      const opened = value(await openAuthority({ ...parts, keys: memoryKeys(9, signers) }));
      const link = value(await issue(opened, await subject(2), user, NOW_US));
      expect(link.envelope.signatures).toHaveLength(2);
      const [key] = opened.view().lineage.keys;
      const read = readRecord(value(readEnvelope(pack(link.envelope))), primitives.sha256);
      expect(key !== undefined && read.ok && checkSigned(read.value, key, primitives).ok).toBe(true);
    }
  });

  test("signs nothing with one key of the two that are needed", async () => {
    const parts = memoryParts(1);
    await root(parts, TWO_OF_THREE);
    const alone = new Map([...parts.keys.signers].filter(([label]) => label === "0/2"));
    const opened = value(await openAuthority({ ...parts, keys: memoryKeys(9, alone) }));
    await expect(issue(opened, await subject(2), user, NOW_US)).rejects.toMatchObject({
      code: "signer-keys-missing",
    });
    expect(parts.folder.own).toHaveLength(5);
  });

  test("is begun once in a folder", async () => {
    const parts = memoryParts(1);
    await begun(parts, "Root");
    expect(refused(await beginAuthority(parts, { owner: "Root", plan: ONE_KEY }))).toEqual([
      "authority-exists records",
    ]);
    expect(refused(await openAuthority(memoryParts(2)))).toEqual(["authority-empty records"]);
  });
});

describe("rotation", () => {
  test("by the keys that were committed to is followed by every verifier; the root speaks for its new keys", async () => {
    const parts = memoryParts(1);
    const authority = await root(parts, TWO_OF_THREE);
    const before = value(ownCredential(authority.view(), NOW_US));
    const { rotation, credential } = value(
      await rotate(authority, { acceptedUntilUs: 0, plan: null }, NOW_US),
    );
    expect(rotation.envelope.signatures).toHaveLength(2);
    const keys = keysOfLineages(authority.view().lineage.records, primitives).get(
      toHex(authority.view().self),
    );
    expect(keys).toHaveLength(2);
    expect(credential?.header.signerKey).toEqual(keys?.[1]?.keyId);
    expect(credential?.body).toMatchObject({ scope: before.body.scope, untilUs: before.body.untilUs });
    const link = value(await issue(authority, await subject(2), user, NOW_US));
    expect(link.header.signerKey).toEqual(keys?.[1]?.keyId);
    expect(link.body.parent).toEqual(credential?.id);
    expect(chainFaults(link, authority.view(), NOW_US)).toEqual([]);
    // And once more, from the folder alone.
    const opened = value(await openAuthority(parts));
    value(await rotate(opened, { acceptedUntilUs: NOW_US + DAY_US, plan: { ...ONE_KEY } }, NOW_US));
    value(await rotate(opened, { acceptedUntilUs: 0, plan: null }, NOW_US));
    expect(value(await openAuthority(parts)).view().lineage.keys).toHaveLength(4);
  });

  test("is not for the thief of the present keys, who has neither the next keys nor others that were committed to", async () => {
    const parts = memoryParts(1);
    await root(parts, TWO_OF_THREE);
    const stolen = new Map([...parts.keys.signers].filter(([label]) => label.startsWith("0/")));
    const stolenFolder = memoryFolder(parts.folder);
    const thief: MemoryParts = { ...parts, folder: stolenFolder, keys: memoryKeys(66, stolen) };
    const opened = value(await openAuthority(thief));
    await expect(rotate(opened, { acceptedUntilUs: 0, plan: null }, NOW_US)).rejects.toMatchObject({
      code: "signer-keys-missing",
    });
    // Keys of the thief's own in the place of the next ones.
    const forger = memoryParts(77);
    await begun(forger, "Thief", TWO_OF_THREE);
    for (const [label, signer] of forger.keys.signers) if (label.startsWith("1/")) stolen.set(label, signer);
    stolenFolder.sets.set(1, forger.folder.sets.get(1) ?? new Uint8Array());
    expect(refused(await rotate(opened, { acceptedUntilUs: 0, plan: null }, NOW_US))).toEqual([
      "rotation-not-committed keys/1",
    ]);
    stolenFolder.sets.delete(1);
    expect(refused(await rotate(opened, { acceptedUntilUs: 0, plan: null }, NOW_US))).toEqual([
      "next-keys-missing keys/1",
    ]);
    expect(stolenFolder.own).toHaveLength(5);
  });

  test("that the thief signs with the stolen keys themselves is no rotation to anybody", async () => {
    const parts = memoryParts(1);
    const authority = await root(parts);
    const [present] = authority.view().lineage.keys;
    if (present === undefined) throw new Error("an authority has a key");
    const { keys, nextKeyHash } = present;
    const body = { keys, nextKeyHash, acceptedUntilUs: 0, tier: "software" as const };
    await expect(authority.write({ kind: "key-rotation", body })).rejects.toThrow(/rotation-not-committed/);
    expect(parts.folder.own).toHaveLength(5);
  });
});

describe("issuing", () => {
  test("gives a chain that passes every demand of a verifier, five links deep, and no sixth", async () => {
    let above = await root(memoryParts(1));
    for (let depth = 3; depth >= 1; depth--) {
      above = await below(above, memoryParts(10 + depth), { ...whole, level: "licensee", depthLeft: depth });
    }
    const link = value(await issue(above, await subject(2), user, NOW_US));
    const view = above.view();
    expect(chainFrom(link, view).links).toHaveLength(5);
    expect(chainFaults(link, view, NOW_US)).toEqual([]);
    const deeper = { ...whole, level: "licensee", depthLeft: 0 };
    const last = await below(above, memoryParts(30), {
      ...deeper,
      verbs: ["allocate", "issue"],
      exclusive: false,
    });
    const sixth = await issue(last, await subject(3), { ...licensee, exclusive: false }, NOW_US);
    expect(refused(sixth)).toContain("chain-incomplete ");
  });

  test.each<[string, Partial<typeof whole>, string]>([
    ["a verb", { verbs: ["audit"] }, "link-verbs verbs"],
    ["a class", { eligibilityClasses: ["other"] }, "link-classes eligibilityClasses"],
    ["a level of nobody", { level: "emperor" }, "link-level level"],
    ["depth", { depthLeft: 4 }, "link-depth depthLeft"],
    ["time", { untilUs: whole.untilUs + 1 }, "link-validity untilUs"],
    ["an end before its beginning", { untilUs: whole.fromUs }, "credential-validity-empty untilUs"],
    [
      "band",
      { scope: [box, { ...box, upperHz: box.upperHz + 1 }] },
      "box-frequency-outside scope[1].upperHz",
    ],
    [
      "a zero-width band",
      { scope: [{ ...box, upperHz: box.lowerHz }] },
      "box-frequency-empty scope[0].upperHz",
    ],
    [
      "area",
      { scope: [{ ...box, area: box.area.map((at) => ({ ...at, latE7: at.latE7 + 1 })) }] },
      "box-area-outside scope[0].area[2]",
    ],
    [
      "power",
      { scope: [{ ...box, limits: [{ ...box.limits[0], centiDbm: 1_001 } as never] }] },
      "power-limit-exceeded scope[0].limits[0].centiDbm",
    ],
    [
      "a commodity",
      { scope: [{ ...box, commodityClass: "other" }] },
      "box-class-mismatch scope[0].commodityClass",
    ],
    ["65 boxes", { scope: Array.from({ length: 65 }, () => box) }, "scope-box-count scope"],
    [
      "an area that is to stay free",
      {
        keepOut: [
          [
            { latE7: 900, lonE7: 900 },
            { latE7: 900, lonE7: 1_200 },
            { latE7: 1_200, lonE7: 900 },
          ],
        ],
      },
      "scope-kept-out scope[0].area",
    ],
  ])(
    "refuses %s beyond the authority's own, by name, and writes nothing",
    async (_what, excess, expected) => {
      const parts = memoryParts(1);
      const authority = await root(parts);
      const written = parts.folder.own.length;
      expect(
        refused(await issue(authority, await subject(2), { ...licensee, depthLeft: 3, ...excess }, NOW_US)),
      ).toContain(expected);
      expect(parts.folder.own).toHaveLength(written);
    },
  );

  test("refuses what would be no record any more, though each count is within its bound", async () => {
    const authority = await root(memoryParts(1));
    const limits = Array.from({ length: 8 }, (_, i) => ({
      ...(box.limits[0] as (typeof box.limits)[0]),
      measure: "conducted" as const,
      referenceHz: 1_000_000_000 + i,
    }));
    const area = box.area.flatMap((at, i) => {
      const next = box.area[(i + 1) % 4] ?? at;
      return [at, { latE7: (at.latE7 + next.latE7) / 2, lonE7: (at.lonE7 + next.lonE7) / 2 }];
    });
    const scope = Array.from({ length: 64 }, () => ({
      ...box,
      area,
      limits: [...box.limits, ...limits.slice(1)],
    }));
    expect(refused(await issue(authority, await subject(2), { ...user, scope }, NOW_US))).toContain(
      "record-too-long scope",
    );
  });

  test("takes 64 boxes", async () => {
    const authority = await root(memoryParts(1));
    const scope = Array.from({ length: 64 }, () => box);
    const link = value(await issue(authority, await subject(2), { ...user, scope }, NOW_US));
    expect(link.body.scope).toHaveLength(64);
  });

  test("ends with the authority's own validity, and with the revocation of a link above it", async () => {
    const above = await root(memoryParts(1));
    const middle = memoryParts(2);
    const delegate = await below(above, middle, { ...whole, level: "licensee", depthLeft: 1 });
    const late = await issue(delegate, await subject(3), user, whole.untilUs);
    expect(refused(late)).toContain("authority-not-entitled parent");
    const own = value(ownCredential(delegate.view(), NOW_US));
    const snapshot = value(await writeSnapshot(above, [own.id], NOW_US));
    await middle.folder.keepDocuments([{ ...stored(snapshot), name: "newer" }]);
    const reloaded = value(await delegate.reload());
    expect(refused(await issue(reloaded, await subject(3), user, NOW_US))).toContain(
      "authority-not-entitled parent",
    );
    // Without the news of its fall it still issues, and every verifier with the news refuses.
    const unaware = value(await issue(delegate, await subject(3), user, NOW_US));
    expect(standingOf(own, reloaded.view(), NOW_US)).toBe("revoked");
    const policy = reloaded.view().records.find((each) => each.kind === "policy") ?? expect.fail();
    const demand = {
      subject: { lineage: unaware.body.subjectLineage, signerKey: unaware.body.subjectKey },
      roots: reloaded.view().roots,
      policy: policy.body as never,
      interval: { earliestUs: NOW_US, latestUs: NOW_US },
      side: "offer",
    };
    expect(checkChain(chainFrom(unaware, delegate.view()), demand).every(({ passed }) => passed)).toBe(true);
  });

  test("needs a licence or a credential from above first", async () => {
    const authority = await begun(memoryParts(1), "Nobody");
    expect(refused(await issue(authority, await subject(2), user, NOW_US))).toEqual([
      "authority-no-credential credential",
    ]);
  });
});

describe("renewing", () => {
  test("gives the same rights for as long again, boxes that lasted as long as the credential included", async () => {
    const authority = await root(memoryParts(1));
    const old = value(
      await issue(
        authority,
        await subject(2),
        {
          ...licensee,
          untilUs: NOW_US + DAY_US,
          scope: [
            { ...box, untilUs: NOW_US + DAY_US },
            { ...box, lowerHz: box.lowerHz + 5, untilUs: NOW_US + DAY_US / 2 },
          ],
        },
        NOW_US,
      ),
    );
    const asked = { link: old, fromUs: NOW_US + 5, untilUs: null, subject: null, keepOut: [] };
    const link = value(await renew(authority, asked, NOW_US + 5));
    expect(link.body.untilUs - link.body.fromUs).toBe(old.body.untilUs - old.body.fromUs);
    expect(link.body.scope.map(({ untilUs }) => untilUs)).toEqual([link.body.untilUs, NOW_US + DAY_US / 2]);
    expect(link.body.nonce).not.toEqual(old.body.nonce);
    value(await writeSnapshot(authority, [link.id], NOW_US + 6));
    const again = await renew(authority, { ...asked, link }, NOW_US + 7);
    expect(refused(again)).toEqual(["renewal-of-revoked credential"]);
    const other = await renew(authority, { ...asked, subject: await subject(3) }, NOW_US + 7);
    expect(refused(other)).toEqual(["renewal-subject lineage"]);
  });

  test("finds a credential by eight digits of its id, and says when there is none", async () => {
    const authority = await root(memoryParts(1));
    const link = value(await issue(authority, await subject(2), user, NOW_US));
    const id = toHex(link.id);
    expect(value(issuedById(authority.view(), id.slice(0, 8))).id).toEqual(link.id);
    for (const digits of [id.slice(0, 7), "", "zzzzzzzzz"])
      expect(refused(issuedById(authority.view(), digits))).toEqual(["credential-unknown credential"]);
  });
});

describe("snapshots", () => {
  test("are numbered, name the one before, and keep what was revoked", async () => {
    const authority = await root(memoryParts(1));
    const links = [];
    for (const seed of [2, 3]) links.push(value(await issue(authority, await subject(seed), user, NOW_US)));
    const [a, b] = links.map(({ id }) => id) as [Uint8Array, Uint8Array];
    const second = value(await writeSnapshot(authority, [a], NOW_US + 1));
    const third = value(await writeSnapshot(authority, [b, a], NOW_US + 1));
    expect([second.body.number, third.body.number]).toEqual([2, 3]);
    expect(third.body.previousSnapshot).toEqual(second.id);
    expect(third.body.revoked).toHaveLength(2);
    expect(value(await writeSnapshot(authority, [], NOW_US + 2)).body.revoked).toHaveLength(2);
    expect(refused(await writeSnapshot(authority, [], NOW_US))).toEqual(["clock-behind issuedUs"]);
    const many = Array.from({ length: 255 }, (_, i) => new Uint8Array(32).fill(i));
    expect(refused(await writeSnapshot(authority, many, NOW_US + 3))).toEqual(["snapshot-full revoked"]);
  });
});

describe("a folder", () => {
  async function spoiled(spoil: (parts: MemoryParts) => void): Promise<readonly string[]> {
    const parts = memoryParts(1);
    const authority = await root(parts);
    value(await issue(authority, await subject(2), user, NOW_US));
    spoil(parts);
    return refused(await openAuthority(parts));
  }

  test("is refused with a record missing, doubled, swapped, of another lineage, or changed in any bit", async () => {
    expect(await spoiled(({ folder }) => folder.own.splice(2, 1))).toEqual([
      "authority-record-order 3 header.seq",
    ]);
    expect(await spoiled(({ folder }) => folder.own.splice(0, 1))).toEqual([
      "authority-record-order 1 header.seq",
    ]);
    expect(await spoiled(({ folder }) => folder.own.push(folder.own[1] as never))).toEqual([
      "authority-record-order 1 header.seq",
    ]);
    const other = memoryParts(5);
    await root(other);
    expect(await spoiled(({ folder }) => folder.own.splice(3, 1, other.folder.own[3] as never))).toEqual([
      "authority-record-order 3 header.seq",
    ]);
    for (const at of [40, 100, 200]) {
      const told = await spoiled(({ folder }) => {
        const last = folder.own.at(-1);
        if (last !== undefined)
          folder.own.splice(-1, 1, {
            ...last,
            bytes: last.bytes.map((byte, i) => (i === at ? byte ^ 1 : byte)),
          });
      });
      expect(told).not.toEqual(["accepted"]);
    }
    expect(await spoiled(() => {})).toEqual(["accepted"]);
  });

  test("takes no record of others whose author is unknown, and no root that is none", async () => {
    const stranger = await root(memoryParts(5));
    const policy = stranger.view().records[1] ?? expect.fail();
    const told = await spoiled(({ folder }) => folder.others.set("x", { ...stored(policy), name: "x" }));
    expect(told).toEqual(["document-author-unknown x header.lineage"]);
    expect(await spoiled(({ folder }) => folder.trusted.push({ ...stored(policy), name: "x" }))).toContain(
      "trust-not-inception x",
    );
  });
});

describe("adopting", () => {
  test("refuses another's credential, a chain that is not whole, and what is no credential", async () => {
    const above = await root(memoryParts(1));
    const one = await begun(memoryParts(2), "One");
    const two = await begun(memoryParts(3), "Two");
    const link = value(
      await issue(above, subjectOf(one), { ...whole, level: "licensee", depthLeft: 1 }, NOW_US),
    );
    const files = adoption(above, link);
    expect(refused(await adopt(two, files, NOW_US))).toEqual(["credential-subject credential"]);
    const short = { ...files, documents: files.documents.filter(({ name }) => name !== "credential") };
    expect(refused(await adopt(one, short, NOW_US))).toEqual(["chain-incomplete "]);
    const ruleless = { ...files, documents: files.documents.filter(({ name }) => name !== "policy") };
    expect(refused(await adopt(one, ruleless, NOW_US))).toEqual(["authority-no-policy policy"]);
    const policy = files.documents.find(({ name }) => name === "policy") ?? expect.fail();
    expect(refused(await adopt(one, { ...files, credential: policy }, NOW_US))).toEqual([
      "adopted-not-credential policy",
    ]);
    const stranger = stored(inceptionOf(await root(memoryParts(9))));
    expect(refused(await adopt(one, { ...files, trust: stranger }, NOW_US))).toEqual([
      "authority-no-policy policy",
    ]);
    value(await adopt(one, files, NOW_US));
  });
});

describe("a request", () => {
  test("is proved by the inception, and by the rotations since", async () => {
    const parts = memoryParts(2);
    const device: Authority = await begun(parts, "Device");
    const first = subjectOf(device);
    value(await rotate(device, { acceptedUntilUs: 0, plan: null }, NOW_US));
    const second = subjectOf(device);
    expect(second.lineage).toEqual(first.lineage);
    expect(second.keyId).not.toEqual(first.keyId);
    const claim = claimOf(device);
    const proved = (change: Partial<typeof claim>) =>
      refused(provenSubject({ ...claim, ...change }, primitives));
    expect(proved({})).toEqual(["accepted"]);
    expect(proved({ owner: "Mallory" })).toEqual(["request-mismatch owner"]);
    expect(proved({ tier: "tpm" })).toEqual(["request-mismatch tier"]);
    expect(proved({ keyId: first.keyId })).toEqual(["request-mismatch key"]);
    expect(proved({ lineage: first.keyId })).toEqual(["request-mismatch lineage"]);
    expect(proved({ akName: new Uint8Array(34) })).toEqual(["request-mismatch ak-name"]);
    expect(proved({ records: claim.records.slice(1) })).toEqual(["request-unproved records[0]"]);
    expect(proved({ records: [...claim.records, claim.records[0] as Uint8Array] })).toEqual([
      "request-unproved records",
    ]);
    expect(proved({ records: [Uint8Array.of(1)] })).not.toEqual(["accepted"]);
    const forged = (claim.records[0] as Uint8Array).map((byte, i, all) =>
      i === all.length - 8 ? byte ^ 1 : byte,
    );
    expect(proved({ records: [forged] })).toEqual(["request-unproved records"]);
  });
});
