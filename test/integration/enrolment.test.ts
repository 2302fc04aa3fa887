/**
 * A host is enrolled by its TPM, command by command as the two desks type them: request, challenge, answer, credential. The
 * real swtpm brings its own maker's certificates; a simulated TPM is listed by its endorsement key, and stays simulated.
 */
import { cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CommandResult, runCommand } from "../support/agent-process.ts";
import { authorityDone, grantFile, licenceFile } from "../support/authority-desk.ts";
import { ensureBuilt, repository } from "../support/built.ts";
import { type Swtpm, startSwtpm, swtpmMissing } from "../support/swtpm.ts";

const TEST_MS_MAX = 180_000;
const missing = swtpmMissing();
const title = (text: string): string => (missing === null ? text : `${text} (skipped: ${missing})`);

let base = "";
const at = (...parts: readonly string[]): string => join(base, ...parts);
const authority = (...args: readonly string[]): Promise<CommandResult> => runCommand(["authority", ...args]);
const secret = (): readonly string[] => ["--passphrase-file", at("passphrase")];

/** A profile of the shipped holder with this TPM, and its request. */
async function host(name: string, tpm: string): Promise<void> {
  const text = await readFile(join(repository, "profiles/devices/bench-holder.yaml"), "utf8");
  await mkdir(at(name));
  const own = text.replace(/^state: .*$/m, "state: ./state").replace(/^tpm:\n(?: .*\n)+/m, `tpm: ${tpm}\n`);
  expect(own).toContain(tpm);
  await writeFile(at(name, "profile.yaml"), own);
  await authorityDone("request", "--profile", at(name, "profile.yaml"), "--out", at(name, "request.yaml"));
}

const challenge = (name: string, ...trust: readonly string[]): Promise<CommandResult> => {
  const files = ["--out", at(name, "challenge.yaml"), "--expected", at(name, "expected.yaml")];
  return authority("challenge", "--request", at(name, "request.yaml"), ...files, ...trust, "--json");
};

const answer = (by: string, to = by, profile = at(by, "profile.yaml")): Promise<CommandResult> => {
  const out = ["--out", at(by, `answer-to-${to}.yaml`)];
  return authority("answer", "--profile", profile, "--challenge", at(to, "challenge.yaml"), ...out);
};

const issue = (name: string, ...more: readonly string[]): Promise<CommandResult> => {
  const files = [
    "--request",
    at(name, "request.yaml"),
    "--scope",
    at("grant.yaml"),
    "--out",
    at(name, "own.record"),
  ];
  const rights = ["--level", "user", "--verbs", "acquire", "--json"];
  return authority("issue", "--authority", at("root"), ...secret(), ...files, ...rights, ...more);
};

const answered = (name: string, by = name): readonly string[] => [
  "--expected",
  at(name, "expected.yaml"),
  "--answer",
  at(by, `answer-to-${name}.yaml`),
];

const tierIn = ({ stdout }: CommandResult): string =>
  (JSON.parse(stdout) as { readonly body: { readonly tier: string } }).body.tier;

async function changed(name: string, from: RegExp, to: string, file = "request.yaml"): Promise<string> {
  const text = await readFile(at(name, file), "utf8");
  expect(text).toMatch(from);
  const path = at(name, `changed-${file}`);
  await writeFile(path, text.replace(from, to));
  return path;
}

beforeAll(async () => {
  ensureBuilt("dist/src/main.js");
  base = await mkdtemp(join(tmpdir(), "enrolment-test-"));
  await writeFile(at("passphrase"), "correct horse battery\n", { mode: 0o600 });
  await writeFile(at("grant.yaml"), grantFile());
  await writeFile(at("licence.yaml"), licenceFile());
  await authorityDone(
    "init",
    "--out",
    at("root"),
    "--owner",
    "Root Ltd",
    ...secret(),
    "--licence",
    at("licence.yaml"),
  );
}, TEST_MS_MAX);
afterAll(() => rm(base, { recursive: true, force: true }));

describe.skipIf(missing !== null)(title("hosts with a TPM whose maker vouches for it (swtpm)"), () => {
  const tpms: Swtpm[] = [];
  let makers: readonly string[] = [];

  beforeAll(async () => {
    for (const name of ["one", "two"]) {
      const tpm = await startSwtpm();
      tpms.push(tpm);
      await host(name, `{driver: swtpm, port: ${tpm.port}, keys: ./keys}`);
    }
    const ca = join(tpms[0]?.folder ?? "", "ca");
    const [root, issuer] = [join(ca, "swtpm-localca-rootca-cert.pem"), join(ca, "issuercert.pem")];
    makers = ["--ek-roots", root, "--ek-intermediates", issuer];
  }, TEST_MS_MAX);
  afterAll(async () => {
    for (const tpm of tpms) await tpm.stop();
  });

  test(
    "get a credential that says so once they have answered, and the tier of their own word without",
    async () => {
      expect((await challenge("one", ...makers)).code).toBe(0);
      expect((await answer("one")).code).toBe(0);
      expect(tierIn(await issue("one", ...answered("one")))).toBe("tpm-ek-verified");
      expect(tierIn(await issue("one"))).toBe("software");
    },
    TEST_MS_MAX,
  );

  test(
    "cannot answer for another one, not even with a copy of its folder",
    async () => {
      expect((await challenge("one", ...makers)).code).toBe(0);
      const other = await answer("two", "one");
      expect([other.code, other.stderr]).toEqual([7, expect.stringContaining("tpm-credential-refused")]);
      await rm(at("one/answer-to-one.yaml"), { force: true });
      await cp(at("one"), at("copy"), { recursive: true });
      const text = await readFile(at("one", "profile.yaml"), "utf8");
      const moved = text.replace(`port: ${tpms[0]?.port}`, `port: ${tpms[1]?.port}`);
      await writeFile(at("copy", "profile.yaml"), moved);
      const cloned = await answer("copy", "one");
      expect(cloned.code).not.toBe(0);
      expect(cloned.stderr).toContain("tpm-identity-changed");
      await expect(stat(at("copy", "answer-to-one.yaml"))).rejects.toThrow("ENOENT");
    },
    TEST_MS_MAX,
  );

  test(
    "are refused where nobody vouches, and nothing is written",
    async () => {
      await rm(at("two", "challenge.yaml"), { force: true });
      // The maker of the other one's TPM: each swtpm here has a maker of its own.
      const foreign = await challenge("two", ...makers);
      expect([foreign.code, foreign.stderr]).toEqual([
        7,
        expect.stringContaining("tpm-ek-certificate-untrusted"),
      ]);
      await writeFile(at("hashes"), `# none of ours\n${"ab".repeat(32)}\n`);
      const unlisted = await challenge("two", "--ek-hashes", at("hashes"));
      expect([unlisted.code, unlisted.stderr]).toEqual([7, expect.stringContaining("tpm-ek-not-listed")]);
      await expect(stat(at("two", "challenge.yaml"))).rejects.toThrow("ENOENT");
      await writeFile(at("hashes"), "ab\n");
      const malformed = await challenge("two", "--ek-hashes", at("hashes"));
      expect([malformed.code, malformed.stderr]).toEqual([78, expect.stringContaining("hashes:1")]);
      expect((await challenge("two")).code).toBe(2);
    },
    TEST_MS_MAX,
  );

  test(
    "are refused with evidence of another TPM, and with an answer to another challenge",
    async () => {
      const [, foreign = ""] =
        /^ {2}ak-public: (.*)$/m.exec(await readFile(at("two", "request.yaml"), "utf8")) ?? [];
      const mixed = await changed("one", /^ {2}ak-public: .*$/m, `  ak-public: ${foreign}`);
      const refused = await authority(
        ...["challenge", "--request", mixed, ...makers],
        ...["--out", at("mixed.yaml"), "--expected", at("mixed-expected.yaml")],
      );
      expect(refused.stderr).toContain("tpm-ak-name");
      const issued = await authority(
        ...["issue", "--authority", at("root"), ...secret(), "--request", mixed, "--scope", at("grant.yaml")],
        ...["--out", at("mixed.record"), "--level", "user", "--verbs", "acquire"],
      );
      expect(issued.stderr).toContain("tpm-ak-name");
      expect((await challenge("one", ...makers)).code).toBe(0);
      expect((await answer("one")).code).toBe(0);
      expect((await challenge("one", ...makers)).code).toBe(0);
      const stale = await issue("one", ...answered("one"));
      expect([stale.code, stale.stderr]).toEqual([78, expect.stringContaining("challenge-answer")]);
      const late = await changed("one", /^until: .*$/m, "until: 2026-01-01T00:00:00Z", "expected.yaml");
      expect((await answer("one")).code).toBe(0);
      const given = ["--expected", late, "--answer", at("one", "answer-to-one.yaml")];
      const over = await issue("one", ...given);
      expect([over.code, over.stderr]).toEqual([78, expect.stringContaining("challenge-late")]);
    },
    TEST_MS_MAX,
  );
});

test(
  "a host with a simulated TPM answers too, and its credential says simulated, whoever lists its key",
  async () => {
    await host("bench", "{driver: simulated, state: ./tpm}");
    await writeFile(at("none"), "");
    expect((await challenge("bench", "--ek-hashes", at("none"))).stderr).toContain("tpm-ek-not-listed");
    const again = await authorityDone(
      ...["request", "--profile", at("bench/profile.yaml"), "--out", at("bench/request.yaml"), "--json"],
    );
    const { ekHash } = JSON.parse(again) as { readonly ekHash: string };
    await writeFile(at("listed"), `${ekHash} # the bench\n`);
    expect((await challenge("bench", "--ek-hashes", at("listed"))).code).toBe(0);
    expect((await answer("bench")).code).toBe(0);
    expect(tierIn(await issue("bench", ...answered("bench")))).toBe("simulated");
  },
  TEST_MS_MAX,
);
