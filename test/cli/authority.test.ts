/** The authority's commands as a person types them: what is refused, with which exit code, and that nothing is left half. */
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CommandResult, runCommand } from "../support/agent-process.ts";
import { grantFile, licenceFile } from "../support/authority-desk.ts";
import { ensureBuilt } from "../support/built.ts";

const TEST_MS_MAX = 120_000;
const HOLDER = new URL("../../profiles/devices/bench-holder.yaml", import.meta.url).pathname;
const LICENCE = licenceFile({ radius: "5km" });
const GRANT = grantFile({ radius: "5km" });

let base = "";
const at = (...parts: readonly string[]): string => join(base, ...parts);
const authority = (...args: readonly string[]): Promise<CommandResult> => runCommand(["authority", ...args]);
const secret = (): readonly string[] => ["--passphrase-file", at("passphrase")];

async function init(name: string, ...more: readonly string[]): Promise<CommandResult> {
  return authority("init", "--out", at(name), "--owner", "Root Ltd", ...secret(), ...more);
}

async function issue(request: string, out: string, ...more: readonly string[]): Promise<CommandResult> {
  const files = ["--request", at(request), "--scope", at("grant.yaml"), "--out", at(out)];
  return authority("issue", "--authority", at("root"), ...secret(), ...files, ...more);
}

beforeAll(async () => {
  ensureBuilt("dist/src/main.js");
  base = mkdtempSync(join(tmpdir(), "cli-authority-test-"));
  writeFileSync(at("passphrase"), "correct horse battery\n", { mode: 0o600 });
  writeFileSync(at("licence.yaml"), LICENCE);
  writeFileSync(at("grant.yaml"), GRANT);
  for (const name of ["one", "two"]) {
    const profile = readFileSync(HOLDER, "utf8").replace(/state\/bench-holder/g, `state/${name}`);
    writeFileSync(at(`${name}.yaml`), profile);
    expect(
      (await authority("request", "--profile", at(`${name}.yaml`), "--out", at(`${name}.request`))).code,
    ).toBe(0);
  }
  const made = await init("root", "--licence", at("licence.yaml"));
  expect(made).toMatchObject({ code: 0, stderr: "" });
  expect(made.stdout).toContain("licence: asserted, not signed by a regulator\n");
}, TEST_MS_MAX);
afterAll(() => rmSync(base, { recursive: true, force: true }));

describe("init", () => {
  test.each<[string, readonly string[], number, RegExp]>([
    ["nine keys", ["--keys", "9"], 2, /--keys 9 is not a whole number from 1 to 8/],
    [
      "three of two",
      ["--keys", "2", "--threshold", "3"],
      2,
      /--threshold 3 is not a whole number from 1 to 2/,
    ],
    ["another suite", ["--suite", "rsa"], 2, /--suite rsa is none of p256, ed25519/],
  ])("refuses %s", async (_what, more, exit, said) => {
    const { code, stderr } = await init("never", ...more);
    expect([code, existsSync(at("never"))]).toEqual([exit, false]);
    expect(stderr).toMatch(said);
  });

  test(
    "tells a fault of the licence by line and column, and one of its content, and leaves nothing behind",
    async () => {
      writeFileSync(at("bad.yaml"), LICENCE.replace("434.79MHz]", "434.79]"));
      const malformed = await init("never", "--licence", at("bad.yaml"));
      expect(malformed.code).toBe(78);
      expect(malformed.stderr).toMatch(
        /bad\.yaml:13:23: scope\[0\]\.band\[1\]: unit-missing: found `434.79`, allowed a frequency/,
      );
      writeFileSync(at("bad.yaml"), LICENCE.replace("level: regulator", "level: emperor"));
      const unknown = await init("never", "--licence", at("bad.yaml"));
      expect([unknown.code, unknown.stdout]).toEqual([7, ""]);
      expect(unknown.stderr).toContain("level: measured level emperor");
      expect(readdirSync(base).filter((name) => name.startsWith("never"))).toEqual([]);
    },
    TEST_MS_MAX,
  );

  test("never touches a folder that is in use, and takes no passphrase that others may read", async () => {
    const twice = await init("root");
    expect([twice.code, twice.stderr]).toEqual([78, expect.stringContaining("authority-exists: ")]);
    writeFileSync(at("loose"), "correct horse battery\n", { mode: 0o644 });
    chmodSync(at("loose"), 0o644);
    const loose = await authority(
      "init",
      "--out",
      at("never"),
      "--owner",
      "x",
      "--passphrase-file",
      at("loose"),
    );
    expect([loose.code, loose.stderr]).toEqual([78, expect.stringContaining("signer-key-permissions: ")]);
    const nobody = await authority("init", "--out", at("never"), "--owner", "x");
    expect([nobody.code, nobody.stderr]).toEqual([78, expect.stringContaining("signer-passphrase-absent: ")]);
    expect(existsSync(at("never"))).toBe(false);
  });
});

describe("issue", () => {
  const holder = ["--level", "licensee", "--verbs", "allocate", "acquire", "--exclusive"];

  test(
    "refuses an excess by box, edge, measured and required, and what another key has by its credential",
    async () => {
      writeFileSync(at("wide.yaml"), GRANT.replace("434.79MHz", "434.8MHz").replace("30d", "400d"));
      const wide = await issue("one.request", "never.record", ...holder, "--scope", at("wide.yaml"));
      expect(wide.code).toBe(7);
      expect(wide.stderr).toContain(
        "scope[0].upperHz: measured upper 434.800 MHz; required upper at most 434.790 MHz",
      );
      expect(wide.stderr).toContain("link-validity: ");
      const first = await issue("one.request", "one.record", ...holder, "--json");
      expect(first.code).toBe(0);
      const { credential, licence } = JSON.parse(first.stdout) as Record<string, string>;
      expect(licence).toBe("licence: asserted, not signed by a regulator");
      const second = await issue("two.request", "never.record", ...holder);
      expect(second.code).toBe(4);
      expect(second.stderr).toContain(`already-allocated: ${at("grant.yaml")} scope[0]: `);
      expect(second.stderr).toContain(`credential ${credential?.slice(0, 16)}`);
      expect(existsSync(at("never.record"))).toBe(false);
    },
    TEST_MS_MAX,
  );

  test.each<[string, readonly string[], number, RegExp]>([
    [
      "a level that is missing",
      ["--verbs", "acquire"],
      78,
      /grant\.yaml:1:1: level: field-absent: .*--level/,
    ],
    ["an unknown verb", ["--level", "user", "--verbs", "aquire"], 2, /--verbs aquire is none of/],
    ["depth 5", ["--depth", "5"], 2, /--depth 5 is not a whole number from 0 to 4/],
    ["an end in another form", ["--until", "tomorrow"], 2, /--until tomorrow: allowed UTC as in/],
    ["two ends", ["--until", "2030-01-01T00:00:00Z", "--for", "1d"], 2, /exclude one another/],
    [
      "an end that is past",
      ["--level", "user", "--verbs", "acquire", "--until", "2020-01-01T00:00:00Z"],
      4,
      /box-time-empty/,
    ],
  ])(
    "refuses %s",
    async (_what, more, exit, said) => {
      const { code, stderr } = await issue("two.request", "never.record", ...more);
      expect([code, stderr]).toEqual([exit, expect.stringMatching(said)]);
    },
    TEST_MS_MAX,
  );

  test(
    "refuses a request that somebody changed, and key files that others may read",
    async () => {
      const request = readFileSync(at("two.request"), "utf8");
      writeFileSync(at("changed.request"), request.replace("owner: Bench", "owner: Mallory"));
      const user = ["--level", "user", "--verbs", "acquire"];
      const changed = await issue("changed.request", "never.record", ...user);
      expect([changed.code, changed.stderr]).toEqual([78, expect.stringContaining("request-mismatch: ")]);
      writeFileSync(at("changed.request"), request.replace(/(key: "?)./, "$1g"));
      const malformed = await issue("changed.request", "never.record", ...user);
      expect([malformed.code, malformed.stderr]).toEqual([
        78,
        expect.stringMatching(/changed\.request:4:6: key: field-form: /),
      ]);
      chmodSync(at("root/keys/0/1.pem"), 0o640);
      const loose = await issue("two.request", "never.record", ...user);
      chmodSync(at("root/keys/0/1.pem"), 0o600);
      expect([loose.code, loose.stderr]).toEqual([78, expect.stringContaining("signer-key-permissions: ")]);
    },
    TEST_MS_MAX,
  );

  test(
    "of two at once writes one position once: the other waits for its turn, or comes after",
    async () => {
      const before = readdirSync(at("root/records")).length;
      const user = ["--level", "user", "--verbs", "acquire"];
      const both = await Promise.all(
        ["a", "b", "c"].map((name) => issue("two.request", `${name}.record`, ...user)),
      );
      const codes = both.map(({ code }) => code);
      expect(codes).toContain(0);
      for (const { code, stderr } of both.filter((each) => each.code !== 0))
        expect([code, stderr]).toEqual([75, expect.stringContaining("store-locked: ")]);
      expect(readdirSync(at("root/records"))).toHaveLength(
        before + codes.filter((code) => code === 0).length,
      );
      expect((await authority("list", "--authority", at("root"))).code).toBe(0);
    },
    TEST_MS_MAX,
  );
});

test(
  "an authority below another one adopts what it issued, issues in turn, and shows the chain from the root",
  async () => {
    expect((await authority("init", "--out", at("region"), "--owner", "Region", ...secret())).code).toBe(0);
    const middle = ["--level", "licensee", "--verbs", "acquire", "issue", "--depth", "1", "--no-exclusive"];
    writeFileSync(at("region.request"), readFileSync(at("region/request.yaml")));
    expect(await issue("region.request", "region.record", ...middle)).toMatchObject({ code: 0 });
    expect((await authority("publish", "--authority", at("root"), "--out", at("above"))).code).toBe(0);
    const taken = ["--credential", at("region.record"), "--trust", at("root/trust/root.record")];
    const documents = ["--documents", at("above")];
    const adopted = await authority(
      "adopt",
      "--authority",
      at("region"),
      ...secret(),
      ...taken,
      ...documents,
    );
    expect([adopted.code, adopted.stderr]).toEqual([0, ""]);
    const user = ["--level", "user", "--verbs", "acquire", "--for", "5d"];
    const counted = "budgets: [{window: 1h, allowed: 20, commodity: spectrum}]\nholdings-max: 100kHz\n";
    writeFileSync(at("counted.yaml"), GRANT + counted);
    const deep = ["--request", at("two.request"), "--scope", at("counted.yaml"), "--out", at("deep.record")];
    const issued = await authority(
      "issue",
      "--authority",
      at("region"),
      ...secret(),
      ...deep,
      ...user,
      "--json",
    );
    const { credential } = JSON.parse(issued.stdout) as { credential: string };
    const shown = await authority(
      "show",
      credential.slice(0, 8),
      "--chain",
      "--json",
      "--authority",
      at("region"),
    );
    const { links } = JSON.parse(shown.stdout) as {
      links: readonly { body: { owner: string }; narrows: readonly string[] }[];
    };
    expect(links.map(({ body }) => body.owner)).toEqual(["Root Ltd", "Region", "Bench"]);
    expect(links[2]?.narrows).toEqual(
      expect.arrayContaining([
        "without issue",
        "any number of settlements to 20",
        "holdings of any width to 100 kHz",
      ]),
    );
    const text = await authority("show", credential.slice(0, 8), "--chain", "--authority", at("region"));
    expect(text.stdout).toContain("  at most 20 settlements in any 60 min (spectrum)\n");
    expect(text.stdout).toContain("  holds at most 100 kHz at one time\n");
    expect(text.stdout).toMatch(/licence: asserted, not signed by a regulator\n$/);
    const unknown = await authority("show", "00000000", "--authority", at("region"));
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining("credential-unknown: ")]);
  },
  TEST_MS_MAX,
);

test(
  "a folder that is none, or was mended by hand, is refused by name",
  async () => {
    const none = await authority("list", "--authority", at("nowhere"));
    expect([none.code, none.stderr]).toEqual([78, expect.stringContaining("authority-empty: ")]);
    rmSync(at("region/records/000000.record"), { force: true });
    writeFileSync(at("region/records/000000.record"), readFileSync(at("root/records/000001.record")));
    const mended = await authority("list", "--authority", at("region"));
    expect([mended.code, mended.stderr]).toEqual([78, expect.stringContaining("authority-record-order: ")]);
  },
  TEST_MS_MAX,
);

describe("policies", () => {
  const shipped = new URL("../../profiles/policies/bench-cabled.yaml", import.meta.url).pathname;
  const given = (): readonly string[] => ["--authority", at("root"), ...secret()];

  test(
    "succeed one another: the record says from when on, and when its predecessor ends",
    async () => {
      const text = readFileSync(shipped, "utf8").replace(/^start: .*$/m, "start: 2099-01-01T00:00:00Z");
      writeFileSync(at("next.yaml"), text);
      const files = ["--policy", at("next.yaml"), "--grace", "1d", "--out", at("next.record")];
      const done = await authority("policy", "succeed", ...given(), ...files, "--json");
      expect(done).toMatchObject({ code: 0, stderr: "" });
      const told = JSON.parse(done.stdout);
      expect(told.predecessorEndsUs - told.startUs).toBe(86_400_000_000);
      expect(existsSync(at("next.record"))).toBe(true);
      const listed = await authority("policy", "list", "--authority", at("root"), "--json");
      expect(JSON.parse(listed.stdout).policies).toMatchObject([
        { id: told.id, endsUs: null },
        { id: told.predecessor, endsUs: told.predecessorEndsUs },
      ]);
      const plain = await authority("policy", "list", "--authority", at("root"));
      expect(plain.stdout).toContain("2099-01-02");
    },
    TEST_MS_MAX,
  );

  test.each<[string, readonly string[], number, RegExp]>([
    ["one that begins in the past", ["--policy", shipped, "--grace", "1d"], 7, /policy-start/],
    ["a grace without a unit", ["--policy", shipped, "--grace", "1"], 2, /--grace 1: allowed/],
    ["a policy that is none", ["--policy", HOLDER, "--grace", "1d"], 78, /bench-holder/],
  ])(
    "refuse %s",
    async (_name, flags, code, message) => {
      const refusedOne = await authority(
        "policy",
        "succeed",
        ...given(),
        ...flags,
        "--out",
        at("none.record"),
      );
      expect(refusedOne.code).toBe(code);
      expect(refusedOne.stderr).toMatch(message);
      expect(existsSync(at("none.record"))).toBe(false);
    },
    TEST_MS_MAX,
  );
});
