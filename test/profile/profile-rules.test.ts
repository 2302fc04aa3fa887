import { describe, expect, test } from "vitest";
import { loadCommodity, loadPolicy, loadProfile } from "../../src/profile/load.ts";
import { formatProfileError, PROFILE_CODES, type ProfileError } from "../../src/profile/profile-error.ts";
import {
  everyCommodityKey,
  everyPolicyKey,
  everyProfileKey,
  spoiled,
  type Trail,
  testDrivers,
  written,
} from "./every-key.ts";

const FILE = "/somewhere/file.yaml";
type Outcome = { readonly ok: true } | { readonly ok: false; readonly errors: readonly ProfileError[] };
type Change = readonly [trail: Trail, value: unknown];

const bytesOf = (document: unknown) => () => new TextEncoder().encode(written(document));
const changed = (whole: unknown, changes: readonly Change[]): unknown =>
  changes.reduce<unknown>((document, [trail, value]) => spoiled(document, trail, value), whole);
const profileWith = (...changes: readonly Change[]): Outcome =>
  loadProfile(FILE, testDrivers, bytesOf(changed(everyProfileKey, changes)));
const policyWith = (...changes: readonly Change[]): Outcome =>
  loadPolicy(FILE, bytesOf(changed(everyPolicyKey, changes)));
const commodityWith = (...changes: readonly Change[]): Outcome =>
  loadCommodity(FILE, bytesOf(changed(everyCommodityKey, changes)));
const found = (outcome: Outcome): readonly string[] =>
  outcome.ok ? [] : outcome.errors.map(({ path, code }) => `${path} ${code}`);

describe("keys that depend on one another", () => {
  test.each<[string, readonly Change[], readonly string[]]>([
    [
      "an offer with a band and a centre",
      [[["offers", 0, "centre"], "433MHz"]],
      ["offers[0].band fields-conflict"],
    ],
    ["an offer without any band", [[["offers", 0, "band"], undefined]], ["offers[0].band fields-conflict"]],
    ["a centre without width", [[["offers", 1, "width"], undefined]], ["offers[1].width fields-conflict"]],
    [
      "an odd width about a centre",
      [[["offers", 1, "width"], "25001Hz"]],
      ["offers[1].width number-not-exact"],
    ],
    [
      "a band upside down",
      [
        [
          ["offers", 0, "band"],
          ["434MHz", "433MHz"],
        ],
      ],
      ["offers[0].band[1] fields-order"],
    ],
    [
      "an empty band",
      [
        [
          ["offers", 0, "band"],
          ["434MHz", "434MHz"],
        ],
      ],
      ["offers[0].band[1] fields-order"],
    ],
    [
      "a band of three edges",
      [
        [
          ["offers", 0, "band"],
          ["1MHz", "2MHz", "3MHz"],
        ],
      ],
      ["offers[0].band field-count"],
    ],
    [
      "an offer with end and duration",
      [[["offers", 0, "duration"], "10min"]],
      ["offers[0].duration fields-conflict"],
    ],
    ["an offer with a start only", [[["offers", 0, "until"], undefined]], ["offers[0].from fields-conflict"]],
    ["an offer with an end only", [[["offers", 0, "from"], undefined]], ["offers[0].until fields-conflict"]],
    [
      "an offer without any time",
      [[["offers", 1, "duration"], undefined]],
      ["offers[1].duration fields-conflict"],
    ],
    [
      "an offer that ends as it starts",
      [[["offers", 0, "until"], "2026-01-01T00:00:00Z"]],
      ["offers[0].until fields-order"],
    ],
    ["an offer refreshed too late", [[["offers", 0, "refresh"], "11s"]], ["offers[0].refresh fields-order"]],
    [
      "a rule asked twice",
      [[["offers", 0, "rules", 1], "content-match"]],
      ["offers[0].rules[1] field-twice"],
    ],
    ["an area without form", [[["offers", 0, "area"], {}]], ["offers[0].area fields-conflict"]],
    [
      "a polygon of a line",
      [[["offers", 1, "area", "polygon", 2], { latitude: "52.5163deg", longitude: "13.3777deg" }]],
      ["offers[1].area.polygon polygon"],
    ],
    [
      "a circle at the pole",
      [[["offers", 0, "area", "circle", "centre", "latitude"], "90deg"]],
      ["offers[0].area.circle polygon"],
    ],
    ["a negative price", [[["offers", 0, "price"], "-1 EUR"]], ["offers[0].price field-form"]],
    [
      "a price in seven places",
      [[["offers", 0, "price"], "0.0000001 EUR"]],
      ["offers[0].price number-not-exact"],
    ],
    ["a price without currency", [[["offers", 0, "price"], "12.50"]], ["offers[0].price field-form"]],
    [
      "a wish for anything",
      [
        [["accepts", 0, "resource"], undefined],
        [["accepts", 0, "commodity"], undefined],
      ],
      ["accepts[0].resource fields-conflict"],
    ],
    ["a wish in ERP", [[["accepts", 0, "power"], "10mW ERP"]], ["accepts[0].power field-form"]],
    ["a wish for a density", [[["accepts", 0, "power"], "10dBm/MHz"]], ["accepts[0].power field-form"]],
    ["a wish wider than its band", [[["accepts", 0, "width"], "1MHz"]], ["accepts[0].width fields-order"]],
    [
      "certificates without encryption",
      [[["mesh", "url"], "mqtt://broker"]],
      ["mesh.ca fields-conflict", "mesh.cert fields-conflict", "mesh.key fields-conflict"],
    ],
    ["a certificate without key", [[["mesh", "key"], undefined]], ["mesh.cert fields-conflict"]],
    ["a key without certificate", [[["mesh", "cert"], undefined]], ["mesh.key fields-conflict"]],
    ["encryption without whose broker it is", [[["mesh", "ca"], undefined]], ["mesh.url fields-conflict"]],
    [
      "an enrolled client with a key's file",
      [[["mesh", "client"], "enrolled"]],
      ["mesh.key fields-conflict"],
    ],
    [
      "an enrolled client without encryption",
      [[["mesh"], { driver: "mqtt", url: "mqtt://127.0.0.1", client: "enrolled" }]],
      ["mesh.client fields-conflict"],
    ],
    ["another client", [[["mesh", "client"], "anonymous"]], ["mesh.client field-choice"]],
    ["an embedded broker with TLS", [[["mesh", "driver"], "embedded"]], ["mesh.url fields-conflict"]],
    ["a password in the address", [[["mesh", "url"], "mqtts://me:secret@broker"]], ["mesh.url field-form"]],
    ["a port that is none", [[["mesh", "url"], "mqtts://broker:70000"]], ["mesh.url field-range"]],
    ["another protocol", [[["mesh", "url"], "http://broker"]], ["mesh.url field-form"]],
    ["a socket path that no system takes", [[["control"], "x".repeat(120)]], ["control field-range"]],
    [
      "a state folder whose socket is too long",
      [
        [["control"], undefined],
        [["state"], "x".repeat(120)],
      ],
      ["state field-range"],
    ],
    ["no trusted root", [[["trust"], []]], ["trust field-count"]],
    ["a map for a list", [[["trust"], { a: "b" }]], ["trust field-type"]],
    ["a list for a map", [[["mesh"], ["mqtt"]]], ["mesh field-type"]],
    ["a driver that nobody has", [[["gnss", "driver"], "receivr"]], ["gnss.driver driver-unknown"]],
    ["no driver", [[["gnss", "driver"], undefined]], ["gnss.driver field-absent"]],
    ["an option of another driver", [[["gnss", "keys"], "x"]], ["gnss.keys field-unknown"]],
    ["a driver without a required option", [[["radio", "lowest"], undefined]], ["radio.lowest field-absent"]],
    ["an offset of the wrong antenna", [[["gnss", "offset"], {}]], ["gnss.offset field-unknown"]],
    ["a file of another kind", [[["schema"], "spectrum-agent.policy/1"]], ["schema field-choice"]],
  ])("refuses %s", (_what, changes, findings) => {
    expect(found(profileWith(...changes))).toEqual(findings);
  });

  test("suggests the key, the word and the driver that may have been meant", () => {
    const outcome = profileWith([["polcy"], 1], [["log"], "wran"], [["gnss", "driver"], "reciever"]);
    expect(!outcome.ok && outcome.errors.map(({ path, hint }) => [path, hint])).toEqual([
      ["log", "did you mean `warn`?"],
      ["gnss.driver", "did you mean `receiver`?"],
      ["polcy", "did you mean `policy`?"],
    ]);
  });

  test("an agent without radio, offers, wishes and all that has a default loads", () => {
    const small = Object.entries(everyProfileKey).filter(([key]) =>
      ["schema", "name", "owner", "state", "mesh", "tpm", "gnss", "trust", "policy"].includes(key),
    );
    const loaded = loadProfile(FILE, testDrivers, bytesOf(Object.fromEntries(small)));
    expect(loaded.ok && loaded.profile).toMatchObject({
      controlPath: "/somewhere/state/control.sock",
      logLevel: "info",
      production: true,
      radio: null,
      documentPaths: [],
      time: {
        kPermille: 2000,
        transportUs: 500_000,
        ppsTransportUs: 1000,
        driftPpm: 100,
        checkAgainstWall: true,
      },
      place: {
        speedMmPerS: 0,
        climbMmPerS: 0,
        unestimatedErrorMm: null,
        transportUs: 500_000,
        holdUs: 60_000_000,
      },
      offers: [],
      accepts: [],
    });
  });

  test("a broker's address gets the port of its protocol", () => {
    const loaded = loadProfile(
      FILE,
      testDrivers,
      bytesOf(spoiled(everyProfileKey, ["mesh", "url"], "mqtts://broker")),
    );
    expect(loaded.ok && loaded.profile.mesh.url).toBe("mqtts://broker:8883");
  });

  test("a section of a port without any driver is refused", () => {
    const outcome = loadProfile(FILE, { ...testDrivers, radio: [] }, bytesOf(everyProfileKey));
    expect(found(outcome)).toEqual(["radio field-type"]);
  });
});

describe("production", () => {
  const pretended: Change = [["tpm"], { driver: "pretended" }];
  const replayed: Change = [["gnss", "source"], "replay"];

  test("refuses simulated and replayed devices", () => {
    expect(found(profileWith(pretended, replayed))).toEqual([
      "tpm.driver simulated-in-production",
      "gnss.source simulated-in-production",
    ]);
  });

  test("refuses them where the profile says nothing of production", () => {
    expect(found(profileWith(pretended, [["production"], undefined]))).toEqual([
      "tpm.driver simulated-in-production",
    ]);
  });

  test("admits them on a bench", () => {
    expect(found(profileWith(pretended, replayed, [["production"], false]))).toEqual([]);
  });
});

describe("policies and commodities", () => {
  const lease: Trail = ["lease-classes", 0];
  const dutyCycle: Trail = ["bands", 0, "duty-cycle"];
  test.each<[string, readonly Change[], readonly string[]]>([
    ["an end before the start", [[["end"], "2025-01-01T00:00:00Z"]], ["end fields-order"]],
    ["a reach within the period", [[[...lease, "reach"], "10s"]], ["lease-classes[0].reach fields-order"]],
    ["a period of nothing", [[[...lease, "period"], "0s"]], ["lease-classes[0].period field-range"]],
    [
      "what is shared let exclusively",
      [[[...lease, "control"], "shared"]],
      ["lease-classes[0].exclusive fields-order"],
    ],
    [
      "oversight by a level that the taxonomy lacks",
      [[[...lease, "oversight", "level"], "usr"]],
      ["lease-classes[0].oversight.level field-choice"],
    ],
    [
      "oversight that asks nothing",
      [[[...lease, "oversight", "duty"], "none"]],
      ["lease-classes[0].oversight.duty field-choice"],
    ],
    [
      "a scheme twice",
      [[[...lease, "identifiers", "holder", 1], "call-sign"]],
      ["lease-classes[0].identifiers.holder[1] field-twice"],
    ],
    ["a deadman twice", [[[...lease, "deadmen", 1], "guard"]], ["lease-classes[0].deadmen[1] field-twice"]],
    ["a level twice", [[["levels", 1], everyPolicyKey.levels[0]]], ["levels[1] field-twice"]],
    ["no tier", [[["tiers"], []]], ["tiers field-count"]],
    ["an unknown assurance", [[["time-assurance", 0], "gps"]], ["time-assurance[0] field-choice"]],
    ["a window beyond the record's range", [[["spatial-window"], "1000km"]], ["spatial-window field-range"]],
    ["30 February", [[["date"], "2026-02-30"]], ["date field-range"]],
    [
      "a duty cycle without window",
      [[dutyCycle, { share: "10%" }]],
      ["bands[0].duty-cycle.window field-absent"],
    ],
    ["a share without unit", [[[...dutyCycle, "share"], 10]], ["bands[0].duty-cycle.share unit-missing"]],
    ["a duty cycle of no time", [[[...dutyCycle, "share"], "0%"]], ["bands[0].duty-cycle.share field-range"]],
    [
      "a duty cycle that bounds nothing",
      [[[...dutyCycle, "share"], "100%"]],
      ["bands[0].duty-cycle.share field-range"],
    ],
    ["a window of no time", [[[...dutyCycle, "window"], "0s"]], ["bands[0].duty-cycle.window field-range"]],
    ["a window of days", [[[...dutyCycle, "window"], "2d"]], ["bands[0].duty-cycle.window field-range"]],
    [
      "more duty cycles than an order to a radio holds",
      [[["bands"], Array.from({ length: 17 }, () => everyPolicyKey.bands[0])]],
      ["bands field-count"],
    ],
    ["an instant without zone", [[["start"], "2026-01-01T00:00:00"]], ["start field-form"]],
    ["an hour that no day has", [[["start"], "2026-01-01T25:00:00Z"]], ["start field-range"]],
  ])("a policy with %s is refused", (_what, changes, findings) => {
    expect(found(policyWith(...changes))).toEqual(findings);
  });

  test.each<[string, readonly Change[], readonly string[]]>([
    [
      "a minimum between two steps",
      [[["steps", "frequency-minimum"], "30kHz"]],
      ["steps.frequency-minimum fields-order"],
    ],
    ["a mask that goes back", [[["mask", 1, "offset"], "0Hz"]], ["mask[1].offset fields-order"]],
    ["a mask without bandwidth", [[["mask", 0, "limit"], "-36dBm"]], ["mask[0].limit field-form"]],
    ["a mask in ERP", [[["mask", 0, "limit"], "-36dBm/100kHz ERP"]], ["mask[0].limit field-form"]],
  ])("a commodity with %s is refused", (_what, changes, findings) => {
    expect(found(commodityWith(...changes))).toEqual(findings);
  });

  test("a commodity that is not divided at all loads", () => {
    const changes: readonly Change[] = [
      [["steps", "frequency"], "0Hz"],
      [["steps", "time"], "0s"],
    ];
    expect(found(commodityWith(...changes))).toEqual([]);
  });
});

describe("files", () => {
  const unreadable = (): Uint8Array => {
    throw Object.assign(new Error("no such file"), { code: "ENOENT" });
  };

  test.each<[string, () => Uint8Array, string]>([
    ["that is not there", unreadable, "file-unreadable"],
    ["of other bytes than UTF-8", () => Uint8Array.of(0x61, 0x3a, 0x20, 0xff), "file-not-utf8"],
    ["that is too large", () => new Uint8Array(1_048_577).fill(0x23), "file-too-large"],
  ])("a file %s is refused as a value", (_what, read, code) => {
    expect(loadPolicy(FILE, read)).toMatchObject({
      ok: false,
      errors: [{ file: FILE, line: 1, column: 1, code }],
    });
  });

  test("a folder, and a file that is not there, are refused from the disk too", () => {
    const here = new URL(".", import.meta.url).pathname;
    expect(loadPolicy(here)).toMatchObject({ errors: [{ code: "file-unreadable", found: "EISDIR" }] });
    expect(loadPolicy(`${here}none.yaml`)).toMatchObject({
      errors: [{ code: "file-unreadable", found: "ENOENT" }],
    });
  });

  test("a key that nobody knows is shown shortly and without what a terminal would obey", () => {
    const text = `schema: spectrum-agent.policy/1\n"\\e[31m${"x".repeat(300)}": 1\n`;
    const outcome = loadPolicy(FILE, () => new TextEncoder().encode(text));
    const unknown = outcome.ok ? undefined : outcome.errors.find(({ code }) => code === "field-unknown");
    const shown = `\u{fffd}[31m${"x".repeat(55)}…`;
    expect([unknown?.path, unknown?.found]).toEqual([shown, `\`${shown}\``]);
  });

  test("a finding reads as one line that an editor can follow", () => {
    const outcome = policyWith([["spatial-window"], 50]);
    expect(!outcome.ok && outcome.errors.map(formatProfileError)).toEqual([
      "/somewhere/file.yaml:37:21: spatial-window: unit-missing: found `50`, allowed a length such as 250m, in mm cm m km, 0 mm to 100 km; write the unit, as in `250m`",
    ]);
  });

  test("every code says what it means", () => {
    for (const [code, sentence] of Object.entries(PROFILE_CODES)) {
      expect(code).toMatch(/^[a-z0-9-]+$/);
      expect(sentence).toMatch(/^[A-Z].*[.]$/);
    }
  });
});
