/** Every field of a fleet's list wrong in turn: where it stands, what was found, what is allowed; nothing is issued, nothing half-written. */
import { copyFile, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type FleetDesk, fleetDesk, NAMES, row } from "../support/fleet-desk.ts";

const TEST_MS_MAX = 120_000;
const OTHER = "ab".repeat(32);
let desk: FleetDesk;
let one = "";
let two = "";

beforeAll(async () => {
  desk = await fleetDesk();
  one = await desk.host("one");
  two = await desk.host("two");
}, TEST_MS_MAX);
afterAll(() => desk.close());
afterEach(async () => {
  // Whatever was wrong: no credential in the authority's folder, no folder of enrolments, not even one half-made.
  expect((await readdir(desk.at("root/records"))).length).toBe(5);
  expect(
    (await readdir(desk.at("."))).filter((name) => name.startsWith("out") && name !== "out.reasons.csv"),
  ).toEqual([]);
  await rm(desk.at("out.reasons.csv"), { force: true });
});

type Reason = readonly [at: string, column: string, code: string, exit: number];

/** The one reason of a list: `line:column`, its column's name, its code; and how the command ended. */
async function reasonOf(names: string, ...rows: readonly string[]): Promise<Reason> {
  const { exit, stderr } = await desk.enroll(await desk.list("hosts.csv", names, ...rows), desk.at("out"));
  const lines = (await readFile(desk.at("out.reasons.csv"), "utf8")).trim().split("\r\n").slice(1);
  expect(stderr).toContain(`all ${lines.length} reasons`);
  const [, line, column, , field = "", code = "", found, allowed] = cellsOf(lines[0] ?? "");
  expect([found, allowed]).not.toContain("");
  expect(lines.length).toBe(1);
  return [`${line}:${column}`, field.split(" ")[0] ?? "", code, Number(exit)];
}

const cellsOf = (line: string): readonly string[] =>
  [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, bare]) => quoted ?? bare ?? "");

/** A sound row of the second host, with one cell another. */
function spoiled(column: number, cell: string): string {
  const cells = row("two", two).split(",");
  return cells.map((each, i) => (i === column ? cell : each)).join(",");
}

describe("a cell of a fleet's list", () => {
  test.each<readonly [what: string, column: number, cell: string, name: string, code: string]>([
    ["no name", 0, "", "host", "field-absent"],
    ["a name that is a path", 0, "../two", "host", "field-form"],
    ["a name too long", 0, "a".repeat(64), "host", "field-form"],
    ["a name with a control character", 0, "tw\u0007o", "host", "field-form"],
    ["no latitude", 1, "", "latitude", "field-absent"],
    ["a latitude without its unit", 1, "52.5163", "latitude", "unit-missing"],
    ["a latitude of another unit", 1, "52.5163m", "latitude", "unit-unknown"],
    ["a latitude beyond the pole", 1, "90.1deg", "latitude", "field-range"],
    ["a latitude with too many places", 1, "52.51630001deg", "latitude", "number-not-exact"],
    ["no longitude", 2, "", "longitude", "field-absent"],
    ["a longitude beyond the antimeridian", 2, "180.1deg", "longitude", "field-range"],
    ["a longitude that is no number", 2, "east", "longitude", "number-malformed"],
    ["no request", 3, "", "request", "field-absent"],
    ["a request that is not there", 3, "three/request.yaml", "request", "file-unreadable"],
    ["a request that is another file", 3, "grant.yaml", "request", "field-choice"],
    ["a hash that is none", 4, "12ab", "ek-hash", "field-range"],
    ["a hash in capitals", 4, "AB".repeat(32), "ek-hash", "field-form"],
    ["a broker that is none", 5, "http://broker", "broker", "field-form"],
    ["a broker with a password", 5, "mqtt://a:b@broker", "broker", "field-form"],
    ["a broker at no port", 5, "mqtt://broker:99999", "broker", "field-range"],
  ])("is refused with %s", async (_what, column, cell, name, code) => {
    const bad = spoiled(column, cell) + (column === 5 ? `,${cell}` : ",");
    const at = bad.split(",").slice(0, column).join(",").length + (column === 0 ? 1 : 2);
    expect(await reasonOf(`${NAMES},broker`, `${row("one", one)},`, bad)).toEqual([
      `3:${at}`,
      name,
      code,
      78,
    ]);
  });

  test.each<
    readonly [what: string, changes: readonly (readonly [number, string])[], name: string, code: string]
  >([
    ["a position outside the scope", [[1, "52.6deg"]], "latitude", "fleet-outside-scope"],
    [
      "the antipodes",
      [
        [1, "-52.5163deg"],
        [2, "-166.6223deg"],
      ],
      "latitude",
      "fleet-outside-scope",
    ],
    ["another host's name", [[0, "one"]], "host", "fleet-host-twice"],
  ])("is refused by policy with %s", async (_what, changes, name, code) => {
    const cells = row("two", two).split(",");
    for (const [i, cell] of changes) cells[i] = cell;
    const [at, field, ...rest] = await reasonOf(NAMES, row("one", one), cells.join(","));
    expect([at.split(":")[0], field, ...rest]).toEqual(["3", name, code, 4]);
  });

  test("may stand in quotes over several lines, and the next row still has its own line", async () => {
    const rows = [
      `"one",52.5163deg,13.3777deg,"one/request.yaml",${one}`,
      "",
      `two,"52.5163deg",x y,two/request.yaml,${two}`,
    ];
    expect(await reasonOf(NAMES, ...rows)).toEqual(["4:18", "longitude", "number-malformed", 78]);
    const broken = `"a\r\nb",52.5163deg,13.3777deg,one/request.yaml,${one}`;
    const { exit } = await desk.enroll(
      await desk.list("hosts.csv", NAMES, broken, spoiled(1, "é1")),
      desk.at("out"),
    );
    const lines = (await readFile(desk.at("out.reasons.csv"), "utf8")).split("\r\n");
    expect([exit, lines[1], lines[2]]).toEqual([
      78,
      expect.stringMatching(/^1,2,1,"","host","field-form",/),
      expect.stringMatching(/^2,4,5,"","latitude","number-malformed",/),
    ]);
  });
});

describe("a device of a fleet's list", () => {
  test("is refused with the key of another TPM than was delivered", async () => {
    const { exit } = await desk.enroll(
      await desk.list("hosts.csv", NAMES, row("two", OTHER)),
      desk.at("out"),
    );
    const told = await readFile(desk.at("out.reasons.csv"), "utf8");
    expect([exit, told]).toEqual([4, expect.stringContaining('"ek-hash","fleet-key-mismatch"')]);
    // The list speaks for another key, and nobody for its own.
    expect(told).toContain("tpm-ek-not-listed");
  });

  test("is refused where nobody vouches for its key", async () => {
    const { exit } = await desk.enroll(await desk.list("hosts.csv", NAMES, row("one", "")), desk.at("out"));
    expect([exit, await readFile(desk.at("out.reasons.csv"), "utf8")]).toEqual([
      4,
      expect.stringContaining("tpm-ek-not-listed"),
    ]);
  });

  test("is refused when it stands there twice, by file, by key and by lineage, with the row that it repeats", async () => {
    await copyFile(desk.at("one/request.yaml"), desk.at("copy.yaml"));
    const copy = row("two", one).replace("two/request.yaml", "copy.yaml");
    const { exit } = await desk.enroll(
      await desk.list("hosts.csv", NAMES, row("one", one), copy),
      desk.at("out"),
    );
    const told = await readFile(desk.at("out.reasons.csv"), "utf8");
    expect(exit).toBe(4);
    expect(told).toMatch(
      /^2,3,\d+,"two","request endorsement key","fleet-host-twice","same [0-9a-f]{64}","row 1"\r$/m,
    );
    expect(told).toMatch(/^2,3,\d+,"two","request lineage","fleet-host-twice"/m);
    const same = row("two", one).replace("two/request.yaml", "one/request.yaml");
    await desk.enroll(await desk.list("hosts.csv", NAMES, row("one", one), same), desk.at("out"));
    expect(await readFile(desk.at("out.reasons.csv"), "utf8")).toContain('"request file","fleet-host-twice"');
  });

  test("is refused with another one's endorsement key put into its request", async () => {
    const foreign =
      /^ {2}ek-public: .*$/m.exec(await readFile(desk.at("one/request.yaml"), "utf8"))?.[0] ?? "";
    const text = await readFile(desk.at("two/request.yaml"), "utf8");
    await writeFile(desk.at("mixed.yaml"), text.replace(/^ {2}ek-public: .*$/m, foreign));
    const mixed = row("two", "").replace("two/request.yaml", "mixed.yaml");
    await desk.enroll(await desk.list("hosts.csv", NAMES, row("one", one), mixed), desk.at("out"));
    expect(await readFile(desk.at("out.reasons.csv"), "utf8")).toContain(
      '"request endorsement key","fleet-host-twice"',
    );
  });

  test("is refused with evidence of another attestation key, and with a request that says otherwise than it proves", async () => {
    const text = await readFile(desk.at("two/request.yaml"), "utf8");
    const foreign =
      /^ {2}ak-public: .*$/m.exec(await readFile(desk.at("one/request.yaml"), "utf8"))?.[0] ?? "";
    await writeFile(desk.at("mixed.yaml"), text.replace(/^ {2}ak-public: .*$/m, foreign));
    const mixed = row("two", two).replace("two/request.yaml", "mixed.yaml");
    await desk.enroll(await desk.list("hosts.csv", NAMES, mixed), desk.at("out"));
    expect(await readFile(desk.at("out.reasons.csv"), "utf8")).toContain("tpm-ak-name");
    await writeFile(desk.at("mixed.yaml"), text.replace(/^owner: .*$/m, "owner: Somebody"));
    await desk.enroll(await desk.list("hosts.csv", NAMES, mixed), desk.at("out"));
    expect(await readFile(desk.at("out.reasons.csv"), "utf8")).toContain(
      '"request owner","request-mismatch"',
    );
    await writeFile(desk.at("mixed.yaml"), text.replace(/^tpm:\n(?: .*\n)+/m, ""));
    await desk.enroll(await desk.list("hosts.csv", NAMES, mixed), desk.at("out"));
    expect(await readFile(desk.at("out.reasons.csv"), "utf8")).toContain("request-without-tpm");
  });
});

describe("a fleet's list", () => {
  test.each<readonly [what: string, names: string, rows: readonly string[], reason: Reason]>([
    ["an unknown column", `${NAMES},colour`, ["x,,,,,"], ["1:41", "colour", "field-unknown", 78]],
    ["a column twice", `host,${NAMES}`, ["x,,,,,"], ["1:6", "host", "field-twice", 78]],
    ["a column missing", "host,latitude,longitude", ["x,,"], ["1:1", "request", "field-absent", 78]],
    ["no host", NAMES, [], ["2:1", "", "field-count", 78]],
    ["too few cells", NAMES, ["x,52.5163deg"], ["2:1", "", "field-count", 78]],
    ["too many cells", NAMES, ["x,1deg,1deg,one/request.yaml,,,"], ["2:1", "", "field-count", 78]],
    ["a quote that is not closed", NAMES, ['"x,1deg,1deg,y,'], ["2:1", "", "csv-syntax", 78]],
    ["a quote in the middle", NAMES, ['x"y,1deg,1deg,y,'], ["2:1", "", "csv-syntax", 78]],
  ])("is refused with %s", async (_what, names, rows, reason) => {
    expect(await reasonOf(names, ...rows)).toEqual(reason);
  });

  test("is refused when it is no text, too large, or not there", async () => {
    const code = async (file: string) => {
      await desk.enroll(file, desk.at("out"));
      return cellsOf((await readFile(desk.at("out.reasons.csv"), "utf8")).split("\r\n")[1] ?? "")[5];
    };
    expect(await code(desk.at("nowhere.csv"))).toBe("file-unreadable");
    await writeFile(desk.at("bytes.csv"), Uint8Array.of(0xff, 0xfe, 0));
    expect(await code(desk.at("bytes.csv"))).toBe("file-not-utf8");
    await writeFile(desk.at("large.csv"), "x".repeat(1_048_577));
    expect(await code(desk.at("large.csv"))).toBe("file-too-large");
    await writeFile(desk.at("rows.csv"), `${NAMES}\n${"a,,,,\n".repeat(5_001)}`);
    expect(await code(desk.at("rows.csv"))).toBe("field-count");
  });

  test("takes no exclusive grant for two: the second would collide with the first, and neither is issued", async () => {
    const text = await readFile(desk.at("grant.yaml"), "utf8");
    const list = await desk.list("hosts.csv", NAMES, row("one", one), row("two", two));
    await writeFile(desk.at("grant.yaml"), text.replace("[acquire]", "[acquire]\nexclusive: true"));
    const { exit, stderr } = await desk.enroll(list, desk.at("out"));
    await writeFile(desk.at("grant.yaml"), text);
    expect([exit, stderr]).toEqual([expect.any(Number), expect.stringContaining("already-allocated")]);
    expect(exit).not.toBe(0);
  });
});
