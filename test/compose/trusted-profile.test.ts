/** `profile resolve --sign` at a desk, and the profile that a host takes: by files, as the commands do. */
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { signText } from "../../src/authority/profile-signature.ts";
import { passphrasesFrom, writeAuthority } from "../../src/compose/offline-authority.ts";
import { type ProfileTrust, trustedProfile } from "../../src/compose/trusted-profile.ts";
import { accept } from "../../src/core/base/rejection.ts";
import { formatSignature } from "../../src/profile/signature-schema.ts";
import { type CommandResult, runCommand } from "../support/agent-process.ts";
import { ensureBuilt, repository } from "../support/built.ts";

const TEST_MS_MAX = 120_000;
let base = "";
const at = (...parts: readonly string[]): string => join(base, ...parts);
const secret = (): readonly string[] => ["--passphrase-file", at("passphrase")];

const resolveSigned = (out: string, desk = "desk"): Promise<CommandResult> => {
  const given = ["--out", out, "--sign", at(desk), ...secret()];
  return runCommand(["profile", "resolve", at("own.yaml"), ...given]);
};

/** `profile`, or the codes of what was found. */
function taken(file: string, trust: ProfileTrust = {}): readonly string[] {
  const read = trustedProfile(file, trust);
  if (read.kind === "profile") return [read.profile.name];
  return read.kind === "errors"
    ? read.errors.map(({ code }) => code)
    : read.rejections.map(({ code }) => code);
}

/** A host's folder with the signed profile; with the operator pinned, unless told. */
async function host(name: string, pinned = true): Promise<string> {
  await mkdir(at(name));
  for (const ending of ["", ".signature"])
    await copyFile(at(`signed.yaml${ending}`), at(name, `profile.yaml${ending}`));
  if (pinned) await copyFile(at("desk/records/000000.record"), at(name, "operator.record"));
  return at(name, "profile.yaml");
}

beforeAll(async () => {
  ensureBuilt("dist/src/main.js");
  base = await mkdtemp(join(tmpdir(), "trusted-profile-"));
  await writeFile(at("passphrase"), "correct horse battery\n", { mode: 0o600 });
  await copyFile(join(repository, "profiles/devices/bench-holder.yaml"), at("own.yaml"));
  for (const desk of ["desk", "other"]) {
    const made = await runCommand(["authority", "init", "--out", at(desk), "--owner", desk, ...secret()]);
    expect(made.stderr).toBe("");
  }
  expect((await resolveSigned(at("signed.yaml"))).stdout).toContain("signed.yaml.signature: signed");
}, TEST_MS_MAX);
afterAll(() => rm(base, { recursive: true, force: true }));

test("a host takes the profile that its operator signed, and no other byte of it", async () => {
  const file = await host("sound");
  const text = await readFile(file, "utf8");
  const [name = ""] = taken(file);
  expect(text).toContain(`name: ${name}`);
  await writeFile(file, text.replace("433.05MHz", "433.06MHz"));
  expect(taken(file)).toEqual(["profile-signature"]);
  await writeFile(file, `${text}\n`);
  expect(taken(file)).toEqual(["profile-signature"]);
});

test("a host that obeys an operator takes nothing unsigned, or signed by another", async () => {
  const file = await host("strict");
  await rm(`${file}.signature`);
  expect(taken(file)).toEqual(["profile-unsigned"]);
  expect((await resolveSigned(at("by-other.yaml"), "other")).code).toBe(0);
  await copyFile(at("by-other.yaml.signature"), `${file}.signature`);
  expect(taken(file)).toEqual(["profile-operator"]);
  await writeFile(
    `${file}.signature`,
    "schema: spectrum-agent.profile-signature/1\nrecords: [AQ]\nsignatures: []\n",
  );
  expect(taken(file)).toEqual(["field-count"]);
});

test("unsigned is what the operator says is unsigned", async () => {
  const file = await host("free");
  await rm(`${file}.signature`);
  const [name = ""] = taken(file, { unsigned: true });
  await rm(at("free/operator.record"));
  expect(taken(file)).toEqual([name]);
  // Named on the command line, the operator counts without a file beside the profile.
  expect(taken(file, { operator: at("desk/records/000000.record") })).toEqual(["profile-unsigned"]);
});

test("a signature that nobody is named for is not taken for one that was checked", async () => {
  const file = await host("unpinned", false);
  expect(taken(file)).toEqual(["profile-operator"]);
  expect(taken(file, { operator: at("desk/records/000000.record") })[0]).not.toBe("profile-operator");
  expect(taken(file, { operator: at("other/records/000000.record") })).toEqual(["profile-operator"]);
});

test("a signed profile extends nothing: the bases' bytes are nobody's word", async () => {
  const file = await host("extending");
  const text = "schema: spectrum-agent.profile/1\nextends: bench-holder\n";
  await writeFile(at("extending/profile.yaml"), text);
  // As a careless desk would sign it.
  const place = { folder: at("desk"), passphrases: await passphrasesFrom([at("passphrase")]) };
  const bytes = new TextEncoder().encode(text);
  const signed = await writeAuthority(place, async (desk) =>
    accept(await signText(desk, { domain: "profile", bytes })),
  );
  if (!signed.ok) throw new Error("the desk signs");
  await writeFile(`${file}.signature`, formatSignature(signed.value));
  expect(taken(file)).toEqual(["profile-not-whole"]);
});

test(
  "`run` ends with 78 and says what is wrong before it opens anything",
  async () => {
    const file = await host("running");
    await writeFile(file, (await readFile(file, "utf8")).replace("433.05MHz", "433.06MHz"));
    const { code, stderr } = await runCommand(["run", "--profile", file]);
    expect([code, stderr]).toEqual([78, expect.stringContaining("profile-signature")]);
  },
  TEST_MS_MAX,
);
