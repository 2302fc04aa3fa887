import { describe, expect, test } from "vitest";
import { unitOfName } from "../../../src/core/base/codes/unit-of-name.ts";
import { allCodes, explainCode } from "../../../src/core/base/codes.ts";
import { type CodeSite, codesInSources, codesInText, says, sourcePaths } from "./codes-in-sources.ts";

const ROOT = ".";
const sites = codesInSources(ROOT);

describe("the registry of ids", () => {
  test("is held against more than two hundred sources, and finds ids in all sorts of them", () => {
    expect(sourcePaths(ROOT).length).toBeGreaterThan(200);
    for (const folder of ["src/core/", "src/adapters/", "src/agent/", "src/profile/", "hardware/"]) {
      expect(sites.some(({ at }) => at.startsWith(folder))).toBe(true);
    }
  });

  test("knows every id that the sources say", () => {
    const unknown = sites.filter((site) => !allCodes.some(({ id }) => says(site, id)));
    expect(unknown.map(({ id, at }) => `${id} at ${at}`)).toEqual([]);
  });

  test("holds no id that the sources do not say", () => {
    const dead = allCodes.filter(({ id }) => !sites.some((site) => says(site, id)));
    expect(dead.map(({ id }) => id)).toEqual([]);
  });

  test("names everything that the sources measure and require under an id", () => {
    expect(
      sites.filter(({ measured, required }) => measured.length + required.length > 0).length,
    ).toBeGreaterThan(100);
    expect(sites.flatMap(unnamed)).toEqual([]);
  });

  test("holds no id twice", () => {
    const ids = allCodes.map(({ id }) => id);
    expect(ids.filter((id, i) => ids.indexOf(id) < i)).toEqual([]);
  });

  test("answers null for an id of nobody, and for names of every object", () => {
    expect(explainCode("no-such-id")).toBeNull();
    expect(explainCode("constructor")).toBeNull();
    expect(explainCode("")).toBeNull();
  });
});

describe("the search for ids in sources", () => {
  test("finds them as arguments, through constants, choices, fallbacks and defaults", () => {
    const text = `
      const HELD = "by-constant";
      function say(code: string, field = "") {}
      class Trouble { constructor(port: string, code: string) {} }
      say("plain"); say(flag ? "one-arm" : "other-arm"); say(given ?? "fall-back"); say(HELD);
      new Trouble("a-port", "in-constructor");
      const answer = { code: "as-property" };
      async function guarded(what: () => void, code = "by-default") {}
      function count(number: number, code: number) {} count(1, 2);
    `;
    expect(idsOf(codesInText("src/a.ts", text))).toEqual([
      "as-property",
      "by-constant",
      "by-default",
      "fall-back",
      "in-constructor",
      "one-arm",
      "other-arm",
      "plain",
    ]);
  });

  test("finds them in parts, and takes any word for what only the running program knows", () => {
    const [site] = codesInText("src/a.ts", `function f(code: string) {} f(\`\${name}-untrusted\`);`);
    expect(site?.id).toBe("*-untrusted");
    expect(site !== undefined && says(site, "policy-untrusted")).toBe(true);
    expect(site !== undefined && says(site, "policy-unknown")).toBe(false);
  });

  test("finds them as words of a closed union, and as keys of the table that makes one", () => {
    const text = `
      export type GuardCode = "first-word" | "second-word";
      const table = { "a-key": 1, word: 2 } as const;
      export type TableCode = keyof typeof table;
      type Answer = { readonly code: "in-type" };
    `;
    expect(idsOf(codesInText("src/a.ts", text))).toEqual([
      "a-key",
      "first-word",
      "in-type",
      "second-word",
      "word",
    ]);
  });

  test("passes over codes of others: numbers, errno words, zod's issues", () => {
    const text = `
      const a = { code: 7 }; const b = { code: "ENOENT" };
      context.addIssue({ code: "custom", message: "" });
    `;
    expect(codesInText("src/a.ts", text)).toEqual([]);
  });

  test("reads the names under measured and required, written out or held by a constant nearby", () => {
    const text = `
      function rejection(code: string, field: string, measured: object, required: object) {}
      function f(bytes: number) {
        const required = { bytesMax: 3, ...more };
        return rejection("too-long", "", { bytes, [name]: 1 }, required);
      }
    `;
    expect(codesInText("src/a.ts", text)).toEqual([
      { id: "too-long", at: "src/a.ts:5", measured: ["bytes"], required: ["bytesMax"] },
    ]);
  });
});

describe("units of names", () => {
  test.each([
    ["skewUs", "µs"],
    ["confirmMaxUs", "µs"],
    ["deadlineBootUsMax", "µs of the boot clock"],
    ["bootUs", "µs of the boot clock"],
    ["lowerHz", "Hz"],
    ["notUpperHz", "Hz"],
    ["worstMmMax", "mm"],
    ["centiDbmMax", "centi-dBm"],
    ["eirpCentiDbm", "centi-dBm"],
    ["latE7", "1e-7 degree"],
    ["clockDriftPpm", "ppm"],
    ["bytesMax", "bytes"],
    ["microUnits", "millionths of the currency's unit"],
    ["seq", ""],
    ["bus", ""],
    ["resource", ""],
    ["", ""],
  ])("%s is in %j", (name, unit) => {
    expect(unitOfName(name)).toBe(unit);
  });
});

function idsOf(found: readonly CodeSite[]): readonly string[] {
  return found.map(({ id }) => id).sort();
}

function unnamed({ id, at, measured, required }: CodeSite): readonly string[] {
  const known = explainCode(id);
  if (known === null) return [];
  return [
    ...measured
      .filter((name) => !known.measured.includes(name))
      .map((name) => `${at}: ${id} measures ${name}`),
    ...required
      .filter((name) => !known.required.includes(name))
      .map((name) => `${at}: ${id} requires ${name}`),
  ];
}
