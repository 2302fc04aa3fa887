import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gnssDrivers } from "../../hardware/gnss/registry.ts";
import { radioDrivers } from "../../hardware/radio/registry.ts";
import { tpmDrivers } from "../../hardware/tpm/registry.ts";
import { policy as policyKind } from "../../src/core/record/kinds/policy.ts";
import { type Schema, schema as schemaKind } from "../../src/core/record/kinds/schema.ts";
import type { AgentProfile } from "../../src/profile/agent-profile.ts";
import type { Drivers } from "../../src/profile/driver-registry.ts";
import {
  commodityJsonSchema,
  policyJsonSchema,
  policyProfileJsonSchema,
  scenarioJsonSchema,
} from "../../src/profile/json-schema.ts";
import { lintFile } from "../../src/profile/lint.ts";
import { loadCommodity, loadPolicy, loadProfile, loadScenario } from "../../src/profile/load.ts";
import type { PolicyDocument } from "../../src/profile/policy-schema.ts";
import { formatProfileError, type ProfileError } from "../../src/profile/profile-error.ts";
import { profileHash } from "../../src/profile/profile-hash.ts";
import { profileJsonSchema } from "../../src/profile/profile-json-schema.ts";
import type { Scenario } from "../../src/profile/scenario.ts";
import { scenarioSources } from "../../src/profile/scenario-sources.ts";
import { FAULT_NAMES } from "../../src/profile/scenario-words.ts";
import { parseYaml } from "../../src/profile/yaml-document.ts";
import { wireValue } from "../support/wire-value.ts";
import { misfits } from "./json-shape.ts";

const ROOT = new URL("../../profiles/", import.meta.url).pathname;
const drivers: Drivers = { tpm: tpmDrivers, gnss: gnssDrivers, radio: radioDrivers };
const filesOf = (folder: string): readonly string[] =>
  readdirSync(`${ROOT}${folder}`)
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => `${ROOT}${folder}/${name}`);
const devices = filesOf("devices");
const policies = filesOf("policies");
const policyProfiles = filesOf("policies/parts");
const commodities = filesOf("commodities");
const scenarios = filesOf("scenarios");
const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash("sha256").update(bytes).digest());

function stop(errors: readonly ProfileError[]): never {
  throw new Error(errors.map(formatProfileError).join("\n"));
}

function profileOf(file: string): AgentProfile {
  const loaded = loadProfile(file, drivers);
  return loaded.ok ? loaded.profile : stop(loaded.errors);
}

function policyOf(name: string): PolicyDocument {
  const loaded = loadPolicy(`${ROOT}policies/${name}.yaml`);
  return loaded.ok ? loaded.policy : stop(loaded.errors);
}

function contentOf(file: string): unknown {
  const parsed = parseYaml(file, readFileSync(file, "utf8"));
  return parsed.ok ? parsed.document.value : stop(parsed.errors);
}

describe("shipped device profiles", () => {
  test("are the four to start from", () => {
    expect(devices.map((file) => profileOf(file).name).sort()).toEqual([
      "bench-holder",
      "bench-radio",
      "real-holder",
      "real-radio",
    ]);
  });

  test.each(devices)("%s has the shape of the JSON Schema", (file) => {
    expect(misfits(profileJsonSchema(drivers), contentOf(file))).toEqual([]);
  });

  test.each(devices)("%s names a policy, lease classes, levels and a commodity that are shipped", (file) => {
    const profile = profileOf(file);
    const { body } = policyOf(profile.policy);
    for (const offer of profile.offers) {
      expect(body.leaseClasses.map(({ name }) => name)).toContain(offer.leaseClass);
      expect(body.levels.map(({ name }) => name)).toContain(offer.eligibility.level);
      expect(offer.commodity).toBe("spectrum-block");
      // What both clocks' bounds leave of the window has to hold a refresh and an answer.
      const leftUs = body.temporalWindowUs - 2 * profile.time.transportUs;
      expect(offer.refreshUs).toBeLessThanOrEqual(leftUs / 2);
    }
  });

  test("what the radios wish for is what the holders offer, and lies in the bands of bench-ism", () => {
    const profiles = devices.map(profileOf);
    const offers = profiles.flatMap(({ offers: each }) => each);
    const wishes = profiles.flatMap(({ accepts }) => accepts);
    expect(wishes).toHaveLength(2);
    for (const wish of wishes) {
      const offer = offers.find(({ resource }) => resource === wish.resource);
      expect(offer?.commodity).toBe(wish.commodity);
      expect(wish.durationUs).toBeLessThanOrEqual(
        offer?.when.kind === "from-issue" ? offer.when.durationUs : 0,
      );
      expect(wish.eirpCentiDbm).toBeLessThanOrEqual(offer?.limits[0]?.centiDbm ?? 0);
    }
    const [band] = policyOf("bench-ism").bands;
    for (const offer of offers) {
      expect(offer.lowerHz).toBeGreaterThanOrEqual(band?.lowerHz ?? 0);
      expect(offer.upperHz).toBeLessThanOrEqual(band?.upperHz ?? 0);
    }
  });

  test("only real-holder is for production, for want of a real transmitter's driver", () => {
    expect(
      devices
        .map(profileOf)
        .filter(({ production }) => production)
        .map(({ name }) => name),
    ).toEqual(["real-holder"]);
  });
});

describe("shipped policies", () => {
  test.each(policies)(
    "%s is a policy record's body, says its sources, and is to be verified before use",
    (file) => {
      const document = policyOf(file.replace(/^.*[/]|[.]yaml$/g, ""));
      const read = policyKind.body.read(wireValue(policyKind.body, document.body), "", []);
      expect(read).toEqual(document.body);
      expect(document.sources.length).toBeGreaterThan(0);
      expect(document.verifyBeforeUse).toBe(true);
      expect(misfits(policyJsonSchema(), contentOf(file))).toEqual([]);
    },
  );

  test.each(policyProfiles)("%s is a profile of a policy that ships", (file) => {
    expect(misfits(policyProfileJsonSchema(), contentOf(file))).toEqual([]);
    expect(lintFile(file, drivers)).toMatchObject({ kind: "policy-profile", errors: [] });
    const name = (contentOf(file) as { readonly name: string }).name;
    const named = policies.map((each) => policyOf(each.replace(/^.*[/]|[.]yaml$/g, "")).body.profiles);
    expect(named.flat().map((each) => each.name)).toContain(name);
  });

  test.each(["bench-cabled", "bench-ism"])("%s admits simulated and replayed devices", (name) => {
    const { body } = policyOf(name);
    for (const apart of ["simulated", "replay"]) {
      expect(body.timeAssurance).toContain(apart);
      expect(body.placeAssurance).toContain(apart);
    }
    expect(body.tiers).toEqual(expect.arrayContaining(["simulated", "software", "tpm"]));
    expect(body.spatialWindowMm).toBe(50_000);
  });

  test("bench-cabled declares 60 dB and has a class for the bench, a fast one for the demo, and one that waits for a word", () => {
    const { about, body } = policyOf("bench-cabled");
    expect(about).toContain("at least 60 dB");
    expect(body.temporalWindowUs).toBe(5_000_000);
    expect(body.leaseClasses).toMatchObject([
      { name: "bench", periodUs: 10_000_000, reachUs: 30_000_000 },
      {
        name: "bench-demo",
        periodUs: 1_000_000,
        reachUs: 3_000_000,
        verifyWithinUs: 1_000_000,
        holdoverUs: 5_000_000,
        muteLatencyMaxUs: 1_000_000,
        deadmen: ["device", "guard", "none"],
        oversight: null,
      },
      { name: "bench-acknowledged", oversight: { level: "regulator", duty: "acknowledged" } },
    ]);
  });

  test("bench-ism has the bands and powers of the recommendation, and lets nothing exclusively, its duty cycles a term of each lease", () => {
    const { bands, body } = policyOf("bench-ism");
    expect(bands).toEqual([
      {
        lowerHz: 433_050_000,
        upperHz: 434_790_000,
        limits: [{ centiDbm: 1000, referenceHz: 0, measure: "erp", detector: "rms" }],
        dutyCycle: body.dutyCycles[0],
      },
      {
        lowerHz: 868_000_000,
        upperHz: 868_600_000,
        limits: [{ centiDbm: 1397, referenceHz: 0, measure: "erp", detector: "rms" }],
        dutyCycle: body.dutyCycles[1],
      },
    ]);
    expect(body.temporalWindowUs).toBe(2_000_000);
    expect(body.dutyCycles).toEqual([
      { lowerHz: 433_050_000, upperHz: 434_790_000, shareCentiPercent: 1_000, windowUs: 3_600_000_000 },
      { lowerHz: 868_000_000, upperHz: 868_600_000, shareCentiPercent: 100, windowUs: 3_600_000_000 },
    ]);
    expect(body.leaseClasses).toMatchObject([{ name: "bench", control: "shared", exclusive: "never" }]);
    expect(policyOf("bench-ism").verifyBeforeUse).toBe(true);
    expect(policyOf("bench-ism").about).toMatch(
      /duty-cycle-not-kept[^.]*\. The declaration is taken at its word/,
    );
  });

  test("pmse-event holds channels of 200 kHz in 470-694 MHz for as long as the coordinator's host may be away", () => {
    const { bands, body } = policyOf("pmse-event");
    const limits = [{ centiDbm: 1698, referenceHz: 0, measure: "erp", detector: "rms" }];
    expect(bands).toEqual([{ lowerHz: 470_000_000, upperHz: 694_000_000, limits }]);
    expect(body.leaseClasses).toMatchObject([{ name: "event", periodUs: 60_000_000, reachUs: 600_000_000 }]);
    for (const apart of ["simulated", "replay"]) expect(body.timeAssurance).not.toContain(apart);
    const loaded = loadCommodity(`${ROOT}commodities/pmse-channel.yaml`);
    if (!loaded.ok) return stop(loaded.errors);
    expect(loaded.commodity.body.steps.frequencyMinimumHz).toBe(200_000);
  });

  const commodityOf = (name: string): Schema => {
    const loaded = loadCommodity(`${ROOT}commodities/${name}.yaml`);
    return loaded.ok ? loaded.commodity.body : stop(loaded.errors);
  };

  test("campus-3700 arms nothing before an acknowledgement, within the licence, on blocks of 10 MHz with a TDD guard", () => {
    const { bands, body } = policyOf("campus-3700");
    expect(bands).toMatchObject([{ lowerHz: 3_700_000_000, upperHz: 3_800_000_000 }]);
    const oversight = { level: "regulator", duty: "acknowledged" };
    const rhythm = { periodUs: 60_000_000, reachUs: 900_000_000 };
    const rules = { control: "licensee", oversight, endsWithLicence: "term", exclusive: "allowed" };
    expect(body.leaseClasses).toMatchObject([{ name: "campus", ...rules, ...rhythm }]);
    for (const apart of ["simulated", "replay"]) expect(body.timeAssurance).not.toContain(apart);
    const block = commodityOf("campus-block");
    expect(block.tdd?.guardHz).toBe(10_000_000);
    expect(block.borderLimit).toEqual({
      centiDbuvPerM: 3_200,
      referenceHz: 5_000_000,
      heightMm: 3_000,
    });
    expect(block.steps).toMatchObject({ frequencyStepHz: 10_000_000, frequencyMinimumHz: 10_000_000 });
  });

  test("cbrs-pal-sublease has the ceiling, both categories' powers, 60 s and 240 s, and an SAS above each lease", () => {
    const { bands, body, about } = policyOf("cbrs-pal-sublease");
    const [a, b] = [
      [3_000, 2_000],
      [4_700, 3_700],
    ].map((powers) => powers.map((centiDbm, i) => ({ centiDbm, referenceHz: [10_000_000, 1_000_000][i] })));
    expect(bands).toMatchObject([
      { lowerHz: 3_550_000_000, upperHz: 3_650_000_000, category: "a", limits: a },
      { lowerHz: 3_550_000_000, upperHz: 3_650_000_000, category: "b", limits: b },
    ]);
    expect(body.ceilings).toEqual([
      { commodityClass: "cbrs-pal", leaseClass: null, area: null, holdingsMaxHz: 40_000_000 },
    ]);
    for (const each of body.leaseClasses)
      expect(each).toMatchObject({ periodUs: 60_000_000, reachUs: 240_000_000 });
    const rules = body.leaseClasses.map(({ name, control, exclusive, oversight, endsWithLicence }) => [
      name,
      control,
      exclusive,
      `${oversight?.level} ${oversight?.duty}`,
      endsWithLicence,
    ]);
    expect(rules).toEqual([
      ["spectrum-manager", "licensee", "allowed", "sas notified", "term"],
      ["de-facto-transfer", "lessee", "allowed", "regulator acknowledged", "term"],
      ["pal-sublease", "lessee", "allowed", "sas acknowledged", "term"],
      ["shared-use", "shared", "never", "sas acknowledged", "lease"],
    ]);
    expect(about).toMatch(/What it cannot check: that the SAS is approved/);
    for (const name of ["pal-channel", "gaa-channel"]) {
      const mask = commodityOf(name).mask.map(({ offsetHz, centiDbm }) => [offsetHz, centiDbm]);
      expect(mask).toEqual([
        [0, -1_300],
        [10_000_000, -2_500],
      ]);
    }
  });

  test("production-example refuses simulated and replayed devices, self-dealing, and radios without a deadman", () => {
    const { body } = policyOf("production-example");
    for (const refused of ["simulated", "replay", "asserted", "none"]) {
      expect(body.timeAssurance).not.toContain(refused);
      expect(body.placeAssurance).not.toContain(refused);
    }
    expect(body.tiers).toEqual(["tpm", "tpm-ek-verified"]);
    expect(body.selfDealing).toBe("refuse");
    for (const { deadmen } of body.leaseClasses) expect(deadmen).not.toContain("none");
  });
});

test.each(commodities)("%s is a schema record's body, on a raster of 25 kHz or of 10 MHz", (file) => {
  const loaded = loadCommodity(file);
  if (!loaded.ok) return stop(loaded.errors);
  const { body } = loaded.commodity;
  expect(schemaKind.body.read(wireValue(schemaKind.body, body), "", [])).toEqual(body);
  expect([25_000, 10_000_000]).toContain(body.steps.frequencyStepHz);
  expect(misfits(commodityJsonSchema(), contentOf(file))).toEqual([]);
});

describe("shipped scenarios", () => {
  const scenarioOf = (file: string): Scenario => {
    const loaded = loadScenario(file, scenarioSources(file, drivers));
    return loaded.ok ? loaded.scenario : stop(loaded.errors);
  };

  test.each(scenarios)("%s loads, bears its file's name, and has the shape of the JSON Schema", (file) => {
    expect(scenarioOf(file).name).toBe(file.replace(/^.*[/]|[.]yaml$/g, ""));
    expect(misfits(scenarioJsonSchema(scenarioSources(file, drivers)), contentOf(file))).toEqual([]);
  });

  test.each(scenarios)("%s needs no hardware, begins well, and has its records audited", (file) => {
    const { agents, expectations, durationUs } = scenarioOf(file);
    expect(agents.flatMap(({ real }) => real)).toEqual([]);
    // A story without its cause has to fail at something else than its beginning.
    expect(expectations.length).toBeGreaterThanOrEqual(4);
    const audits = expectations.filter(({ condition }) => condition.kind === "audit");
    expect(audits).toMatchObject([{ kind: "expect", atUs: durationUs }]);
  });

  test("may be written with every fault that the guide to them names, and with no other", () => {
    const guide = readFileSync(`${ROOT}README.md`, "utf8");
    const named = [...guide.matchAll(/^[|] `([a-z-]+)` [|]/gm)].map(([, name]) => name);
    expect(named.sort()).toEqual([...FAULT_NAMES].sort());
  });
});

describe("the hash of a profile", () => {
  const file = `${ROOT}devices/bench-holder.yaml`;
  const text = readFileSync(file, "utf8");
  const hashOf = (written: string): string => {
    const loaded = loadProfile(file, drivers, () => new TextEncoder().encode(written));
    return loaded.ok ? profileHash(loaded.profile, sha256) : stop(loaded.errors);
  };

  test("is the same for the same content, however it is written", () => {
    const [head = "", ...rest] = text.split(/^(?=mesh:|tpm:|gnss:|trust:|offers:)/m);
    const turned = [...rest.reverse(), head].join("\n# a comment\n");
    expect(hashOf(turned)).toBe(hashOf(text));
    expect(hashOf(text.replace("433.05MHz", "433050 kHz").replace("0 EUR", "0.000 EUR"))).toBe(hashOf(text));
    expect(hashOf(text)).toMatch(/^[0-9a-f]{64}$/);
  });

  test("is another for other content, in the money too", () => {
    expect(hashOf(text.replace("0 EUR", "0.000001 EUR"))).not.toBe(hashOf(text));
    expect(hashOf(text.replace("433.05MHz", "433.075MHz"))).not.toBe(hashOf(text));
  });
});

test("no damage to a shipped file makes loading throw, and every finding has its place", () => {
  const all = [...devices, ...policies, ...commodities, ...scenarios];
  const sources = scenarioSources(scenarios[0] ?? "", drivers);
  const texts = new Map(all.map((file) => [file, readFileSync(file, "utf8")] as const));
  const junk = fc.constantFrom(
    "",
    ":",
    "- ",
    "\n",
    "  ",
    "5",
    "null",
    "{",
    "]",
    "'",
    "&a ",
    "*a",
    "\u0000",
    "~",
    "1e400",
    "!!int ",
  );
  fc.assert(
    fc.property(fc.constantFrom(...all), fc.nat(), fc.nat(40), junk, (file, at, length, patch) => {
      const text = texts.get(file) ?? "";
      const start = at % text.length;
      const bytes = new TextEncoder().encode(text.slice(0, start) + patch + text.slice(start + length));
      const read = (): Uint8Array => bytes;
      const outcomes = [
        loadProfile(file, drivers, read),
        loadPolicy(file, read),
        loadCommodity(file, read),
        loadScenario(file, sources, read),
      ];
      for (const outcome of outcomes) {
        for (const { line, column, found, allowed } of outcome.ok ? [] : outcome.errors) {
          expect(line >= 1 && column >= 1 && found !== "" && allowed !== "").toBe(true);
        }
      }
    }),
    { numRuns: 80 },
  );
});

test("whatever JSON a file holds, loading gives a value", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      const read = (): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
      expect(loadPolicy("f.yaml", read).ok).toBe(false);
      const schema = {
        schema: "spectrum-agent.profile/1",
        mesh: value,
        offers: [value],
        gnss: value,
        time: value,
      };
      const wide = (): Uint8Array => new TextEncoder().encode(JSON.stringify(schema));
      expect(loadProfile("f.yaml", drivers, wide).ok).toBe(false);
    }),
    { numRuns: 50 },
  );
});
