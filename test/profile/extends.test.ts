/** Device profiles that go on from others: what comes of them, and everything that can be wrong on the way. */
import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { describe, expect, test } from "vitest";
import { drivers } from "../../src/compose/open-ports.ts";
import { loadPolicy, loadProfile } from "../../src/profile/load.ts";
import { formatProfileError, type ProfileError } from "../../src/profile/profile-error.ts";
import { profileHash } from "../../src/profile/profile-hash.ts";
import { readFileBytes } from "../../src/profile/read-text.ts";
import { resolveProfile } from "../../src/profile/resolve-profile.ts";
import { shippedFile } from "../../src/profile/shipped-file.ts";
import { fileSet } from "../support/file-set.ts";
import { testDrivers } from "./every-key.ts";

const HEAD = "schema: spectrum-agent.profile/1\n";
const SITE = `${HEAD}owner: Site
state: ./state
mesh: {driver: mqtt, url: "mqtts://broker", ca: ca.pem}
tpm: {driver: chip, keys: ./keys}
gnss: {driver: receiver, port: 2947}
trust: [root.record]
documents: [a, b]
policy: bench-cabled
`;
const HOST = `${HEAD}extends: ../site/base.yaml\nname: host\nmesh: {range: 2}\n`;

type Files = Readonly<Record<string, string>>;
const two = (host = HOST, site = SITE): Files => ({ "/f/hosts/host.yaml": host, "/f/site/base.yaml": site });
const load = (files: Files, file = "/f/hosts/host.yaml") => loadProfile(file, testDrivers, fileSet(files));
const errorsOf = (files: Files): readonly ProfileError[] => {
  const loaded = load(files);
  return loaded.ok ? [] : loaded.errors;
};
const told = (files: Files): readonly string[] =>
  errorsOf(files).map(({ file, line, column, path, code }) => `${file}:${line}:${column} ${path} ${code}`);
const hashOf = (files: Files): string => {
  const loaded = load(files);
  if (!loaded.ok) throw new Error(loaded.errors.map(formatProfileError).join("\n"));
  return profileHash(loaded.profile, (bytes) => createHash("sha256").update(bytes).digest());
};

describe("what comes of extends", () => {
  test("maps merge key by key, and each path is taken from the folder of the file that writes it", () => {
    const loaded = load(two(`${HOST}tpm: {keys: ./own}\n`));
    expect(loaded.ok && loaded.profile).toMatchObject({
      name: "host",
      owner: "Site",
      statePath: "/f/site/state",
      controlPath: "/f/site/state/control.sock",
      mesh: { url: "mqtts://broker:8883", caPath: "/f/site/ca.pem", rangeRings: 2 },
      tpm: { driver: "chip", options: { keys: "/f/hosts/own" } },
      gnss: { driver: "receiver", options: { port: 2947 } },
      trustPaths: ["/f/site/root.record"],
      documentPaths: ["/f/site/a", "/f/site/b"],
    });
  });

  test("lists are replaced whole", () => {
    const loaded = load(two(`${HOST}documents: [c]\n`));
    expect(loaded.ok && loaded.profile.documentPaths).toEqual(["/f/hosts/c"]);
  });

  test("of several bases later ones go before earlier ones, and the file itself before all", () => {
    const files = {
      "/f/hosts/host.yaml": `${HEAD}extends: [../site/base.yaml, ../a.yaml, ../b.yaml]\nname: host\n`,
      "/f/a.yaml": `${HEAD}name: a\nowner: A\nlog: warn\n`,
      "/f/b.yaml": `${HEAD}name: b\nowner: B\n`,
      "/f/site/base.yaml": SITE,
    };
    const loaded = load(files);
    expect(loaded.ok && loaded.profile).toMatchObject({ name: "host", owner: "B", logLevel: "warn" });
  });

  test("null takes away what a base says, here or further down", () => {
    const taken = load(
      two(`${HOST.replace("{range: 2}", '{ca: null, url: "mqtt://127.0.0.1"}')}documents: null\n`),
    );
    expect(taken.ok && taken.profile.mesh.caPath).toBe(null);
    expect(taken.ok && taken.profile.documentPaths).toEqual([]);
    const files = {
      ...two(`${HEAD}extends: [../site/base.yaml, ../no-ca.yaml]\nname: host\n`),
      "/f/no-ca.yaml": `${HEAD}mesh: {ca: ~, url: "mqtt://127.0.0.1"}\n`,
    };
    const through = load(files);
    expect(through.ok && through.profile.mesh.caPath).toBe(null);
  });

  test("null where no base says anything is refused where it stands, and so is a required key taken away", () => {
    expect(told(two(`${HOST}place: {hold: null}\n`))).toEqual([
      "/f/hosts/host.yaml:5:15 place.hold field-absent",
    ]);
    expect(told(two(`${HOST}policy: null\n`))).toEqual(["/f/hosts/host.yaml:5:9 policy field-absent"]);
  });

  test("a shipped profile is extended by its name, and its paths are taken from its own folder", () => {
    const folder = dirname(shippedFile("profiles/devices/bench-holder.yaml"));
    const host = `${HEAD}extends: bench-holder\nname: host\nstate: /s\n`;
    const loaded = loadProfile("/f/host.yaml", drivers, (file, most) =>
      file === "/f/host.yaml" ? new TextEncoder().encode(host) : readFileBytes(file, most),
    );
    expect(loaded.ok && loaded.profile).toMatchObject({
      name: "host",
      owner: "Bench",
      statePath: "/s",
      trustPaths: [`${folder}/trust/root.record`],
      offers: [{ resource: "bench-433" }],
    });
  });

  test("the hash is of what was resolved, and changes with a base", () => {
    const before = hashOf(two());
    expect(hashOf(two(HOST, SITE.replace("port: 2947", "port: 2948")))).not.toBe(before);
    const alone = `${SITE}name: host\n`.replace("ca: ca.pem}", "ca: ca.pem, range: 2}");
    expect(hashOf({ "/f/hosts/host.yaml": alone.replaceAll("./", "../site/") })).not.toBe(before);
    const absolute = alone
      .replaceAll("./", "/f/site/")
      .replace("ca.pem", "/f/site/ca.pem")
      .replace("[root", "[/f/site/root")
      .replace("[a, b]", "[/f/site/a, /f/site/b]");
    expect(hashOf({ "/f/hosts/host.yaml": absolute })).toBe(before);
  });

  test("a base that two bases share is read once, and its findings are told once", () => {
    const files = {
      ...two(`${HEAD}extends: [../a.yaml, ../b.yaml]\nname: host\n`, `${SITE}zzz: 1\n`),
      "/f/a.yaml": `${HEAD}extends: site/base.yaml\n`,
      "/f/b.yaml": `${HEAD}extends: site/base.yaml\nlog: warn\n`,
    };
    const counted: string[] = [];
    const read = fileSet(files);
    const loaded = loadProfile("/f/hosts/host.yaml", testDrivers, (file) => {
      counted.push(file);
      return read(file);
    });
    expect(loaded.ok || loaded.errors).toMatchObject([{ code: "field-unknown", path: "zzz", line: 10 }]);
    expect(counted).toEqual(["/f/hosts/host.yaml", "/f/a.yaml", "/f/site/base.yaml", "/f/b.yaml"]);
  });
});

describe("what is wrong with a value", () => {
  test("is told in the file and line where that value stands", () => {
    expect(told(two(HOST, SITE.replace("port: 2947", "port: 0")))).toEqual([
      "/f/site/base.yaml:6:32 gnss.port field-range",
    ]);
    expect(told(two(`${HOST}log: wran\n`, SITE.replace("policy: bench", "policy: Bench")))).toEqual([
      "/f/hosts/host.yaml:5:6 log field-choice",
      "/f/site/base.yaml:9:9 policy field-form",
    ]);
  });

  test("says how to take away what a base says and this file cannot have", () => {
    const [error] = errorsOf(two(`${HOST}tpm: {driver: pretended}\nproduction: false\n`));
    expect(error).toMatchObject({
      file: "/f/site/base.yaml",
      line: 5,
      code: "field-unknown",
      path: "tpm.keys",
    });
    expect(error?.hint).toContain("`null` under this key in /f/hosts/host.yaml takes it away");
  });

  test("a key that nobody writes is missed in the file itself", () => {
    expect(told(two(HOST, SITE.replace(/policy.*\n/, "")))).toEqual([
      "/f/hosts/host.yaml:1:1 policy field-absent",
    ]);
  });

  test("a file without a schema of its own takes none from its base", () => {
    expect(told(two(HOST.replace(HEAD, "")))).toEqual(["/f/hosts/host.yaml:1:1 schema field-absent"]);
  });
});

describe("bases that cannot be", () => {
  const host = (line: string): Files => two(`${HEAD}${line}\nname: host\n`);
  const DEVICES = "bench-holder | bench-radio | real-holder | real-radio, or a path that ends in .yaml";

  test.each([
    ["nothing", "extends:", "2:9 extends field-type"],
    ["a map", "extends: {a: b}", "2:10 extends field-type"],
    ["a number in a list", "extends: [../site/base.yaml, 5]", "2:30 extends[1] field-type"],
    ["an empty list", "extends: []", "2:10 extends field-count"],
    ["an empty text", 'extends: ""', "2:10 extends field-form"],
    ["a text that no path is", 'extends: "\\e.yaml"', "2:10 extends field-form"],
    ["too many", `extends: [${"a, ".repeat(33)}]`, "2:10 extends field-count"],
    ["a name of nobody", "extends: bench-holdr", "2:10 extends extends-unknown"],
    ["a file that is not there", "extends: none.yaml", "2:10 extends extends-unknown"],
  ])("%s", (_what, line, finding) => {
    expect(told(host(line))).toEqual([`/f/hosts/host.yaml:${finding}`]);
  });

  test("a name that is nearly one is suggested, and what may stand is said", () => {
    expect(errorsOf(host("extends: bench-holdr"))).toMatchObject([
      {
        found: "`bench-holdr`",
        allowed: DEVICES,
        hint: "did you mean `bench-holder`?; by way of /f/hosts/host.yaml",
      },
    ]);
  });

  test("a file that is not there is told with the chain of files", () => {
    const files = { ...host("extends: ../a.yaml"), "/f/a.yaml": `${HEAD}log: warn\nextends: [none.yaml]\n` };
    expect(errorsOf(files)).toEqual([
      {
        file: "/f/a.yaml",
        line: 3,
        column: 11,
        path: "extends[0]",
        code: "extends-unknown",
        found: "`none.yaml`",
        allowed: DEVICES,
        hint: "ENOENT; by way of /f/hosts/host.yaml -> /f/a.yaml -> /f/none.yaml",
      },
    ]);
  });

  test("a cycle is told where it closes, with the chain of files", () => {
    expect(errorsOf({ ...host("extends: ./host.yaml") })).toMatchObject([
      { file: "/f/hosts/host.yaml", line: 2, column: 10, code: "extends-cycle", found: "`./host.yaml`" },
    ]);
    const files = {
      ...host("extends: ../a.yaml"),
      "/f/a.yaml": `${HEAD}extends: b.yaml\n`,
      "/f/b.yaml": `${HEAD}extends: [site/base.yaml, hosts/../a.yaml]\n`,
    };
    expect(errorsOf(files)).toMatchObject([
      {
        file: "/f/b.yaml",
        line: 2,
        path: "extends[1]",
        code: "extends-cycle",
        allowed: "a file that does not extend this one",
        hint: "by way of /f/hosts/host.yaml -> /f/a.yaml -> /f/b.yaml -> /f/a.yaml",
      },
    ]);
  });

  test("a base of another schema, of none, and one that is no map", () => {
    const policy = shippedFile("profiles/policies/bench-cabled.yaml");
    const kind = (text: string) => errorsOf(two(HOST, text));
    expect(errorsOf(host(`extends: ${policy}`))).toMatchObject([{ line: 2, code: "extends-unknown" }]);
    expect(kind("schema: spectrum-agent.policy/1\n")).toMatchObject([
      {
        file: "/f/hosts/host.yaml",
        line: 2,
        column: 10,
        code: "extends-kind",
        found: "`spectrum-agent.policy/1`",
        allowed: "a file of schema spectrum-agent.profile/1",
        hint: "by way of /f/hosts/host.yaml -> /f/site/base.yaml",
      },
    ]);
    expect(kind("name: x\n")).toMatchObject([{ code: "extends-kind", found: "nothing" }]);
    expect(kind("- x\n")).toMatchObject([{ code: "extends-kind", found: "no map" }]);
  });

  test("a base that is no YAML is told in its own lines, with the chain of files", () => {
    expect(errorsOf(two(HOST, `${HEAD}a: [\n`))).toMatchObject([
      { file: "/f/site/base.yaml", code: "yaml-syntax", hint: expect.stringContaining("by way of /f/hosts") },
    ]);
  });

  test("eight bases below one another are read, and not nine", () => {
    const tower = (height: number): Files => {
      const floors = Array.from({ length: height }, (_, i) => {
        const below = i + 1 < height ? `extends: b${i + 1}.yaml\n` : "";
        return [`/f/b${i}.yaml`, i + 1 < height ? `${HEAD}${below}` : `${SITE}name: host\n`] as const;
      });
      return { "/f/hosts/host.yaml": `${HEAD}extends: ../b0.yaml\n`, ...Object.fromEntries(floors) };
    };
    expect(told(tower(8))).toEqual([]);
    expect(errorsOf(tower(9))).toMatchObject([
      {
        file: "/f/b7.yaml",
        line: 2,
        column: 10,
        code: "extends-depth",
        allowed: "at most 8 bases below one another",
      },
    ]);
  });

  test("32 bases are read, however they are reached, and not 33", () => {
    const fan = (count: number): Files => {
      const half = (name: string, many: number) => [
        `/f/${name}.yaml`,
        `${HEAD}extends: [${Array<string>(many).fill("site/base.yaml").join(", ")}]\n`,
      ];
      // Two of the bases are the halves themselves.
      return {
        ...two(`${HEAD}extends: [../a.yaml, ../b.yaml]\nname: host\n`),
        ...Object.fromEntries([half("a", 15), half("b", count - 17)]),
      };
    };
    expect(told(fan(32))).toEqual([]);
    expect(errorsOf(fan(33))).toMatchObject([
      { file: "/f/b.yaml", path: "extends[15]", code: "extends-count", allowed: "at most 32 bases in all" },
    ]);
  });

  test("other kinds of files extend nothing", () => {
    const outcome = loadPolicy(
      "/f/p.yaml",
      fileSet({ "/f/p.yaml": "schema: spectrum-agent.policy/1\nextends: x\n" }),
    );
    expect(!outcome.ok && outcome.errors.find(({ path }) => path === "extends")).toMatchObject({
      code: "field-unknown",
    });
  });
});

describe("a resolved profile", () => {
  test("says of each value which line of which file it comes from", () => {
    const outcome = resolveProfile("/f/hosts/host.yaml", testDrivers, fileSet(two()));
    const { files = [], origins = [] } = outcome.ok ? outcome.resolved : {};
    expect(files).toEqual(["/f/hosts/host.yaml", "/f/site/base.yaml"]);
    const lines = origins.map(({ path, file, line }) => `${path} ${file}:${line}`);
    expect(lines).toEqual(
      expect.arrayContaining([
        "name /f/hosts/host.yaml:3",
        "mesh.range /f/hosts/host.yaml:4",
        "mesh.url /f/site/base.yaml:4",
        "trust /f/site/base.yaml:7",
      ]),
    );
  });
});
