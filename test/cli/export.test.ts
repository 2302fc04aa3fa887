/** `export` as a person types it, while somebody holds the log: all of it, one lease, or why not (PROTOCOL §9). */
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openNodeDisk } from "../../src/adapters/store/node-disk.ts";
import { openSegmentStore } from "../../src/adapters/store/segment-store.ts";
import { systemEntropy } from "../../src/adapters/system/entropy.ts";
import { readBundle } from "../../src/compose/bundles.ts";
import { toHex } from "../../src/core/base/bytes.ts";
import type { AnyRecord } from "../../src/core/record/record.ts";
import type { Frame, Store } from "../../src/ports/store.ts";
import { story } from "../core/audit/story.ts";
import { type CommandResult, runCommand } from "../support/agent-process.ts";
import { ensureBuilt, repository } from "../support/built.ts";
import { packed } from "../support/lineage-builder.ts";

/** Several starts of the program on a busy machine. */
const TEST_MS_MAX = 120_000;
const of = story();
const artifact = toHex(of.derived.id);
let base = "";
let store: Store | null = null;
const at = (name: string): string => join(base, name);
const out = (): string => at("out.bundle");

const frame = (kind: Frame["kind"], { envelope }: AnyRecord): Frame => ({ kind, bytes: packed(envelope) });

/** The consumer's log: what others said, and what it said itself. */
beforeAll(async () => {
  ensureBuilt("dist/src/main.js");
  base = mkdtempSync(join(tmpdir(), "cli-export-test-"));
  copyFileSync(join(repository, "profiles/devices/bench-radio.yaml"), at("radio.yaml"));
  writeFileSync(at("base.yaml"), "schema: spectrum-agent.profile/1\nextends: radio.yaml\nstate: ./state\n");
  store = await openSegmentStore({ disk: await openNodeDisk(at("state/log")), entropy: systemEntropy() });
  const others = [...of.market.root.records(), ...of.market.holder.author.records()];
  await store.append(others.map((each) => frame("foreign", each)));
  await store.append(of.consumer.author.records().map((each) => frame("own", each)));
});
afterAll(async () => {
  await store?.close();
  rmSync(base, { recursive: true, force: true });
});

function exported(...args: readonly string[]): Promise<CommandResult> {
  return runCommand(["export", ...args, "--profile", at("base.yaml"), "--out", out()]);
}

test(
  "writes the whole log, or one lease by the first digits of its artifact, and says how much",
  async () => {
    const log = readdirSync(at("state/log"));
    const whole = await exported("--json");
    expect(whole).toMatchObject({ code: 0, stderr: "" });
    const records = store?.size ?? 0;
    expect(JSON.parse(whole.stdout)).toMatchObject({ artifact: null, records, file: out() });
    const all = await readBundle(out());
    expect(all.ok && all.value.header.lineages).toMatchObject([{ lineage: of.consumer.author.lineage }]);

    const one = await exported(artifact.slice(0, 8));
    expect(one).toMatchObject({ code: 0, stderr: "" });
    expect(one.stdout).toMatch(new RegExp(`^lease ${artifact.slice(0, 16)}, \\d+ records: `));
    const lease = await readBundle(out());
    expect(lease.ok && lease.value.header).toMatchObject({ lineages: [], lease: of.derived.id });
    expect(readdirSync(at("state/log"))).toEqual(log);
  },
  TEST_MS_MAX,
);

test.each<[string, readonly string[], number, string]>([
  ["a lease that the log lacks", ["00000000"], 4, "bundle-lease-unknown"],
  ["what is no id", ["lease 7"], 2, "artifact's id"],
])(
  "refuses %s, and writes nothing",
  async (_, args, code, said) => {
    rmSync(out(), { force: true });
    const refusal = await exported(...args);
    expect(refusal.code).toBe(code);
    expect(refusal.stderr).toContain(said);
    expect(existsSync(out())).toBe(false);
  },
  TEST_MS_MAX,
);

test(
  "where no agent has a log yet it says so, and where none runs nothing is heard",
  async () => {
    writeFileSync(at("other.yaml"), "schema: spectrum-agent.profile/1\nextends: radio.yaml\nstate: ./none\n");
    const none = await runCommand(["export", "--profile", at("other.yaml"), "--out", out()]);
    expect(none).toMatchObject({ code: 5, stderr: expect.stringContaining("store-unreadable") });
    expect(existsSync(at("none"))).toBe(false);
    const unheard = await runCommand(["hear", at("radio.yaml"), "--profile", at("other.yaml")]);
    expect(unheard).toMatchObject({ code: 3, stderr: expect.stringContaining("agent-not-reachable") });
  },
  TEST_MS_MAX,
);
