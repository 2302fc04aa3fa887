import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nodeSignatures } from "../../src/adapters/signatures/node-signatures.ts";
import { readBundle } from "../../src/core/audit/bundle.ts";
import { bodiesFrom } from "../../src/core/pairing/bodies.ts";
import { type AnyRecord, type RecordOf, readRecord } from "../../src/core/record/record.ts";
import { spatialWindow } from "../../src/core/window/spatial.ts";
import { readEnvelope } from "../../src/core/wire/envelope.ts";
import { ensureBuilt } from "../support/built.ts";

const MAIN = new URL("../../dist/src/main.js", import.meta.url).pathname;
const run = promisify(execFile);

type Demo = {
  readonly schema: string;
  readonly settlements: readonly {
    readonly artifactId: string;
    readonly holder: string;
    readonly consumer: string;
    readonly lowerHz: number;
    readonly upperHz: number;
    readonly elapsedMs: number;
  }[];
  readonly refusals: readonly {
    readonly code: string;
    readonly measured: Readonly<Record<string, number | string>>;
    readonly required: Readonly<Record<string, number | string>>;
  }[];
  readonly emissionsOutsideLease: number;
  readonly bundle: string;
  readonly trust: string;
  readonly verified: boolean;
};

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

async function demo(seed: number): Promise<Demo> {
  const out = mkdtempSync(join(tmpdir(), "spectrum-demo-test-"));
  folders.push(out);
  const { stdout } = await run(process.execPath, [
    MAIN,
    "demo",
    "--exit",
    "--json",
    "--out",
    out,
    "--seed",
    String(seed),
  ]);
  return JSON.parse(stdout) as Demo;
}

/** Exit code and output of a command that may fail. */
async function command(
  ...argv: readonly string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    return { code: 0, ...(await run(process.execPath, [MAIN, ...argv])) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

function recordsOf(bundle: string): readonly AnyRecord[] {
  const read = readBundle(readFileSync(bundle, "utf8").trimEnd().split("\n"));
  if (!read.ok) throw new Error(JSON.stringify(read.rejections));
  const { sha256 } = nodeSignatures();
  return read.value.records.map(({ envelope }) => {
    const parsed = readEnvelope(envelope);
    const record = parsed.ok ? readRecord(parsed.value, sha256) : parsed;
    if (!record.ok) throw new Error(JSON.stringify(record.rejections));
    return record.value;
  });
}

/** The records that a refusal stands on: the acceptance, its offer, and both credentials. */
function refusedPair(records: readonly AnyRecord[], code: string) {
  const bodies = bodiesFrom(records);
  const rejection = records.find(
    (each) => each.kind === "rejection" && each.body.findings.some((finding) => finding.code === code),
  ) as RecordOf<"rejection">;
  const acceptance = bodies.get(rejection.body.subject ?? new Uint8Array(32)) as RecordOf<"acceptance">;
  const offer = bodies.get(acceptance.body.offer) as RecordOf<"offer">;
  const policy = bodies.get(offer.header.policy ?? new Uint8Array(32)) as RecordOf<"policy">;
  const credential = bodies.get(acceptance.header.credential ?? new Uint8Array(32)) as RecordOf<"credential">;
  return { rejection, acceptance, offer, policy, credential };
}

describe("the demo", () => {
  let first: Demo;
  let second: Demo;
  beforeAll(async () => {
    await ensureBuilt();
    // One after the other: two at once would share two cores and each other's deadlines.
    first = await demo(7);
    second = await demo(8);
  }, 120_000);

  test("ends by itself with one JSON document that names what it did", () => {
    expect(first.schema).toBe("spectrum-agent.demo/1");
    expect(first.settlements).toHaveLength(1);
    expect(first.settlements[0]).toMatchObject({ lowerHz: 433_500_000, upperHz: 433_600_000 });
    expect(first.refusals.map(({ code }) => code)).toEqual([
      "outside-spatial-window",
      "not-eligible",
      "already-allocated",
    ]);
    expect(first.emissionsOutsideLease).toBe(0);
    expect(first.verified).toBe(true);
  });

  test("two seeds differ in distances and ids", () => {
    const [one, other] = [first, second].map(({ settlements, refusals }) => ({
      ...settlements[0],
      far: refusals[0]?.measured,
    }));
    expect(one?.artifactId).not.toBe(other?.artifactId);
    expect(one?.holder).not.toBe(other?.holder);
    expect(one?.consumer).not.toBe(other?.consumer);
    expect(one?.far?.["distanceMm"]).not.toBe(other?.far?.["distanceMm"]);
  });

  test("the printed distance is that of the bundle's own records", () => {
    const records = recordsOf(first.bundle);
    const { acceptance, offer, policy } = refusedPair(records, "outside-spatial-window");
    const [a, b] = [offer.header.place?.value, acceptance.header.place?.value];
    if (a === null || a === undefined || b === null || b === undefined)
      throw new Error("both places are in clear");
    const again = spatialWindow({ a, b, windowMm: policy.body.spatialWindowMm });
    expect(again.passed).toBe(false);
    expect(first.refusals[0]).toEqual({
      code: again.code,
      measured: again.measured,
      required: again.required,
    });
  });

  test("the printed ineligibility is that of the refused credential", () => {
    const { credential, offer } = refusedPair(recordsOf(first.bundle), "not-eligible");
    const { eligibilityClass } = offer.body.eligibility;
    expect(credential.body.eligibilityClasses).not.toContain(eligibilityClass);
    expect(first.refusals[1]).toEqual({
      code: "not-eligible",
      measured: { classes: credential.body.eligibilityClasses.join(" ") },
      required: { eligibilityClass },
    });
  });

  test("the printed allocation is that of the settlement in the bundle", () => {
    const records = recordsOf(first.bundle);
    const { acceptance } = refusedPair(records, "already-allocated");
    const [settled] = first.settlements;
    expect(first.refusals[2]?.required["lease"]).toBe(settled?.artifactId);
    expect(first.refusals[2]?.measured["lowerHz"]).toBe(acceptance.body.block.lowerHz);
    const { lowerHz, upperHz } = acceptance.body.block;
    expect(lowerHz < (settled?.upperHz ?? 0) && upperHz > (settled?.lowerHz ?? 0)).toBe(true);
  });

  test("verify passes under the demo's root, and says that everything was simulated", async () => {
    const { code, stdout } = await command("verify", first.bundle, "--trust", first.trust, "--json");
    expect(code).toBe(0);
    const verdict = JSON.parse(stdout) as {
      verdict: string;
      simulated: boolean;
      marks: string[];
      counts: { failed: number };
    };
    expect(verdict).toMatchObject({ schema: "spectrum-agent.verify/1", verdict: "passed", simulated: true });
    expect(verdict.counts.failed).toBe(0);
    expect(verdict.marks).toContain("licence: asserted, not signed by a regulator");
  });

  test("verify fails under another demo's root, whatever the bundle says", async () => {
    const { code, stdout } = await command("verify", first.bundle, "--trust", second.trust);
    expect(code).toBe(1);
    expect(stdout).toContain("failed");
  });

  test("verify fails on a bundle with one byte changed, and names the line", async () => {
    const lines = readFileSync(first.bundle, "utf8").split("\n");
    const at = lines.findIndex((line) => line.includes('"envelope"')) + 3;
    const line = lines[at] ?? "";
    const middle = Math.floor(line.length / 2);
    const other = line[middle] === "A" ? "B" : "A";
    lines[at] = `${line.slice(0, middle)}${other}${line.slice(middle + 1)}`;
    const changed = `${first.bundle}.changed`;
    writeFileSync(changed, lines.join("\n"));
    expect((await command("verify", changed, "--trust", first.trust)).code).toBe(1);
  });

  test("wrong words end with exit 2 and say which are known", async () => {
    expect((await command("verify", first.bundle)).code).toBe(2);
    expect((await command("demo", "--seed", "much")).code).toBe(2);
    expect((await command("conjure")).code).toBe(2);
  });
});
