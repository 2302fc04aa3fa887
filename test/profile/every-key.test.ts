import { describe, expect, test } from "vitest";
import { policy as policyKind } from "../../src/core/record/kinds/policy.ts";
import { schema as schemaKind } from "../../src/core/record/kinds/schema.ts";
import { loadCommodity, loadPolicy, loadProfile } from "../../src/profile/load.ts";
import type { ProfileError } from "../../src/profile/profile-error.ts";
import { wireValue } from "../support/wire-value.ts";
import {
  COUNTS,
  dotted,
  everyCommodityKey,
  everyPolicyKey,
  everyProfileKey,
  placeOf,
  spoiled,
  testDrivers,
  trailsOf,
  valueAt,
  written,
} from "./every-key.ts";

type Outcome = { readonly ok: true } | { readonly ok: false; readonly errors: readonly ProfileError[] };

const FILE = "/somewhere/file.yaml";
const bytesOf = (text: string) => () => new TextEncoder().encode(text);
const kinds = [
  {
    name: "profile",
    whole: everyProfileKey,
    load: (text: string): Outcome => loadProfile(FILE, testDrivers, bytesOf(text)),
  },
  { name: "policy", whole: everyPolicyKey, load: (text: string): Outcome => loadPolicy(FILE, bytesOf(text)) },
  {
    name: "commodity",
    whole: everyCommodityKey,
    load: (text: string): Outcome => loadCommodity(FILE, bytesOf(text)),
  },
];

function errorsOf(outcome: Outcome): readonly ProfileError[] {
  return outcome.ok ? [] : outcome.errors;
}

/** A finding says everything that a person needs. */
function expectTold(error: ProfileError): void {
  expect(error.file).toBe(FILE);
  expect(error.line).toBeGreaterThan(0);
  expect(error.column).toBeGreaterThan(0);
  expect(error.found).not.toBe("");
  expect(error.allowed).not.toBe("");
}

/** Only a value that is of the key's own type, and just wrong, is worth a case of its own: see the other tests. */
const WRONG = "\u00a1wrong!";
const NUMBER = 987_654_321;

for (const { name, whole, load } of kinds) {
  const trails = trailsOf(whole);
  const leaves = trails.filter((trail) => typeof valueAt(whole, trail) !== "object");
  const maps = [[], ...trails].filter((trail) => {
    const value = valueAt(whole, trail);
    return typeof value === "object" && !Array.isArray(value);
  });

  describe(`a ${name} with every key`, () => {
    test("loads", () => {
      expect(errorsOf(load(written(whole)))).toEqual([]);
    });

    test.each(leaves.map((trail) => [dotted(trail), trail] as const))(
      "refuses a map at %s and says where it stands",
      (path, trail) => {
        const text = written(spoiled(whole, trail, { spoiled: NUMBER }));
        const error = errorsOf(load(text)).find((each) => each.path === path);
        expect(error).toBeDefined();
        if (error === undefined) return;
        expectTold(error);
        expect(error.found).toBe("a map");
        const key = placeOf(text, '"spoiled"');
        expect(error.line).toBe(key.line - 1);
      },
    );

    const texts = leaves.filter((trail) => typeof valueAt(whole, trail) === "string");
    test.each(texts.map((trail) => [dotted(trail), trail] as const))(
      "refuses a bare number at %s, with its line and column",
      (path, trail) => {
        const text = written(spoiled(whole, trail, NUMBER));
        const error = errorsOf(load(text)).find((each) => each.path === path);
        expect(error).toMatchObject({ ...placeOf(text, String(NUMBER)), found: `\`${NUMBER}\`` });
        if (error !== undefined) expectTold(error);
        const hasUnit = /^[+-]?[0-9.]+ ?[^0-9. -]/.test(String(valueAt(whole, trail)));
        if (hasUnit) expect(error?.code).toBe("unit-missing");
      },
    );

    const others = leaves.filter((trail) => typeof valueAt(whole, trail) !== "string");
    test.each(others.map((trail) => [dotted(trail), trail] as const))(
      "refuses a text at %s, with its line and column",
      (path, trail) => {
        const text = written(spoiled(whole, trail, WRONG));
        const error = errorsOf(load(text)).find((each) => each.path === path);
        expect(error).toMatchObject({ ...placeOf(text, `"${WRONG}"`), found: `\`${WRONG}\`` });
        if (error !== undefined) expectTold(error);
      },
    );

    const counts = others.filter((trail) => typeof valueAt(whole, trail) === "number");
    test.each(
      counts
        .filter((trail) => !COUNTS.some((each) => each.test(dotted(trail))))
        .map((trail) => [dotted(trail), trail] as const),
    )("refuses a count beyond the range of %s", (path, trail) => {
      const text = written(spoiled(whole, trail, NUMBER));
      expect(errorsOf(load(text))).toContainEqual(
        expect.objectContaining({ path, code: "field-range", ...placeOf(text, String(NUMBER)) }),
      );
    });

    test.each(maps.map((trail) => [dotted(trail) || "the top", trail] as const))(
      "refuses an unknown key in %s and says which are known",
      (_path, trail) => {
        const text = written(spoiled(whole, [...trail, "zzunknown"], 1));
        const error = errorsOf(load(text)).find((each) => each.path === dotted([...trail, "zzunknown"]));
        expect(error).toMatchObject({
          code: "field-unknown",
          ...placeOf(text, '"zzunknown"'),
          found: "`zzunknown`",
        });
        for (const key of Object.keys(valueAt(whole, trail) as object)) {
          expect(error?.allowed.split(" | ")).toContain(key);
        }
      },
    );

    const keys = trails.filter((trail) => typeof trail.at(-1) === "string");
    test.each(keys.map((trail) => [dotted(trail), trail] as const))(
      "with %s taken away either loads or says what is missing, in its map",
      (path, trail) => {
        const parent = dotted(trail.slice(0, -1));
        for (const error of errorsOf(load(written(spoiled(whole, trail, undefined))))) {
          expectTold(error);
          expect(["field-absent", "fields-conflict"]).toContain(error.code);
          if (error.code === "field-absent") expect(error.path).toBe(path);
          else expect(error.path.startsWith(parent)).toBe(true);
        }
      },
    );
  });
}

describe("what resolved documents hold", () => {
  test("a policy is a body that the record kind writes and reads back", () => {
    const loaded = loadPolicy(FILE, bytesOf(written(everyPolicyKey)));
    expect(loaded.ok && policyKind.body.read(wireValue(policyKind.body, loaded.policy.body), "", [])).toEqual(
      loaded.ok && loaded.policy.body,
    );
  });

  test("a commodity is a body that the record kind writes and reads back", () => {
    const loaded = loadCommodity(FILE, bytesOf(written(everyCommodityKey)));
    expect(
      loaded.ok && schemaKind.body.read(wireValue(schemaKind.body, loaded.commodity.body), "", []),
    ).toEqual(loaded.ok && loaded.commodity.body);
    expect(loaded.ok && loaded.commodity.body.mask[1]).toEqual({
      offsetHz: 100_000,
      centiDbm: -3600,
      referenceHz: 100_000,
    });
  });

  test("a profile has its units resolved and its paths absolute", () => {
    const loaded = loadProfile(FILE, testDrivers, bytesOf(written(everyProfileKey)));
    expect(loaded.ok && { ...loaded.profile, offers: [] }).toEqual({
      name: "agent",
      owner: "Somebody & Sons",
      statePath: "/somewhere/state",
      controlPath: "/somewhere/run/control.sock",
      logLevel: "debug",
      production: true,
      identifiers: [{ scheme: "fcc-id", value: "ABC-123" }],
      mesh: {
        driver: "mqtt",
        url: "mqtts://broker:8883",
        caPath: "/somewhere/ca.pem",
        certPath: "/somewhere/cert.pem",
        keyPath: "/somewhere/key.pem",
        isEnrolled: false,
        rangeRings: 2,
      },
      tpm: { driver: "chip", options: { keys: "/somewhere/keys" } },
      gnss: {
        driver: "receiver",
        options: {
          source: "live",
          port: 2947,
          seed: 7,
          loud: true,
          silence: 10_000_000,
          height: 35_000,
          latitude: 525_000_000,
        },
      },
      radio: {
        driver: "transmitter",
        options: { lowest: 433_050_000, "power-max": 1000 },
        offset: { northMm: -1000, eastMm: 200, upMm: 3000 },
      },
      trustPaths: ["/somewhere/root.record"],
      documentPaths: ["/somewhere/documents"],
      policy: "bench-cabled",
      time: {
        kPermille: 2000,
        unestimatedErrorUs: 1000,
        transportUs: 250_000,
        ppsTransportUs: 2000,
        driftPpm: 3,
        checkAgainstWall: false,
        wallToleranceUs: 120_000_000,
      },
      place: {
        speedMmPerS: 13_889,
        climbMmPerS: 1000,
        unestimatedErrorMm: 30_000,
        holdUs: 30_000_000,
        transportUs: 250_000,
      },
      offers: [],
      accepts: [
        {
          resource: "lab-433",
          commodity: "spectrum-block",
          band: { lowerHz: 433_050_000, upperHz: 433_300_000 },
          widthHz: 25_000,
          durationUs: 60_000_000,
          eirpCentiDbm: 1000,
          priceMax: { form: "fixed", microUnits: 1_000_000n, currency: "EUR" },
          insist: true,
        },
      ],
    });
  });

  test("offers have their bands, times, areas and prices resolved", () => {
    const loaded = loadProfile(FILE, testDrivers, bytesOf(written(everyProfileKey)));
    const [fixed, rolling] = loaded.ok ? loaded.profile.offers : [];
    expect(fixed).toMatchObject({
      lowerHz: 433_050_000,
      upperHz: 433_300_000,
      when: { kind: "fixed", fromUs: 1_767_225_600_000_000, untilUs: 1_767_229_200_000_000 },
      limits: [{ centiDbm: 1200, referenceHz: 0, measure: "eirp", detector: "rms" }],
      price: { form: "fixed", microUnits: 12_500_000n, currency: "EUR" },
      eligibility: { level: "user", verb: "acquire", eligibilityClass: "bench" },
      rules: ["content-match", "handshake"],
      endAfterUs: 10_000_000,
      refreshUs: 2_000_000,
    });
    expect(fixed?.area).toHaveLength(24);
    expect(rolling).toMatchObject({
      lowerHz: 433_907_500,
      upperHz: 433_932_500,
      when: { kind: "from-issue", durationUs: 600_000_000 },
      area: [
        { latE7: 525_163_000, lonE7: 133_777_000 },
        { latE7: 526_000_000, lonE7: 134_000_000 },
        { latE7: 525_000_000, lonE7: 135_000_000 },
      ],
    });
  });
});
