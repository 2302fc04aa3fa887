/** `authority recognise` as a person types it: what two roots hand to each other, and how it is taken back. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CommandResult, runCommand } from "../support/agent-process.ts";
import { ensureBuilt } from "../support/built.ts";

const TEST_MS_MAX = 120_000;
const BOXES = `scope:
  - band: [433.05MHz, 434.79MHz]
    area: {circle: {centre: {latitude: 52.5163deg, longitude: 13.3777deg}, radius: 5km}}
    limits: [12dBm EIRP]
    commodity-class: spectrum
`;
const LICENCE = `schema: spectrum-agent.licence/1
root: licensee
licence: {scheme: de-bnetza, number: 55-1234, register: "https://example.org"}
level: regulator
verbs: [allocate, acquire, issue]
classes: [bench]
exclusive: true
depth: 3
duration: 365d
contact: somebody
revocation-channel: by file
${BOXES}`;
const TERMS = `schema: spectrum-agent.grant/1\nclasses: [bench]\nlevel: user\nverbs: [acquire]\nduration: 30d\n${BOXES}`;

let base = "";
const at = (...parts: readonly string[]): string => join(base, ...parts);
const authority = (...args: readonly string[]): Promise<CommandResult> => runCommand(["authority", ...args]);
const secret = (): readonly string[] => ["--passphrase-file", at("passphrase")];

function recognise(scope: string, ...more: readonly string[]): Promise<CommandResult> {
  const files = [
    "--root",
    at("theirs", "trust", "root.record"),
    "--scope",
    at(scope),
    "--out",
    at("given.record"),
  ];
  return authority("recognise", "--authority", at("ours"), ...secret(), ...files, ...more);
}

beforeAll(async () => {
  ensureBuilt("dist/src/main.js");
  base = mkdtempSync(join(tmpdir(), "cli-recognise-test-"));
  writeFileSync(at("passphrase"), "correct horse battery\n", { mode: 0o600 });
  writeFileSync(at("licence.yaml"), LICENCE);
  writeFileSync(at("terms.yaml"), TERMS);
  for (const name of ["ours", "theirs"]) {
    const files = ["--licence", at("licence.yaml"), ...secret()];
    expect(await authority("init", "--out", at(name), "--owner", `${name} Ltd`, ...files)).toMatchObject({
      code: 0,
    });
  }
}, TEST_MS_MAX);
afterAll(() => rmSync(base, { recursive: true, force: true }));

test(
  "a root is recognised, listed, published with the rest, and revoked",
  async () => {
    const made = await recognise("terms.yaml", "--documents");
    expect(made).toMatchObject({ code: 0, stderr: "" });
    expect(made.stdout).toMatch(
      /recognises root [0-9a-f]{16}: up to user \(acquire\), its policies and commodities too/,
    );
    expect(existsSync(at("given.record"))).toBe(true);
    const listed = await authority("list", "--authority", at("ours"), "--json");
    const { recognitions } = JSON.parse(listed.stdout);
    expect(recognitions).toMatchObject([{ standing: "valid", body: { level: "user", documents: true } }]);
    expect((await authority("publish", "--authority", at("ours"), "--out", at("documents"))).code).toBe(0);
    expect(readdirSync(at("documents")).filter((name) => name.includes("recognition"))).toHaveLength(1);
    const [{ recognition: id }] = recognitions;
    const revoked = await authority(
      "revoke",
      id.slice(0, 16),
      "--authority",
      at("ours"),
      ...secret(),
      "--out",
      at("snapshot.record"),
    );
    expect(revoked.stdout).toMatch(/revoked [0-9a-f]{16} of root [0-9a-f]{16}; its scope is free again/);
    expect((await authority("list", "--authority", at("ours"))).stdout).toMatch(
      / revoked {2}recognises root/,
    );
  },
  TEST_MS_MAX,
);

test.each<[string, string, readonly string[], number, RegExp]>([
  ["more than the own scope", TERMS.replace("434.79MHz", "435MHz"), [], 4, /box-frequency-outside.*upperHz/],
  ["the right to issue", TERMS, ["--verbs", "issue"], 7, /recognition-terms.*verbs: measured found issue/],
  ["links below", `${TERMS}depth: 1\n`, [], 7, /recognition-terms.*depth: measured found 1/],
  [
    "no scope",
    "schema: spectrum-agent.grant/1\nduration: 1d\nlevel: user\nverbs: [acquire]\n",
    [],
    78,
    /scope/,
  ],
  ["another kind of record as root", TERMS, ["--root", "POLICY"], 78, /trust-not-inception/],
])(
  "%s is refused, and no file is left",
  async (_, terms, more, code, said) => {
    writeFileSync(at("wrong.yaml"), terms);
    rmSync(at("given.record"), { force: true });
    await authority("publish", "--authority", at("theirs"), "--out", at("theirs.out"));
    const policy = readdirSync(at("theirs.out")).find((name) => name.includes("policy")) ?? "";
    const flags = more.map((each) => (each === "POLICY" ? at("theirs.out", policy) : each));
    const refused = await recognise("wrong.yaml", ...flags);
    expect(refused.stderr).toMatch(said);
    expect(refused.code).toBe(code);
    expect(existsSync(at("given.record"))).toBe(false);
  },
  TEST_MS_MAX,
);
