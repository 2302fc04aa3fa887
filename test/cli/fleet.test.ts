/** `fleet enroll` at a desk and `init` on its hosts: from a list and one profile to agents that can run. */
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBox, sealBox } from "../../src/adapters/attestation/enrolment-box.ts";
import { startBroker } from "../../src/adapters/mqtt/embedded-broker.ts";
import { askRunningAgent, composeAgent, systemSurroundings } from "../../src/compose/compose.ts";
import { aboutEnrolment } from "../../src/compose/enrolment-about.ts";
import { openTpm } from "../../src/compose/open-ports.ts";
import { trustedProfile } from "../../src/compose/trusted-profile.ts";
import {
  formatContent,
  formatEnrolment,
  formatSigned,
  loadEnrolment,
  readContent,
  readSigned,
} from "../../src/profile/enrolment-schema.ts";
import { type FleetDesk, fleetDesk, NAMES, row } from "../support/fleet-desk.ts";

const TEST_MS_MAX = 120_000;
let desk: FleetDesk;
const hashes = new Map<string, string>();
const hash = (name: string): string => hashes.get(name) ?? "";

const enrolment = (name: string): Promise<string> => readFile(desk.at("out", `${name}.enroll`), "utf8");
const lineageOf = (text: string): string => /^lineage: (.*)$/m.exec(text)?.[1] ?? "";
/** The same but for its last letter. */
const another = (found: string): string => found.slice(0, -1) + (found.endsWith("A") ? "B" : "A");
const STATUS = { verb: "status", arguments: {} } as const;
const BROKER_PORT = 18_871;

beforeAll(async () => {
  desk = await fleetDesk();
  for (const name of ["one", "two", "three"]) hashes.set(name, await desk.host(name));
  const rows = ["one", "two", "three"].map(
    (name) => `${row(name, hash(name))},mqtt://127.0.0.1:${BROKER_PORT}`,
  );
  const enrolled = await desk.enroll(
    await desk.list("hosts.csv", `${NAMES},broker`, ...rows),
    desk.at("out"),
  );
  expect(enrolled).toMatchObject({ exit: 0, stderr: "" });
}, TEST_MS_MAX);
afterAll(() => desk.close());

describe("fleet enroll", () => {
  test("writes a file for each host and the operator's inception, for their owner alone", async () => {
    const files = await readdir(desk.at("out"));
    expect(files.sort()).toEqual(["one.enroll", "operator.record", "three.enroll", "two.enroll"]);
    for (const file of files) expect((await stat(desk.at("out", file))).mode & 0o777).toBe(0o600);
    expect((await stat(desk.at("out"))).mode & 0o777).toBe(0o700);
  });

  test("gives nothing away: neither profile nor credential nor document stands in the clear", async () => {
    const text = await readFile(desk.at("out/one.enroll"), "utf8");
    const keys = [...text.matchAll(/^([a-z-]+):/gm)].map(([, key]) => key);
    expect(keys).toEqual(["schema", "host", "lineage", "ek-hash", "blob", "secret", "nonce", "sealed"]);
    const sealed = Buffer.from(/^sealed: (.*)$/m.exec(text)?.[1] ?? "", "base64url").toString("latin1");
    expect(sealed.length).toBeGreaterThan(4_000);
    for (const word of ["spectrum-agent", "schema", "mqtt", "records"]) expect(sealed).not.toContain(word);
  });

  test("writes over nothing", async () => {
    const again = await desk.enroll(desk.at("hosts.csv"), desk.at("out"));
    expect([again.exit, again.stderr]).toEqual([78, expect.stringContaining("fleet-folder-stands")]);
  });
});

describe("init", () => {
  test(
    "asks nothing, and what it writes is for its owner alone and is run by",
    async () => {
      const said = await desk.init("one");
      expect(said).toEqual({
        exit: 0,
        stderr: "",
        stdout: `one is enrolled; spectrum-agent run --profile ${desk.at("one/enrolled/profile.yaml")}\n`,
      });
      expect((await stat(desk.at("one/enrolled"))).mode & 0o777).toBe(0o700);
      const written = await readdir(desk.at("one/enrolled"), { recursive: true, withFileTypes: true });
      for (const each of written.filter((entry) => entry.isFile()))
        expect((await stat(join(each.parentPath, each.name))).mode & 0o777).toBe(0o600);
      const broker = await startBroker({ host: "127.0.0.1", port: BROKER_PORT });
      const read = trustedProfile(desk.at("one/enrolled/profile.yaml"));
      if (read.kind !== "profile") throw new Error("the signed profile is taken");
      expect(read.profile.name).toBe("one");
      const agent = await composeAgent(read.profile, systemSurroundings("error"));
      try {
        await expect
          .poll(async () => await askRunningAgent(read.profile.controlPath, STATUS), { timeout: 20_000 })
          .toMatchObject({
            ok: true,
            result: {
              ready: true,
              lineage: lineageOf(await enrolment("one")),
              credentials: [expect.stringMatching(/^[0-9a-f]{64}$/)],
            },
          });
        const locked = await desk.init("one", desk.at("out/one.enroll"), "--out", desk.at("one/elsewhere"));
        expect(locked.exit).not.toBe(0);
      } finally {
        await agent.stop();
        await broker.close();
      }
    },
    TEST_MS_MAX,
  );

  test("is the same when it is said again, and writes over nothing else", async () => {
    const again = await desk.init("one");
    expect([again.exit, again.stdout]).toEqual([0, expect.stringContaining("was enrolled already")]);
    await writeFile(desk.at("one/enrolled/profile.yaml"), "changed\n");
    const other = await desk.init("one");
    expect([other.exit, other.stderr]).toEqual([78, expect.stringContaining("fleet-folder-stands")]);
    expect(await readFile(desk.at("one/enrolled/profile.yaml"), "utf8")).toBe("changed\n");
  });

  test("refuses the enrolment of another host, and writes nothing", async () => {
    const other = await desk.init("two", desk.at("out/one.enroll"));
    expect([other.exit, other.stderr]).toEqual([78, expect.stringContaining("enrolment-other-host")]);
    // Even with the other one's hash put away: its TPM does not open it.
    const text = await enrolment("one");
    const own = text.replace(/^ek-hash: .*$/m, `ek-hash: ${hash("two")}`);
    await writeFile(desk.at("forged.enroll"), own);
    expect((await desk.init("two", desk.at("forged.enroll"))).exit).toBe("tpm-credential-refused");
    expect(await readdir(desk.at("two"))).not.toContain("enrolled");
  });

  test.each<readonly [string, RegExp, string | ((found: string) => string), string]>([
    ["the name", /^host: two$/m, "host: four", "enrolment-damaged"],
    ["the lineage", /^lineage: ..../m, "lineage: 0123", "enrolment-damaged"],
    ["the nonce", /^nonce: ..../m, "nonce: 0123", "enrolment-damaged"],
    ["the content", /^sealed: .{100}/m, another, "enrolment-damaged"],
    ["the content's end", /^sealed: .*(?=.{20}$)/m, another, "enrolment-damaged"],
    ["the blob", /^(blob: .{20}).../m, "$1___", "tpm-credential-refused"],
    ["the schema", /enrolment.1$/m, "enrolment/2", "field-choice"],
    ["the form", /^nonce: .*$/m, "nonce: abcd", "field-range"],
  ])("refuses an enrolment in which %s was changed", async (_what, from, to, code) => {
    const text = await enrolment("two");
    const changed = typeof to === "string" ? text.replace(from, to) : text.replace(from, to);
    expect(changed).not.toBe(text);
    await writeFile(desk.at("changed.enroll"), changed);
    const { exit, stderr } = await desk.init("two", desk.at("changed.enroll"));
    expect(exit === code || stderr.includes(code) ? code : `${exit} ${stderr}`).toBe(code);
    expect(await readdir(desk.at("two"))).not.toContain("enrolled");
  });

  test("takes no operator whom the host does not obey, unless it is told to", async () => {
    const profile = desk.at("two/profile.yaml");
    const text = await readFile(profile, "utf8");
    const made = [
      "--out",
      desk.at("stranger"),
      "--owner",
      "Stranger",
      "--passphrase-file",
      desk.at("passphrase"),
    ];
    await desk.done("authority", "init", ...made);
    const stranger = desk.at("stranger/records/000000.record");
    await writeFile(profile, text.replace("../root/trust/root.record", stranger));
    const refused = await desk.init("two");
    expect([refused.exit, refused.stderr]).toEqual([78, expect.stringContaining("profile-operator")]);
    const named = await desk.init("two", undefined, "--operator", stranger);
    expect(named.stderr).toContain("profile-operator");
    expect(await readdir(desk.at("two"))).not.toContain("enrolled");
    expect((await desk.init("two", undefined, "--operator", desk.at("out/operator.record"))).exit).toBe(0);
    await rm(desk.at("two/enrolled"), { recursive: true });
    expect((await desk.init("two", undefined, "--unsigned")).exit).toBe(0);
    await writeFile(profile, text);
  });

  test("takes nothing from whoever knows its endorsement key and has a signed profile of the fleet", async () => {
    const own = trustedProfile(desk.at("three/profile.yaml"), { unsigned: true });
    if (own.kind !== "profile") throw new Error("the host's own profile reads");
    const loaded = loadEnrolment(desk.at("out/three.enroll"));
    if (!loaded.ok) throw new Error("the enrolment reads");
    const { enrolment: given } = loaded;
    const tpm = await openTpm(own.profile, systemSurroundings("error"));
    const secret = await tpm.activateCredential(given);
    await tpm.close();
    const about = aboutEnrolment(given);
    const opened = openBox({ secret, nonce: given.nonce, about }, given.sealed);
    const signed = readSigned("box", new TextDecoder().decode(opened ?? new Uint8Array()));
    if (!signed.ok) throw new Error("the box opens");
    const order = new TextDecoder().decode(signed.signed.order);
    const content = readContent("box", order);
    if (!content.ok) throw new Error("the content reads");
    const mine = await readFile(desk.at("stranger/records/000000.record"));
    const resealed = async (bytes: Uint8Array): Promise<string> => {
      const plain = new TextEncoder().encode(formatSigned({ ...signed.signed, order: bytes }));
      const sealed = sealBox({ secret, nonce: given.nonce, about }, plain);
      await writeFile(desk.at("resealed.enroll"), formatEnrolment({ ...given, sealed }));
      const said = await desk.init("three", desk.at("resealed.enroll"));
      return `${said.exit} ${/[a-z]+-[a-z]+/.exec(said.stderr)?.[0]}`;
    };
    const trustsMe = { ...content.content, trust: [new Uint8Array(mine)] };
    expect(await resealed(new TextEncoder().encode(formatContent(trustsMe)))).toBe("78 profile-signature");
    const obeysMe = { ...content.content, operator: new Uint8Array(mine) };
    expect(await resealed(new TextEncoder().encode(formatContent(obeysMe)))).toBe("78 profile-signature");
    expect(await readdir(desk.at("three"))).not.toContain("enrolled");
  });

  test("refuses a host whose trust names nobody", async () => {
    const profile = desk.at("three/profile.yaml");
    const text = await readFile(profile, "utf8");
    await mkdir(desk.at("three/nobody"));
    await writeFile(profile, text.replace("../root/trust/root.record", "./nobody"));
    const { exit, stderr } = await desk.init("three");
    await writeFile(profile, text);
    expect([exit, stderr]).toEqual([78, expect.stringContaining("profile-operator")]);
  });

  test("refuses a host whose log or whose own profile is another", async () => {
    const profile = desk.at("three/profile.yaml");
    const text = await readFile(profile, "utf8");
    await writeFile(profile, text.replace("state: ./state\n", "state: ./other\n"));
    const elsewhere = await desk.init("three");
    expect([elsewhere.exit, elsewhere.stderr]).toEqual([
      78,
      expect.stringContaining("enrolment-other-place"),
    ]);
    await writeFile(profile, text);
    await rename(desk.at("three/state"), desk.at("three/lost"));
    const lost = await desk.init("three");
    expect([lost.exit, lost.stderr]).toEqual([78, expect.stringContaining("enrolment-no-lineage")]);
    // A log that was begun anew is another lineage, by the very same TPM.
    await desk.done("authority", "request", "--profile", profile, "--out", desk.at("three/anew.yaml"));
    const anew = await desk.init("three");
    expect([anew.exit, anew.stderr]).toEqual([78, expect.stringContaining("enrolment-other-host: ")]);
    expect(await readdir(desk.at("three"))).not.toContain("enrolled");
  });
});
