import { describe, expect, test } from "vitest";
import { commodityJsonSchema, policyJsonSchema, scenarioJsonSchema } from "../../src/profile/json-schema.ts";
import { loadCommodity, loadPolicy, loadProfile, loadScenario } from "../../src/profile/load.ts";
import { baseJsonSchema, profileJsonSchema } from "../../src/profile/profile-json-schema.ts";
import {
  dotted,
  everyCommodityKey,
  everyPolicyKey,
  everyProfileKey,
  everyScenarioKey,
  spoiled,
  testDrivers,
  testSources,
  trailsOf,
  valueAt,
  written,
} from "./every-key.ts";
import { misfits, unknownKeywords } from "./json-shape.ts";

const bytesOf = (document: unknown) => () => new TextEncoder().encode(written(document));
const kinds = [
  {
    name: "profile",
    schema: profileJsonSchema(testDrivers),
    whole: everyProfileKey,
    load: (document: unknown) => loadProfile("/f", testDrivers, bytesOf(document)),
  },
  {
    name: "policy",
    schema: policyJsonSchema(),
    whole: everyPolicyKey,
    load: (document: unknown) => loadPolicy("/f", bytesOf(document)),
  },
  {
    name: "commodity",
    schema: commodityJsonSchema(),
    whole: everyCommodityKey,
    load: (document: unknown) => loadCommodity("/f", bytesOf(document)),
  },
  {
    name: "scenario",
    schema: scenarioJsonSchema(testSources),
    whole: everyScenarioKey,
    load: (document: unknown) => loadScenario("/f", testSources, bytesOf(document)),
  },
];

describe.each(kinds)("the JSON Schema of a $name", ({ schema, whole, load }) => {
  test("is draft-07 in words that the test below understands, and plain JSON", () => {
    expect(schema["$schema"]).toBe("http://json-schema.org/draft-07/schema#");
    expect(unknownKeywords(schema)).toEqual([]);
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
  });

  test("takes a document with every key", () => {
    expect(misfits(schema, whole)).toEqual([]);
  });

  test("asks for the same keys as loading does", () => {
    const keys = trailsOf(whole).filter((trail) => typeof trail.at(-1) === "string");
    expect(keys.length).toBeGreaterThan(15);
    for (const trail of keys) {
      const document = spoiled(whole, trail, undefined);
      const loaded = load(document);
      const absent = !loaded.ok && loaded.errors.some(({ code }) => code === "field-absent");
      expect([dotted(trail), misfits(schema, document).length > 0]).toEqual([dotted(trail), absent]);
    }
  });

  test("refuses a bare number wherever loading does", () => {
    const texts = trailsOf(whole).filter((trail) => typeof valueAt(whole, trail) === "string");
    for (const trail of texts) {
      const document = spoiled(whole, trail, 5);
      expect([dotted(trail), misfits(schema, document).length > 0]).toEqual([
        dotted(trail),
        !load(document).ok,
      ]);
    }
  });

  test("refuses an unknown key", () => {
    expect(misfits(schema, { ...whole, zzz: 1 })).toEqual(["$.zzz: unknown"]);
  });
});

describe("the JSON Schema of a profile that extends others", () => {
  const schema = profileJsonSchema(testDrivers);
  const head = { schema: everyProfileKey.schema, extends: "bench-holder" };

  test("asks for no key of the bases', and for those of each entry of a list all the same", () => {
    expect(misfits(schema, head)).toEqual([]);
    expect(misfits(schema, { ...everyProfileKey, extends: ["a.yaml", "bench-holder"] })).toEqual([]);
    expect(misfits(schema, { ...head, mesh: { range: 2 }, tpm: { keys: "k" }, gnss: {} })).toEqual([]);
    expect(misfits(schema, { ...head, accepts: [{ resource: "lab-433" }] })).not.toEqual([]);
  });

  test("takes null for what a base says, but in no list and not for the schema", () => {
    expect(misfits(schema, { ...head, radio: null, mesh: { ca: null }, trust: null })).toEqual([]);
    expect(misfits(schema, { ...head, trust: [null] })).not.toEqual([]);
    expect(misfits(schema, { ...head, schema: null })).not.toEqual([]);
  });

  test("refuses unknown keys, drivers that nobody has, bare numbers and bases that are no text", () => {
    for (const wrong of [
      { zzz: 1 },
      { mesh: { zzz: 1 } },
      { tpm: { driver: "none" } },
      { place: { hold: 5 } },
      { extends: 5 },
      { extends: [] },
    ]) {
      expect([wrong, misfits(schema, { ...head, ...wrong }).length > 0]).toEqual([wrong, true]);
    }
  });

  test("that of a base is the same, whether it extends anything or not", () => {
    const base = baseJsonSchema(testDrivers);
    const { extends: _, ...alone } = head;
    expect(unknownKeywords(base)).toEqual([]);
    expect([misfits(base, alone), misfits(base, head)]).toEqual([[], []]);
    expect(misfits(base, { ...alone, zzz: 1 })).not.toEqual([]);
  });
});
