/** What an authority has a broker keep: each record behind what it stands on, and nothing of what is over (PROTOCOL §3, §6 C). */
import { expect, test } from "vitest";
import { announcements } from "../../src/authority/announcements.ts";
import type { Authority } from "../../src/authority/authority.ts";
import { recognise } from "../../src/authority/recognise.ts";
import { writeSnapshot } from "../../src/authority/revoke.ts";
import { rotate } from "../../src/authority/rotate.ts";
import { recognitionTopic } from "../../src/core/wire/topic.ts";
import {
  begun,
  below,
  box,
  DAY_US,
  memoryParts,
  NOW_US,
  root,
  value,
  whole,
} from "../support/memory-authority.ts";

const END_US = NOW_US + 30 * DAY_US;

async function recognised(authority: Authority, fromUs = NOW_US) {
  const other = (await begun(memoryParts(9), "Another root")).view().self;
  const terms = { ...whole, level: "user", verbs: ["acquire" as const], exclusive: false, depthLeft: 0 };
  const entitlement = { ...terms, fromUs, untilUs: END_US, scope: [{ ...box, untilUs: END_US }] };
  return value(await recognise(authority, { root: other, entitlement, documents: false }, NOW_US));
}

/** Kinds that the broker is to keep there; "-" for each that is cleared. */
function kept(authority: Authority, nowUs: number): readonly string[] {
  return announcements(authority.view(), nowUs)
    .filter(({ topic }) => topic.includes("/recognition/"))
    .map(({ record }) => record?.kind ?? "-");
}

test("a recognition comes behind its author's keys and chain, each under its own id in its author's name", async () => {
  const authority = await root(memoryParts(1));
  expect(kept(authority, NOW_US)).toEqual([]);
  const made = await recognised(authority);
  expect(kept(authority, NOW_US)).toEqual(["key-event", "credential", "recognition"]);
  const all = announcements(authority.view(), NOW_US);
  const { self } = authority.view();
  expect(all.at(-1)).toMatchObject({ topic: recognitionTopic(self, made.id), record: { id: made.id } });
  value(await rotate(authority, { acceptedUntilUs: END_US, plan: null }, NOW_US));
  expect(kept(authority, NOW_US)).toEqual([
    "key-event",
    "key-rotation",
    "credential",
    "credential",
    "recognition",
  ]);
});

test("a delegate's brings the chain above it", async () => {
  const above = await root(memoryParts(1));
  const delegate = await below(above, memoryParts(2), {
    ...whole,
    level: "licensee",
    depthLeft: 1,
    verbs: ["acquire", "issue"],
  });
  await recognised(delegate);
  expect(kept(delegate, NOW_US)).toEqual([
    "key-event",
    "key-event",
    "credential",
    "credential",
    "recognition",
  ]);
});

test("one that is to begin is announced; one that ended, or was revoked, is cleared with all that it stood on", async () => {
  const authority = await root(memoryParts(1));
  const made = await recognised(authority, NOW_US + DAY_US);
  expect(kept(authority, NOW_US)).toContain("recognition");
  expect(kept(authority, END_US)).toEqual(["-", "-", "-"]);
  value(await writeSnapshot(authority, [made.id], NOW_US));
  expect(kept(authority, NOW_US)).toEqual(["-", "-", "-"]);
});
