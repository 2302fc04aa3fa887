/**
 * A host whose key works in approved states only, command by command as its operator and the approver type them: what the
 * TPM measured, the approval, and that the key signs with it and not without.
 */
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CommandResult, runCommand } from "../support/agent-process.ts";
import { ensureBuilt, repository } from "../support/built.ts";
import { hasOpenssl } from "../support/certificates.ts";
import { startSwtpm, swtpmMissing } from "../support/swtpm.ts";

const TEST_MS_MAX = 180_000;
const missing = swtpmMissing() ?? (hasOpenssl ? null : "openssl is not installed");
const title = (text: string): string => (missing === null ? text : `${text} (skipped: ${missing})`);

let base = "";
const at = (...parts: readonly string[]): string => join(base, ...parts);
const authority = (...args: readonly string[]): Promise<CommandResult> => runCommand(["authority", ...args]);
const openssl = (...args: readonly string[]): void => void execFileSync("openssl", args, { stdio: "pipe" });
const approve = (values: string, key = "approver.pem"): Promise<CommandResult> =>
  authority(
    ...["approve", "--values", values, "--key", at(key), "--passphrase-file", at("passphrase")],
    ...["--out", at("approval.json")],
  );

async function host(name: string, tpm: string): Promise<void> {
  const text = await readFile(join(repository, "profiles/devices/bench-holder.yaml"), "utf8");
  await mkdir(at(name, "approvals"), { recursive: true });
  const options = 'pcrs: "0,16", pcr-approver: ../approver.pub, pcr-approvals: ./approvals';
  const own = text
    .replace(/^state: .*$/m, "state: ./state")
    .replace(/^tpm:\n(?: .*\n)+/m, `tpm: {${tpm}, ${options}}\n`);
  await writeFile(at(name, "profile.yaml"), own);
}

const request = (name: string): Promise<CommandResult> =>
  authority("request", "--profile", at(name, "profile.yaml"), "--out", at(name, "request.yaml"));

beforeAll(async () => {
  ensureBuilt("dist/src/main.js");
  base = await mkdtemp(join(tmpdir(), "pcr-approval-test-"));
  await writeFile(at("passphrase"), "correct horse battery\n", { mode: 0o600 });
  if (missing !== null) return;
  const key = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-aes256"];
  const sealed = ["-pass", `file:${at("passphrase")}`, "-out", at("approver.pem")];
  openssl("genpkey", ...key, ...sealed);
  openssl(
    "pkey",
    "-in",
    at("approver.pem"),
    "-passin",
    `file:${at("passphrase")}`,
    "-pubout",
    "-out",
    at("approver.pub"),
  );
  openssl(
    "genpkey",
    "-algorithm",
    "ED25519",
    "-aes256",
    "-pass",
    `file:${at("passphrase")}`,
    "-out",
    at("edwards.pem"),
  );
  openssl("genpkey", ...key.slice(0, -1), "-out", at("open.pem"));
}, TEST_MS_MAX);
afterAll(() => rm(base, { recursive: true, force: true }));

describe.skipIf(missing !== null)(title("a key under a policy of PCRs"), () => {
  test(
    "of a real TPM signs its inception once somebody approved what the TPM holds",
    async () => {
      const tpm = await startSwtpm();
      try {
        await host("real", `driver: swtpm, port: ${tpm.port}, keys: ./keys`);
        await signsWhenApproved("real");
      } finally {
        await tpm.stop();
      }
    },
    TEST_MS_MAX,
  );

  test(
    "of a simulated TPM does so too",
    async () => {
      await host("simulated", "driver: simulated, state: ./tpm");
      await signsWhenApproved("simulated");
    },
    TEST_MS_MAX,
  );

  async function signsWhenApproved(name: string): Promise<void> {
    const before = await request(name);
    expect([before.code, before.stderr]).toEqual([5, expect.stringContaining("tpm-pcrs-unapproved")]);
    const read = await authority(
      "pcrs",
      "--profile",
      at(name, "profile.yaml"),
      "--out",
      at("values.yaml"),
      "--json",
    );
    expect(read).toMatchObject({ code: 0, stderr: "" });
    const { values } = JSON.parse(read.stdout) as { readonly values: readonly { readonly pcr: number }[] };
    expect(values.map(({ pcr }) => pcr)).toEqual([0, 16]);

    // Of a state in which the host is not.
    const other = (await readFile(at("values.yaml"), "utf8")).replace(
      /(pcr: 16\n +digest: )"?[0-9a-f]{64}"?/,
      `$1${"ab".repeat(32)}`,
    );
    expect(other).toContain("abab");
    await writeFile(at("other.yaml"), other);
    expect((await approve(at("other.yaml"))).code).toBe(0);
    await writeFile(at(name, "approvals", "other.json"), await readFile(at("approval.json")));
    expect((await request(name)).stderr).toContain("tpm-pcrs-unapproved");

    expect(await approve(at("values.yaml"))).toMatchObject({ code: 0, stderr: "" });
    await writeFile(at(name, "approvals", "now.json"), await readFile(at("approval.json")));
    expect(await request(name)).toMatchObject({ code: 0, stderr: "" });
    await rm(at("approval.json"));
  }

  test.each<[string, string, string, number, RegExp]>([
    [
      "a number twice",
      "values:\n  - {pcr: 1, digest: ZZ}\n  - {pcr: 1, digest: ZZ}\n",
      "approver.pem",
      78,
      /bad\.yaml:4:\d+: .*ascending/,
    ],
    ["a PCR that no TPM has", "values:\n  - {pcr: 24, digest: ZZ}\n", "approver.pem", 78, /bad\.yaml:3:\d+/],
    [
      "a short digest",
      "values:\n  - {pcr: 1, digest: abcd}\n",
      "approver.pem",
      78,
      /bad\.yaml:3:\d+: .*64 hex digits/,
    ],
    ["no values", "values: []\n", "approver.pem", 78, /bad\.yaml:2:\d+/],
    [
      "a key on another curve",
      "values:\n  - {pcr: 1, digest: ZZ}\n",
      "edwards.pem",
      78,
      /signer-key-invalid/,
    ],
    ["a key in the clear", "values:\n  - {pcr: 1, digest: ZZ}\n", "open.pem", 78, /signer-key-unencrypted/],
  ])("is not approved by %s, and nothing is written", async (_, text, key, exit, said) => {
    const yaml = `schema: spectrum-agent.pcr-values/1\n${text.replaceAll("ZZ", "1f".repeat(32))}`;
    await writeFile(at("bad.yaml"), yaml);
    const { code, stderr } = await approve(at("bad.yaml"), key);
    expect(stderr).toMatch(said);
    expect(code).toBe(exit);
    await expect(stat(at("approval.json"))).rejects.toThrow("ENOENT");
  });
});
