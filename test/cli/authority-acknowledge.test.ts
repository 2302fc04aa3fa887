/** `authority acknowledge` as a person types it: a lease is verified before anybody says that it is in hand (PROTOCOL §6). */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { announcements } from "../../src/authority/announcements.ts";
import type { Authority } from "../../src/authority/authority.ts";
import { currentKey } from "../../src/authority/lineage.ts";
import { publicRecords } from "../../src/authority/public-records.ts";
import { createAuthority, passphrasesFrom, readAuthority } from "../../src/compose/offline-authority.ts";
import { type BundleRecord, writeBundleHeader, writeBundleRecord } from "../../src/core/audit/bundle.ts";
import { equalBytes, toHex } from "../../src/core/base/bytes.ts";
import { SUITE_ES256 } from "../../src/core/base/primitives.ts";
import { accept } from "../../src/core/base/rejection.ts";
import type { AnyRecord } from "../../src/core/record/record.ts";
import { recordOfBytes } from "../../src/core/record/record-of-bytes.ts";
import type { Block } from "../../src/core/record/spectrum-fields.ts";
import { bundleOf } from "../core/audit/story.ts";
import { type CommandResult, runCommand } from "../support/agent-process.ts";
import { ensureBuilt } from "../support/built.ts";
import { packed, primitives } from "../support/lineage-builder.ts";
import { market } from "../support/market-builder.ts";

const TEST_MS_MAX = 120_000;
/** 2100: these authorities are asked by the wall clock, and the lease is of 2025. */
const FAR_US = 4_102_444_800_000_000;
let base = "";
let artifact = "";
let settlement = "";
let consumer = new Uint8Array(0);
let holder = new Uint8Array(0);
let grant: Pick<Block, "fromUs" | "untilUs"> = { fromUs: 0, untilUs: 0 };
const at = (name: string): string => join(base, name);

/** A desk of a level below the market's root, in a folder of its own. */
async function openDesk(name: string, of: ReturnType<typeof market>, level: string): Promise<void> {
  const place = { folder: at(name), passphrases: await passphrasesFrom([at("passphrase")]) };
  const begin = { owner: name, plan: { keys: 1, threshold: 1, suite: SUITE_ES256 } };
  const made = await createAuthority(place, begin, async (desk) => {
    const { self, lineage } = desk.view();
    const { body } = of.rootCredential;
    const link = of.root.write("credential", {
      ...body,
      subjectLineage: self,
      subjectKey: currentKey(lineage).keyId,
      level,
      verbs: ["issue"],
      exclusive: false,
      depthLeft: 0,
      parent: of.rootCredential.id,
      owner: name,
    });
    const [inception, ...rest] = of.root.records();
    await desk.parts.folder.keepRoot(packed((inception as AnyRecord).envelope));
    const documents = [...rest, link].map((each, i) => ({
      name: `${String(i).padStart(3, "0")}.record`,
      bytes: packed(each.envelope),
    }));
    await desk.parts.folder.keepDocuments(documents);
    return accept(link);
  });
  expect(made).toMatchObject({ ok: true });
}

function writeBundle(name: string, records: readonly BundleRecord[], foreign: number): void {
  const header = { exportedBy: "test", views: ["party" as const], lineages: [], foreign };
  const lines = [writeBundleHeader(header), ...records.map(writeBundleRecord)];
  writeFileSync(at(name), `${lines.join("\n")}\n`);
}

beforeAll(async () => {
  ensureBuilt("dist/src/main.js");
  base = mkdtempSync(join(tmpdir(), "cli-acknowledge-test-"));
  writeFileSync(at("passphrase"), "correct horse battery\n", { mode: 0o600 });
  const oversight = { level: "root", duty: "acknowledged" as const };
  const leaseClasses = market({}).policy.body.leaseClasses.map((each) => ({ ...each, oversight }));
  const of = market({ name: "desk", policy: { leaseClasses }, rootCredential: { untilUs: FAR_US } });
  const buyer = of.party({ name: "consumer", northE7: 10_000 });
  const offer = of.offer(0);
  const bound = of.bind(buyer, offer, of.accept(buyer, offer, 1), 2);
  consumer = Uint8Array.from(buyer.author.lineage);
  holder = Uint8Array.from(of.holder.author.lineage);
  grant = bound.derived.artifact.block;
  artifact = toHex(bound.derived.id);
  settlement = toHex(bound.holderSettlement.id);
  const { records } = bundleOf([of.holder.author, buyer.author], of.root.records());
  const foreign = records.map(({ envelope }) => ({ lineage: null, envelope }));
  writeBundle("lease.bundle", foreign, foreign.length);
  const without = foreign.filter(({ envelope }) => {
    const read = recordOfBytes(envelope, primitives);
    return !read.ok || read.value.kind !== "offer";
  });
  writeBundle("half.bundle", without, without.length);
  writeFileSync(at("no.bundle"), "not a bundle\n");
  await openDesk("desk", of, "root");
  await openDesk("clerk", of, "licensee");
}, TEST_MS_MAX);
afterAll(() => rmSync(base, { recursive: true, force: true }));

function acknowledge(
  desk: string,
  id: string,
  bundle: string,
  ...more: readonly string[]
): Promise<CommandResult> {
  const where = ["--authority", at(desk), "--passphrase-file", at("passphrase")];
  const files = ["--bundle", at(bundle), "--out", at("word.record")];
  return runCommand(["authority", "acknowledge", id, ...where, ...files, ...more]);
}

async function inDesk<T>(look: (desk: Pick<Authority, "view">) => T): Promise<T> {
  const read = await readAuthority(at("desk"), async (desk) => accept(look(desk)));
  if (!read.ok) throw new Error(read.rejections.map(({ code, field }) => `${code} ${field}`).join());
  return read.value;
}

test(
  "writes a record that names the lease and its holder's settlement",
  async () => {
    const done = await acknowledge("desk", artifact.slice(0, 12), "lease.bundle", "--json");
    expect(done).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(done.stdout)).toMatchObject({ artifact, settlement });
    const read = recordOfBytes(new Uint8Array(readFileSync(at("word.record"))), primitives);
    expect(read).toMatchObject({ ok: true, value: { kind: "acknowledgement" } });

    // A broker is to keep it for that consumer, after its author's keys and chain, while the grant lasts.
    const told = (nowUs: number): Promise<readonly (readonly [to: string, kind: string | null])[]> =>
      inDesk(({ view }) =>
        announcements(view(), nowUs)
          .filter(({ topic }) => topic.includes("/acknowledgement/"))
          .map(({ topic, record }) => [topic.split("/")[3] ?? "", record?.kind ?? null]),
      );
    const during = await told(grant.untilUs - 1);
    expect(new Set(during.map(([to]) => to))).toEqual(new Set([toHex(consumer)]));
    expect(during.map(([, kind]) => kind)).toEqual(expect.arrayContaining(["key-event", "credential"]));
    expect(during.at(-1)?.[1]).toBe("acknowledgement");
    const after = await told(grant.untilUs);
    expect(after.map(([, kind]) => kind)).toEqual(during.map(() => null));
    // Whose lease it was is nobody else's business.
    const handed = await inDesk(({ view }) => publicRecords(view(), grant.fromUs));
    const parties = handed.filter(({ kind, header }) => {
      return kind === "key-event" && [holder, consumer].some((each) => equalBytes(each, header.lineage));
    });
    expect(parties).toEqual([]);

    // Said again, it is another record of the same, and neither hides the other.
    expect(await acknowledge("desk", artifact, "lease.bundle")).toMatchObject({ code: 0, stderr: "" });
    const twice = (await told(grant.untilUs - 1)).filter(([, kind]) => kind === "acknowledgement");
    expect(twice).toHaveLength(2);
  },
  TEST_MS_MAX,
);

test.each<[string, string, () => string, string, number, string]>([
  [
    "a lease that the bundle lacks",
    "desk",
    () => "00000000",
    "lease.bundle",
    4,
    "acknowledgement-unverified",
  ],
  [
    "one that does not come out again",
    "desk",
    () => artifact,
    "half.bundle",
    4,
    "acknowledgement-unverified",
  ],
  ["an authority of a lower level", "clerk", () => artifact, "lease.bundle", 4, "acknowledgement-level"],
  ["what is no id", "desk", () => "lease 7", "lease.bundle", 2, "artifact's id"],
  ["what is no bundle", "desk", () => artifact, "no.bundle", 1, "bundle"],
])(
  "refuses %s, and writes nothing",
  async (_, desk, id, bundle, code, said) => {
    rmSync(at("word.record"), { force: true });
    const refusal = await acknowledge(desk, id(), bundle);
    expect(refusal.stderr).toContain(said);
    expect(refusal.code).toBe(code);
    expect(existsSync(at("word.record"))).toBe(false);
  },
  TEST_MS_MAX,
);
