/** Who may speak at a broker, and whose credentials open which offers there: those to acquire, that hold now. */
import { expect, test } from "vitest";
import { issue } from "../../src/authority/issue.ts";
import { type Listener, listenersOf } from "../../src/authority/listeners.ts";
import { writeSnapshot } from "../../src/authority/revoke.ts";
import { toHex } from "../../src/core/base/bytes.ts";
import { DAY_US, memoryParts, NOW_US, root, subject, value, whole } from "../support/memory-authority.ts";

const shared = { ...whole, exclusive: false, depthLeft: 0 };
const acquiring = { ...shared, level: "user", verbs: ["acquire" as const], eligibilityClasses: ["bench"] };
const [SHORT_US, LONG_US] = [NOW_US + DAY_US, NOW_US + 9 * DAY_US];

async function issued(...given: readonly (readonly [seed: number, entitlement: typeof whole])[]) {
  const authority = await root(memoryParts(1));
  const links = [];
  for (const [seed, entitlement] of given) {
    links.push(value(await issue(authority, await subject(seed), entitlement, NOW_US)));
  }
  const after = (us: number): readonly Listener[] => listenersOf(authority.view(), NOW_US + us);
  return { authority, links, after };
}

test("an agent hears the classes of all its credentials to acquire, until the first of them ends", async () => {
  const { links, after } = await issued(
    [2, { ...acquiring, untilUs: LONG_US }],
    [2, { ...acquiring, eligibilityClasses: ["bench", "away"], untilUs: SHORT_US }],
  );
  const lineage = toHex(links[0]?.body.subjectLineage ?? new Uint8Array());
  expect(after(0)).toEqual([{ lineage, classes: ["away", "bench"], untilUs: SHORT_US }]);
  expect(after(DAY_US)).toEqual([{ lineage, classes: ["bench"], untilUs: LONG_US }]);
  expect(after(9 * DAY_US)).toEqual([]);
});

test("a credential that begins later opens nothing, and one that entitles to let alone no offers", async () => {
  const { after } = await issued(
    [2, { ...acquiring, fromUs: NOW_US + DAY_US, untilUs: LONG_US }],
    [3, { ...acquiring, verbs: ["allocate"], untilUs: LONG_US }],
  );
  expect(after(0).map(({ classes }) => classes)).toEqual([[]]);
  expect(
    after(DAY_US)
      .map(({ classes }) => classes)
      .sort(),
  ).toEqual([[], ["bench"]]);
});

test("a revoked one closes with the snapshot that lists it", async () => {
  const { authority, links, after } = await issued(
    [2, { ...acquiring, untilUs: LONG_US }],
    [3, { ...acquiring, untilUs: LONG_US }],
  );
  const [first, second] = links;
  value(await writeSnapshot(authority, [first?.id ?? new Uint8Array()], NOW_US));
  expect(after(0).map(({ lineage }) => lineage)).toEqual([
    toHex(second?.body.subjectLineage ?? new Uint8Array()),
  ]);
});
