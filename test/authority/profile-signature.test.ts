import { describe, expect, test } from "vitest";
import {
  type ProfileSignature,
  SIGNED_DOMAINS,
  signText,
  textSignatureFaults,
} from "../../src/authority/profile-signature.ts";
import { rotate } from "../../src/authority/rotate.ts";
import { kinds } from "../../src/core/record/kinds.ts";
import {
  begun,
  inceptionOf,
  memoryParts,
  NOW_US,
  ONE_KEY,
  pack,
  primitives,
  value,
} from "../support/memory-authority.ts";

const PROFILE = new TextEncoder().encode("schema: spectrum-agent.profile/1\nname: host-1\n");
const operator = await begun(memoryParts(1), "Operator", { ...ONE_KEY, keys: 3, threshold: 2 });
const pinned = pack(inceptionOf(operator).envelope);
const signature = await signText(operator, { domain: "profile", bytes: PROFILE });

const faults = (changed: Partial<ProfileSignature>, profile = PROFILE, by = pinned) =>
  textSignatureFaults(
    { domain: "profile", bytes: profile },
    { ...signature, ...changed },
    by,
    primitives,
  ).map(({ code, field }) => `${code} ${field}`);

describe("a profile's signature", () => {
  test("holds for these bytes, by as many keys as the operator's records need", () => {
    expect(signature.signatures.length).toBe(2);
    expect(faults({})).toEqual([]);
  });

  test("holds for no other byte, and for no other operator", async () => {
    expect(
      faults(
        {},
        PROFILE.map((byte, i) => (i === 40 ? byte ^ 1 : byte)),
      ),
    ).toEqual(["profile-signature signatures"]);
    expect(faults({}, PROFILE.slice(1))).toEqual(["profile-signature signatures"]);
    const other = await begun(memoryParts(2), "Other");
    const own = await signText(other, { domain: "profile", bytes: PROFILE });
    expect(faults(own)).toEqual(["profile-operator records"]);
    expect(faults({ ...own, records: signature.records })).toEqual(["profile-signature signatures"]);
    expect(faults({}, PROFILE, pack(inceptionOf(other).envelope))).toEqual(["profile-operator records"]);
    expect(faults({}, PROFILE, Uint8Array.of(1, 2))).toEqual(["profile-operator operator"]);
  });

  test("needs each of the keys once", () => {
    const [first, second] = signature.signatures;
    if (first === undefined || second === undefined) throw new Error("two sign");
    expect(faults({ signatures: [first] })).toEqual(["profile-signature signatures"]);
    expect(faults({ signatures: [first, first] })).toEqual(["profile-signature signatures"]);
    expect(faults({ signatures: [first, second, first] })).toEqual(["profile-signature signatures"]);
    expect(faults({ signatures: [first, { ...second, keyId: first.keyId }] })).toEqual([
      "profile-signature signatures",
    ]);
    expect(faults({ signatures: [] })).toEqual(["profile-signature signatures"]);
    const spoiled = { ...second, signature: second.signature.map((byte, i) => (i === 9 ? byte ^ 1 : byte)) };
    expect(faults({ signatures: [first, spoiled] })).toEqual(["profile-signature signatures"]);
  });

  test("goes along with the operator's rotations, each proved", async () => {
    const parts = memoryParts(3);
    const begins = await begun(parts, "Rotates");
    const first = pack(inceptionOf(begins).envelope);
    value(await rotate(begins, { acceptedUntilUs: 0, plan: ONE_KEY }, NOW_US));
    const rotated = value(await begins.reload());
    const now = await signText(rotated, { domain: "profile", bytes: PROFILE });
    expect(now.records.length).toBe(2);
    expect(faults(now, PROFILE, first)).toEqual([]);
    // Without the rotation the older key would have to have signed.
    expect(faults({ ...now, records: now.records.slice(0, 1) }, PROFILE, first)).toEqual([
      "profile-signature signatures",
    ]);
    const [inception = Uint8Array.of()] = now.records;
    expect(faults({ ...now, records: [inception, inception] }, PROFILE, first)).toEqual([
      "profile-signature records",
    ]);
    expect(faults({ ...now, records: [...now.records, Uint8Array.of(7)] }, PROFILE, first)).toEqual([
      "profile-signature records",
    ]);
    expect(faults({ ...now, records: [] }, PROFILE, first)).toEqual(["profile-operator records"]);
  });

  test("of a profile is none of an enrolment of the same bytes", () => {
    const asEnrolment = { domain: "enrolment", bytes: PROFILE } as const;
    const told = textSignatureFaults(asEnrolment, signature, pinned, primitives);
    expect(told.map(({ code }) => code)).toEqual(["profile-signature"]);
  });

  test("stands under a name that no kind of record has", () => {
    for (const name of Object.values(SIGNED_DOMAINS)) expect(Object.keys(kinds)).not.toContain(name);
  });
});
