/** Common policies that are composed of files: whose keys are whose, and what files cannot mean together (PROTOCOL §4). */
import { describe, expect, test } from "vitest";
import type { Policy } from "../../src/core/record/kinds/policy.ts";
import { policyJsonSchema, policyProfileJsonSchema } from "../../src/profile/json-schema.ts";
import { loadPolicy } from "../../src/profile/load.ts";
import { fileSet } from "../support/file-set.ts";
import { everyPolicyKey, spoiled, type Trail, written } from "./every-key.ts";
import { misfits, unknownKeywords } from "./json-shape.ts";

const TOP = "/p/policy.yaml";
const { profiles: _, ...whole } = everyPolicyKey as Readonly<Record<string, unknown>>;
const LAND = ["start", "end", "levels", "tiers"];
const WORKS = ["clock-bound", "time-assurance"];

type Document = Readonly<Record<string, unknown>>;

function only(keys: readonly string[]): Document {
  return Object.fromEntries(keys.map((key) => [key, whole[key]]));
}

function part(role: string, name: string, keys: readonly string[]): Document {
  const schema = "spectrum-agent.policy-profile/1";
  const { about, sources, date } = whole;
  return { schema, role, name, about, sources, date, "verify-before-use": true, ...only(keys) };
}

const top: Document = {
  ...Object.fromEntries(Object.entries(whole).filter(([key]) => ![...LAND, ...WORKS].includes(key))),
  "verify-before-use": true,
  "composed-of": ["land.yaml", "/q/works.yaml"],
};
const land = part("jurisdiction", "land", LAND);
const works = part("safety", "works", WORKS);

type Files = { readonly top?: Document; readonly land?: Document; readonly works?: Document };

function load(files: Files = {}): ReturnType<typeof loadPolicy> {
  const set = {
    [TOP]: written(files.top ?? top),
    "/p/land.yaml": written(files.land ?? land),
    "/q/works.yaml": written(files.works ?? works),
  };
  return loadPolicy(TOP, fileSet(set));
}

function bodyOf(files?: Files): Policy {
  const loaded = load(files);
  if (!loaded.ok) throw new Error(loaded.errors.map(({ code, path }) => `${path} ${code}`).join("; "));
  return loaded.policy.body;
}

function found(files: Files): readonly string[] {
  const loaded = load(files);
  return loaded.ok ? [] : loaded.errors.map(({ file, path, code }) => `${file} ${path} ${code}`);
}

describe("a policy of two files beside its own", () => {
  test("is what one file with all keys would be, and says whose each key is", () => {
    const { profiles, ...body } = bodyOf();
    const alone = loadPolicy(TOP, fileSet({ [TOP]: written(whole) }));
    expect(alone.ok ? { ...alone.policy.body, profiles: [] } : alone).toEqual({ ...body, profiles: [] });
    expect(profiles).toEqual([
      { role: "jurisdiction", name: "land", fields: ["startUs", "endUs", "levels", "tiers"] },
      { role: "safety", name: "works", fields: ["clockBoundUs", "timeAssurance"] },
    ]);
  });

  test("changes with any of them", () => {
    const other = bodyOf({ works: spoiled(works, ["clock-bound"], "2s") as Document });
    expect(other).toEqual({ ...bodyOf(), clockBoundUs: 2_000_000 });
  });

  test("has a JSON Schema that asks for what no profile may set, and each profile one of its own", () => {
    expect(unknownKeywords(policyJsonSchema())).toEqual([]);
    expect(unknownKeywords(policyProfileJsonSchema())).toEqual([]);
    expect(misfits(policyJsonSchema(), top)).toEqual([]);
    expect([land, works].map((each) => misfits(policyProfileJsonSchema(), each))).toEqual([[], []]);
    expect(misfits(policyJsonSchema(), spoiled(top, ["name"], undefined))).not.toEqual([]);
    expect(misfits(policyJsonSchema(), { ...top, "composed-of": [] })).not.toEqual([]);
  });
});

describe("files that do not go together", () => {
  test.each<[string, Files, readonly string[]]>([
    [
      "a key in a profile and in the policy",
      { top: { ...top, tiers: ["tpm"] } },
      ["/p/land.yaml tiers field-twice"],
    ],
    [
      "a key in two profiles",
      { works: { ...works, tiers: whole["tiers"] } },
      ["/q/works.yaml tiers field-twice"],
    ],
    [
      "roles in another order",
      { top: { ...top, "composed-of": ["/q/works.yaml", "land.yaml"] } },
      [`${TOP} composed-of[1] fields-order`],
    ],
    ["a list of its own beside them", { top: { ...top, profiles: [] } }, [`${TOP} profiles fields-conflict`]],
    [
      "a policy that is checked and a profile that is not",
      { top: { ...top, "verify-before-use": false } },
      [`${TOP} verify-before-use fields-conflict`, `${TOP} verify-before-use fields-conflict`],
    ],
    [
      "a profile that sets nothing",
      { works: part("safety", "works", []) },
      [`${TOP} composed-of[1] field-count`],
    ],
    ["a policy for a profile", { works: whole }, ["/q/works.yaml schema field-choice"]],
    ["an unknown key", { works: { ...works, zzz: 1 } }, ["/q/works.yaml zzz field-unknown"]],
    ["a wrong value", { works: { ...works, "clock-bound": 5 } }, ["/q/works.yaml clock-bound unit-missing"]],
    [
      "an end before the start, each in its file",
      { land: spoiled(land, ["end"], "2025-01-01T00:00:00Z") as Document },
      ["/p/land.yaml end fields-order"],
    ],
  ])("%s", (_what, files, told) => {
    expect(found(files)).toEqual(told);
  });

  test.each<[string, unknown, string]>([
    ["no list", "land.yaml", "composed-of field-type"],
    ["an empty list", [], "composed-of field-count"],
    [
      "more than any policy has",
      Array.from({ length: 33 }, (_, i) => `${i}.yaml`),
      "composed-of field-count",
    ],
    ["a name that is no path", ["land"], "composed-of[0] field-form"],
    ["a number", [5], "composed-of[0] field-form"],
    ["a file that is not there", ["nowhere.yaml"], "composed-of[0] file-unreadable"],
  ])("%s", (_what, named, told) => {
    expect(found({ top: { ...top, "composed-of": named } })).toEqual([`${TOP} ${told}`]);
  });

  test("a key that nobody sets is missed in the policy itself", () => {
    const trail: Trail = ["tiers"];
    expect(found({ land: spoiled(land, trail, undefined) as Document })).toEqual([
      `${TOP} tiers field-absent`,
    ]);
  });
});
