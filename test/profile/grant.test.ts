/** Grants, licences, requests and GeoJSON: every field wrong in turn, with file, line, column, what was found, what may stand. */
import { describe, expect, test } from "vitest";
import { loadGrant, loadLicence, loadRequest } from "../../src/profile/load-grant.ts";
import type { ProfileError } from "../../src/profile/profile-error.ts";
import { formatRequest } from "../../src/profile/request-schema.ts";

const GRANT = `schema: spectrum-agent.grant/1
level: licensee
verbs: [allocate, acquire]
classes: [bench]
exclusive: true
depth: 1
from: 2026-01-01T00:00:00Z
until: 2027-01-01T00:00:00Z
scope:
  - band: [433.05MHz, 434.79MHz]
    area: {circle: {centre: {latitude: 52.5163deg, longitude: 13.3777deg}, radius: 250m}}
    from: 2026-02-01T00:00:00Z
    until: 2026-03-01T00:00:00Z
    limits: [10mW ERP, 20dBm/MHz]
    commodity-class: ism-433
  - band: [863MHz, 870MHz]
    area: {geojson: area.geojson}
    limits: [14dBm EIRP]
    commodity-class: ism-868
keep-out:
  - circle: {centre: {latitude: 50deg, longitude: 10deg}, radius: 1km}
identifiers:
  - {scheme: call-sign, value: DA0XYZ}
contact: +49 30 000000
revocation-channel: status/root
`;
/** Two keys more. */
const BOUNDS = `budgets:
  - {window: 1h, allowed: 20}
holdings-max: 40MHz
`;
const SQUARE = `{
\t"type": "Polygon",
\t"coordinates": [[[13.3, 52.5], [13.4, 52.5], [13.4, 52.6], [13.3, 52.6], [13.3, 52.5]]]
}
`;

type Files = Readonly<Record<string, string>>;

function reader(files: Files) {
  return (file: string): Uint8Array => {
    const text = files[file.split("/").at(-1) ?? ""];
    if (text === undefined) throw Object.assign(new Error(file), { code: "ENOENT" });
    return new TextEncoder().encode(text);
  };
}

function grantErrors(text: string, geojson: string = SQUARE): readonly ProfileError[] {
  const loaded = loadGrant("/f/grant.yaml", {}, reader({ "grant.yaml": text, "area.geojson": geojson }));
  return loaded.ok ? [] : loaded.errors;
}

test.each([
  ["window: 1h", "window: 32d", "budgets[0].window field-range"],
  ["window: 1h", "window: 3600", "budgets[0].window unit-missing"],
  ["allowed: 20", "allowed: -1", "budgets[0].allowed field-range"],
  ["allowed: 20", "allowed: 20, unit: watts", "budgets[0].unit field-choice"],
  ["allowed: 20", "allowed: 20, area: {polygon: []}", "budgets[0].area.polygon field-count"],
  ["40MHz", "40", "holdings-max unit-missing"],
])("bounds with %j as %j are refused in their place", (right, wrong, expected) => {
  expect(BOUNDS).toContain(right);
  const said = grantErrors(GRANT + BOUNDS.replace(right, wrong)).map(({ path, code }) => `${path} ${code}`);
  expect(said).toContain(expected);
});

const told = ({ line, column, path, code }: ProfileError): string => `${line}:${column} ${path} ${code}`;

test("a grant with every key loads, its quantities as integers", () => {
  const loaded = loadGrant(
    "/f/grant.yaml",
    {},
    reader({ "grant.yaml": GRANT + BOUNDS, "area.geojson": SQUARE }),
  );
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
  const { scope, end, keepOut, ...rest } = loaded.grant;
  expect(rest).toEqual({
    level: "licensee",
    verbs: ["allocate", "acquire"],
    eligibilityClasses: ["bench"],
    exclusive: true,
    depthLeft: 1,
    budgets: [
      {
        unit: "settlements",
        level: null,
        commodityClass: null,
        leaseClass: null,
        area: null,
        windowUs: 3_600_000_000,
        window: "sliding",
        allowed: 20,
      },
    ],
    holdingsMaxHz: 40_000_000,
    fromUs: 1_767_225_600_000_000,
    identifiers: [{ scheme: "call-sign", value: "DA0XYZ" }],
    contact: "+49 30 000000",
    revocationChannel: "status/root",
  });
  expect(end).toEqual({ kind: "instant", untilUs: 1_798_761_600_000_000 });
  expect(keepOut[0]).toHaveLength(24);
  expect(scope[0]).toMatchObject({ lowerHz: 433_050_000, upperHz: 434_790_000, commodityClass: "ism-433" });
  expect(scope[0]?.area).toHaveLength(24);
  expect(scope[1]).toMatchObject({ fromUs: null, untilUs: null });
  expect(scope[1]?.area).toEqual([
    { latE7: 525_000_000, lonE7: 133_000_000 },
    { latE7: 525_000_000, lonE7: 134_000_000 },
    { latE7: 526_000_000, lonE7: 134_000_000 },
    { latE7: 526_000_000, lonE7: 133_000_000 },
  ]);
});

test("flags go before the file's words, and stand in for absent ones", () => {
  const bare = GRANT.replace(/^(level|verbs|until):.*\n/gm, "");
  expect(grantErrors(bare).map(told)).toEqual([
    "1:1 level field-absent",
    "1:1 verbs field-absent",
    "1:1 until fields-conflict",
  ]);
  const given = {
    level: "user",
    verbs: ["acquire" as const],
    exclusive: false,
    end: { kind: "duration" as const, durationUs: 5_000_000 },
  };
  const loaded = loadGrant("/f/grant.yaml", given, reader({ "grant.yaml": bare, "area.geojson": SQUARE }));
  expect(loaded).toMatchObject({
    ok: true,
    grant: { level: "user", verbs: ["acquire"], exclusive: false, end: given.end },
  });
});

describe("a grant", () => {
  test.each([
    ["schema: spectrum-agent.grant/1", "schema: spectrum-agent.grant/2", "1:9 schema field-choice"],
    ["level: licensee", "level: 7", "2:8 level field-type"],
    ["[allocate, acquire]", "[allocate, aquire]", "3:19 verbs[1] field-choice"],
    ["[allocate, acquire]", "[]", "3:8 verbs field-count"],
    ["[allocate, acquire]", "[acquire, acquire]", "3:18 verbs[1] field-twice"],
    ["classes: [bench]", "classes: [Bench]", "4:11 classes[0] field-form"],
    ["exclusive: true", 'exclusive: "true"', "5:12 exclusive field-type"],
    ["depth: 1", "depth: 5", "6:8 depth field-range"],
    ["depth: 1", "depth: 6", "6:8 depth field-range"],
    ["from: 2026-01-01T00:00:00Z", "from: 2026-01-01", "7:7 from field-form"],
    ["until: 2027-01-01T00:00:00Z", "until: 2026-01-01T00:00:00Z", "8:8 until fields-order"],
    ["until: 2027-01-01T00:00:00Z", "until: 2025-01-01T00:00:00Z", "8:8 until fields-order"],
    ["until: 2027-01-01T00:00:00Z", "duration: 5", "8:11 duration unit-missing"],
    ["[433.05MHz, 434.79MHz]", "[433.05MHz, 433.05MHz]", "10:23 scope[0].band[1] fields-order"],
    ["[433.05MHz, 434.79MHz]", "[433.05, 434.79MHz]", "10:12 scope[0].band[0] unit-missing"],
    ["latitude: 52.5163deg", "latitude: 91deg", "11:40 scope[0].area.circle.centre.latitude field-range"],
    ["latitude: 52.5163deg", "latitude: 89.9999deg", "11:20 scope[0].area.circle polygon"],
    ["longitude: 13.3777deg", "longitude: 179.9999deg", "11:20 scope[0].area.circle polygon"],
    ["radius: 250m", "radius: 0m", "11:84 scope[0].area.circle.radius field-range"],
    ["until: 2026-03-01T00:00:00Z", "until: 2026-02-01T00:00:00Z", "13:12 scope[0].until fields-order"],
    ["[10mW ERP, 20dBm/MHz]", "[10mW ERP, 20]", "14:24 scope[0].limits[1] unit-missing"],
    ["commodity-class: ism-433", "commodity-clas: ism-433", "15:5 scope[0].commodity-clas field-unknown"],
    ["{geojson: area.geojson}", "{}", "17:11 scope[1].area fields-conflict"],
    [
      "{geojson: area.geojson}",
      "{geojson: area.geojson, type: Polygon}",
      "17:41 scope[1].area.type fields-conflict",
    ],
    ["radius: 1km", "radius: 1000km", "21:67 keep-out[0].circle.radius field-range"],
    ["scheme: call-sign", "scheme: ''", "23:14 identifiers[0].scheme field-form"],
    ["contact: +49 30 000000", "contact: 49", "24:10 contact field-type"],
    ["revocation-channel: status/root", "revocation-channel: []", "25:21 revocation-channel field-type"],
  ])("with %j as %j is refused in its place", (right, wrong, expected) => {
    expect(GRANT).toContain(right);
    const errors = grantErrors(GRANT.replace(right, wrong));
    expect(errors.map(told).join("; ")).toContain(expected);
    for (const { file, found, allowed } of errors) {
      expect(file).toBe("/f/grant.yaml");
      expect([found, allowed]).not.toContain("");
    }
  });

  test("holds 64 boxes, and not 65", () => {
    const [head = "", ...boxes] = GRANT.split(/^(?= {2}- band)/m);
    const first = boxes[0] ?? "";
    const tail = "contact: x\n";
    expect(grantErrors(head + first.repeat(64) + tail)).toEqual([]);
    expect(grantErrors(head + first.repeat(65) + tail).map(told)).toEqual(["10:3 scope field-count"]);
  });

  test("may hold its area as GeoJSON in place", () => {
    const inline = "{type: Polygon, coordinates: [[[1, 2], [3, 2], [3, 4], [1, 2]]]}";
    expect(grantErrors(GRANT.replace("{geojson: area.geojson}", inline))).toEqual([]);
    const crossed = "{type: Polygon, coordinates: [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]]}";
    const [error] = grantErrors(GRANT.replace("{geojson: area.geojson}", crossed));
    expect(error).toMatchObject({ line: 17, column: 41, code: "polygon", hint: "polygon-self-intersecting" });
  });
});

describe("a GeoJSON file", () => {
  test.each([
    ["a feature", `{"type":"Feature","properties":{"a":1},"id":7,"geometry":${SQUARE}}`],
    [
      "a collection of one",
      `{"type":"FeatureCollection","name":"x","features":[{"type":"Feature","properties":null,"geometry":${SQUARE}}]}`,
    ],
  ])("may be %s", (_form, text) => {
    expect(grantErrors(GRANT, text)).toEqual([]);
  });

  test.each<[string, string, string]>([
    ['"Polygon"', '"MultiPolygon"', "2:10 type field-choice"],
    ['"Polygon"', '"Feature"', "1:1 geometry field-absent"],
    ['"coordinates"', '"coordinate"', "3:2 coordinate field-unknown"],
    ["[13.3, 52.5], [13.4, 52.5]", "[13.3, 52.5], [13.4]", "3:33 coordinates[0][1] field-count"],
    ["[13.4, 52.5]", "[13.4, 52.5, 30]", "3:33 coordinates[0][1] field-count"],
    ["[13.4, 52.5]", '["13.4", 52.5]', "3:34 coordinates[0][1][0] field-type"],
    ["[13.4, 52.5]", "[13.40000001, 52.5]", "3:34 coordinates[0][1][0] number-not-exact"],
    ["[13.4, 52.5]", "[180.1, 52.5]", "3:34 coordinates[0][1][0] field-range"],
    ["[13.4, 52.5]", "[52.5, 113.4]", "3:40 coordinates[0][1][1] field-range"],
    ["[13.3, 52.5]]]", "[13.3, 52.50001]]]", "3:75 coordinates[0][4] polygon"],
    ["[13.4, 52.6], [13.3, 52.6]", "[13.3, 52.6], [13.4, 52.6]", "3:18 coordinates[0] polygon"],
    ["[13.4, 52.5], [13.4, 52.6]", "[-179, 52.5], [-179, 52.6]", "3:18 coordinates[0] polygon"],
    ["[13.4, 52.6], [13.3, 52.6]", "[13.2, 52.5], [13.1, 52.5]", "3:18 coordinates[0] polygon"],
    ["]]\n", "], [[0, 0], [0, 1], [1, 0], [0, 0]]]\n", "3:17 coordinates field-count"],
    ['"type"', '"crs": null, "type"', "2:2 crs field-unknown"],
    ["[[[13.3", "[[[13.3,", "3:25  yaml-syntax"],
    ['"Polygon",', '"Polygon', "2:10  yaml-syntax"],
  ])("with %j as %j is refused in its own line", (right, wrong, expected) => {
    expect(SQUARE).toContain(right);
    const errors = grantErrors(GRANT, SQUARE.replace(right, wrong));
    expect(errors.map(told).join("; ")).toContain(expected);
    expect(errors.map(({ file }) => file)).toContain("/f/area.geojson");
  });

  test("that cannot be read is named", () => {
    const errors = grantErrors(GRANT.replace("area.geojson", "nowhere.geojson"));
    expect(errors).toMatchObject([{ file: "/f/nowhere.geojson", code: "file-unreadable", found: "ENOENT" }]);
  });

  test("touches a pole or the antimeridian, and does not cross it", () => {
    const at = (ring: string) => grantErrors(GRANT, `{"type":"Polygon","coordinates":[${ring}]}`);
    expect(at("[[170,80],[180,80],[180,90],[170,90],[170,80]]")).toEqual([]);
    expect(at("[[170,80],[-170,80],[-170,85],[170,85],[170,80]]")).toMatchObject([
      { code: "polygon", hint: "polygon-across-antimeridian" },
    ]);
  });
});

const LICENCE = GRANT.replace("grant/1", "licence/1").concat(`root: licensee
licence:
  scheme: de-bnetza
  number: 55-1234
  register: https://example.org/55-1234
  document-sha256: ${"ab".repeat(32)}
`);

describe("a licence", () => {
  const errorsOf = (text: string): readonly ProfileError[] => {
    const loaded = loadLicence("/f/l.yaml", reader({ "l.yaml": text, "area.geojson": SQUARE }));
    return loaded.ok ? [] : loaded.errors;
  };

  test("of a licensee is asserted, and its number, register and document become identifiers", () => {
    const loaded = loadLicence("/f/l.yaml", reader({ "l.yaml": LICENCE, "area.geojson": SQUARE }));
    expect(loaded).toMatchObject({
      ok: true,
      licence: {
        licenceAsserted: true,
        identifiers: [
          { scheme: "de-bnetza", value: "55-1234" },
          { scheme: "register", value: "https://example.org/55-1234" },
          { scheme: "document-sha256", value: "ab".repeat(32) },
          { scheme: "call-sign", value: "DA0XYZ" },
        ],
      },
    });
  });

  test.each([
    ["root: licensee", "root: regulator", "27:1 licence fields-conflict"],
    ["root: licensee", "root: nobody", "26:7 root field-choice"],
    ["contact: +49 30 000000\n", "", "1:1 contact field-absent"],
    ["revocation-channel: status/root\n", "", "1:1 revocation-channel field-absent"],
    ["scheme: de-bnetza", "scheme: 5", "28:11 licence.scheme field-type"],
    ["number: 55-1234", "number: ''", "29:11 licence.number field-range"],
    ["register: https", "registry: https", "30:3 licence.registry field-unknown"],
    ["document-sha256: ab", "document-sha256: AB", "31:20 licence.document-sha256 field-form"],
  ])("with %j as %j is refused in its place", (right, wrong, expected) => {
    expect(LICENCE).toContain(right);
    expect(errorsOf(LICENCE.replace(right, wrong)).map(told)).toContain(expected.replace("27:1", "28:3"));
  });
});

describe("a request", () => {
  const whole = formatRequest({
    owner: "Holder Ltd",
    lineage: new Uint8Array(32).fill(1),
    keyId: new Uint8Array(32).fill(2),
    akName: new Uint8Array(34).fill(3),
    tier: "software",
    records: [Uint8Array.of(1, 2, 3, 4)],
    tpm: {
      akPublic: Uint8Array.of(5),
      signingPublic: Uint8Array.of(6),
      attestation: Uint8Array.of(7),
      signature: new Uint8Array(64).fill(8),
      ekPublic: Uint8Array.of(9),
      ekCertificate: Uint8Array.of(10),
    },
  });
  const errorsOf = (text: string): readonly ProfileError[] => {
    const loaded = loadRequest("/f/r.yaml", reader({ "r.yaml": text }));
    return loaded.ok ? [] : loaded.errors;
  };

  test("reads back what was written", () => {
    const loaded = loadRequest("/f/r.yaml", reader({ "r.yaml": whole }));
    expect(loaded).toMatchObject({
      ok: true,
      request: { owner: "Holder Ltd", records: [Uint8Array.of(1, 2, 3, 4)] },
    });
    if (loaded.ok) expect(formatRequest(loaded.request)).toBe(whole);
  });

  test.each([
    ["request/1", "request/9", "1:9 schema field-choice"],
    ["owner: Holder Ltd", "owner: Hölder", "2:8 owner field-form"],
    ['lineage: "01', 'lineage: "', "3:10 lineage field-range"],
    ['lineage: "01', 'lineage: "zz', "3:10 lineage field-form"],
    ["key: ", "keys: ", "4:1 keys field-unknown"],
    ['ak-name: "', 'ak-name: "00', "5:10 ak-name field-range"],
    ["tier: software", "tier: hard", "6:7 tier field-choice"],
    ["- AQIDBA", "- AQIDB", "8:5 records[0] field-form"],
    ["- AQIDBA", "- AQID\u00a1", "8:5 records[0] field-form"],
    ["- AQIDBA", `- ${"A".repeat(40_000)}`, "8:5 records[0] field-range"],
    ["\n  - AQIDBA", " []", "7:10 records field-count"],
  ])("with %j as %j is refused in its place", (right, wrong, expected) => {
    expect(whole).toContain(right);
    const text = whole.replace(right, wrong);
    expect(errorsOf(text).map(told).join("; ")).toContain(expected);
  });
});
