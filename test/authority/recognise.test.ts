/** An authority recognises a root of others inside its own credential, once, and takes it back (PROTOCOL §6 C). */
import { describe, expect, test } from "vitest";
import { type Authority, openAuthority } from "../../src/authority/authority.ts";
import type { Entitlement } from "../../src/authority/entitlement.ts";
import { issue } from "../../src/authority/issue.ts";
import { recognise } from "../../src/authority/recognise.ts";
import { revocableById } from "../../src/authority/renew.ts";
import { writeSnapshot } from "../../src/authority/revoke.ts";
import { recognisedBy, standingOf } from "../../src/authority/standing.ts";
import { toHex } from "../../src/core/base/bytes.ts";
import {
  begun,
  below,
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

const terms: Entitlement = {
  ...whole,
  level: "user",
  verbs: ["acquire"],
  exclusive: false,
  depthLeft: 0,
  untilUs: NOW_US + 30 * DAY_US,
  scope: [{ ...box, untilUs: NOW_US + 30 * DAY_US }],
};
const other = async (): Promise<Uint8Array> => (await begun(memoryParts(9), "Another root")).view().self;

async function recognised(authority: Authority, change: Partial<Entitlement> = {}) {
  const asked = { root: await other(), entitlement: { ...terms, ...change }, documents: false };
  return recognise(authority, asked, NOW_US);
}

describe("a recognition", () => {
  test("is written into the lineage, stands, and falls with the snapshot that lists it", async () => {
    const parts = memoryParts(1);
    const authority = await root(parts);
    const made = value(await recognised(authority));
    expect(made.body).toMatchObject({
      root: await other(),
      level: "user",
      verbs: ["acquire"],
      documents: false,
    });
    const opened = value(await openAuthority(parts));
    expect(recognisedBy(opened.view()).map(({ id }) => toHex(id))).toEqual([toHex(made.id)]);
    expect(standingOf(made, opened.view(), NOW_US)).toBe("valid");
    const found = value(revocableById(opened.view(), toHex(made.id).slice(0, 12)));
    value(await writeSnapshot(opened, [found.id], NOW_US));
    expect(standingOf(made, opened.view(), NOW_US)).toBe("revoked");
  });

  test("may be a delegate's, inside what it was issued itself", async () => {
    const above = await root(memoryParts(1));
    const narrow = { ...whole, scope: [{ ...box, upperHz: 433_500_000 }], depthLeft: 2, exclusive: false };
    const authority = await below(above, memoryParts(2), narrow);
    expect(refused(await recognised(authority))).toEqual(["box-frequency-outside scope[0].upperHz"]);
    const inside = { ...terms, scope: [{ ...box, upperHz: 433_500_000, untilUs: terms.untilUs }] };
    expect(value(await recognised(authority, inside)).kind).toBe("recognition");
  });

  const wrong: readonly (readonly [string, Partial<Entitlement>, readonly string[]])[] = [
    ["a verb to issue", { verbs: ["acquire", "issue"] }, ["recognition-terms verbs"]],
    ["a verb to audit", { verbs: ["audit"] }, ["recognition-terms verbs"]],
    ["links below", { depthLeft: 1 }, ["recognition-terms depth"]],
    ["a ceiling", { holdingsMaxHz: 1 }, ["recognition-terms holdings-max"]],
    ["identifiers", { identifiers: [{ scheme: "fcc", value: "1" }] }, ["recognition-terms identifiers"]],
    ["a level of nobody's", { level: "nobody" }, ["link-level level", "recognition-terms level"]],
    ["classes of others", { eligibilityClasses: ["others"] }, ["link-classes eligibilityClasses"]],
    ["more spectrum", { scope: [{ ...box, lowerHz: 1 }] }, ["box-frequency-outside scope[0].lowerHz"]],
    ["more time", { untilUs: box.untilUs + 1 }, ["credential-validity credential[0]"]],
    ["an end before its begin", { fromUs: NOW_US, untilUs: NOW_US - 1 }, ["credential-validity-empty"]],
    ["no width", { scope: [{ ...box, upperHz: box.lowerHz }] }, ["box-frequency-empty scope[0].upperHz"]],
  ];

  test.each(wrong)("with %s is refused, and nothing is written", async (_, change, codes) => {
    const parts = memoryParts(1);
    const authority = await root(parts);
    const standing = parts.folder.own.length;
    const said = refused(await recognised(authority, change)).map((each) => each.trim());
    for (const code of codes) expect(said).toContain(code);
    expect(parts.folder.own).toHaveLength(standing);
  });

  test("may have the other root's directives count, where its author may preempt itself", async () => {
    const preempting = { ...terms, verbs: ["preempt" as const], level: "regulator" };
    const authority = await root(memoryParts(1));
    expect(value(await recognised(authority, preempting)).body.verbs).toEqual(["preempt"]);
    const barred = await root(memoryParts(1), undefined, { verbs: ["acquire", "allocate", "issue"] });
    expect(refused(await recognised(barred, preempting))).toEqual(["link-verbs verbs"]);
  });

  test("is of others: neither of itself, nor of the root above", async () => {
    const above = await root(memoryParts(1));
    const authority = await below(above, memoryParts(2), { ...whole, depthLeft: 2, exclusive: false });
    for (const { self } of [above.view(), authority.view()]) {
      const asked = { root: self, entitlement: terms, documents: false };
      expect(refused(await recognise(authority, asked, NOW_US))).toEqual(["recognition-of-own root"]);
    }
  });

  test("with the verb to let takes its scope up: what is let exclusively already is not given twice", async () => {
    const authority = await root(memoryParts(1));
    const licensee = { ...whole, level: "licensee", verbs: ["allocate" as const], depthLeft: 0 };
    value(await issue(authority, await subject(3), licensee, NOW_US));
    const letting = { verbs: ["allocate" as const] };
    expect(refused(await recognised(authority, letting))).toEqual(["already-allocated scope[0]"]);
    expect(value(await recognised(authority)).body.verbs).toEqual(["acquire"]);
    const fresh = await root(memoryParts(4));
    value(await recognised(fresh, { ...letting, exclusive: true }));
    const asked = await issue(fresh, await subject(3), { ...licensee, untilUs: terms.untilUs }, NOW_US);
    expect(refused(asked)).toEqual(["already-allocated scope[0]"]);
  });
});
