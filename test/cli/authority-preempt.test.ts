/** `authority preempt` as a person types it: what is written, what is refused, with which exit code. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CommandResult, runCommand } from "../support/agent-process.ts";
import { licenceFile } from "../support/authority-desk.ts";
import { ensureBuilt } from "../support/built.ts";

const TEST_MS_MAX = 120_000;
let base = "";
const at = (name: string): string => join(base, name);
const authority = (...args: readonly string[]): Promise<CommandResult> => runCommand(["authority", ...args]);
const secret = (): readonly string[] => ["--passphrase-file", at("passphrase")];
const order = (...more: readonly string[]): Promise<CommandResult> =>
  authority("preempt", "--authority", at("root"), ...secret(), "--out", at("directive.record"), ...more);
const band = ["--lower", "433.05MHz", "--upper", "434MHz"];

beforeAll(async () => {
  ensureBuilt("dist/src/main.js");
  base = mkdtempSync(join(tmpdir(), "cli-preempt-test-"));
  writeFileSync(at("passphrase"), "correct horse battery\n", { mode: 0o600 });
  writeFileSync(at("licence.yaml"), licenceFile({ verbs: "allocate, acquire, issue, preempt" }));
  const made = ["--out", at("root"), "--owner", "Root Ltd", ...secret(), "--licence", at("licence.yaml")];
  expect(await authority("init", ...made)).toMatchObject({ code: 0, stderr: "" });
}, TEST_MS_MAX);
afterAll(() => rmSync(base, { recursive: true, force: true }));

test(
  "writes a directive, and publish hands it out while it stands",
  async () => {
    const made = await order(...band, "--for", "10min", "--cause", "incumbent", "--leases", "3");
    expect(made).toMatchObject({ code: 0, stderr: "" });
    expect(made.stdout).toContain("cause incumbent");
    expect(existsSync(at("directive.record"))).toBe(true);
    expect((await authority("publish", "--authority", at("root"), "--out", at("handed"))).code).toBe(0);
    expect(readdirSync(at("handed")).filter((name) => name.includes("preemption"))).toHaveLength(1);
  },
  TEST_MS_MAX,
);

test(
  "keeps to the number of directives that the credential allows, and says what remains",
  async () => {
    const text = licenceFile({ verbs: "allocate, acquire, issue, preempt" });
    writeFileSync(at("few.yaml"), `${text}budgets: [{unit: directives, window: 1h, allowed: 1}]\n`);
    const made = ["--out", at("few"), "--owner", "Few Ltd", ...secret(), "--licence", at("few.yaml")];
    expect(await authority("init", ...made)).toMatchObject({ code: 0, stderr: "" });
    const once = ["preempt", "--authority", at("few"), ...secret(), ...band, "--for", "1min"];
    const first = await authority(...once, "--out", at("first.record"));
    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(first.stdout).toContain("budget 0: 1 of 1 used, 0 remain");
    const second = await authority(...once, "--out", at("second.record"));
    expect(second.stderr).toContain("preemption-over-budget");
    expect(second.code).not.toBe(0);
    expect(existsSync(at("second.record"))).toBe(false);
  },
  TEST_MS_MAX,
);

const wrong: readonly (readonly [string, readonly string[], number, string])[] = [
  ["a band outside the scope", ["--lower", "400MHz", "--upper", "401MHz"], 4, "preemption-scope"],
  ["an edge without a unit", ["--lower", "433", "--upper", "434MHz"], 2, "--lower"],
  ["edges the wrong way round", ["--lower", "434MHz", "--upper", "433.5MHz"], 4, "preemption-scope"],
  ["a cause of its own words", [...band, "--cause", "a submarine at 54 N"], 2, "--cause"],
  ["no time at all", [...band, "--for", "0s"], 4, "preemption-time"],
  ["leases that are no number", [...band, "--leases", "many"], 2, "leases"],
];
test.each(wrong)(
  "refuses %s, and writes nothing",
  async (_, flags, code, said) => {
    rmSync(at("directive.record"), { force: true });
    const refusal = await order(...flags);
    expect(refusal.code).toBe(code);
    expect(refusal.stderr).toContain(said);
    expect(existsSync(at("directive.record"))).toBe(false);
  },
  TEST_MS_MAX,
);
