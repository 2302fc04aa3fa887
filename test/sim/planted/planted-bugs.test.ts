/** The planted bugs still fit the source: a bug whose text moved would find nothing, silently. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type PlantedBug, planted } from "./planted-bug.ts";
import { plantedBugs } from "./planted-bugs.ts";

const ROOT = join(import.meta.dirname, "../../..");
const BUGS_MIN = 20;

describe("planted bugs", () => {
  test("that are hunted are at least as many as were asked for, each with a name of its own", () => {
    const names = plantedBugs.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(plantedBugs.filter(({ unfound }) => unfound === undefined).length).toBeGreaterThanOrEqual(
      BUGS_MIN,
    );
    for (const name of names) expect(name).toMatch(/^[a-z]+(-[a-z]+)+$/);
  });

  test.each(plantedBugs.map((bug) => [bug.name, bug] as const))("%s changes its source", (_name, bug) => {
    const text = readFileSync(join(ROOT, bug.file), "utf8");
    expect(planted(text, bug)).not.toBe(text);
  });

  test("are found by invariants that there are", () => {
    const sources = readdirSync(join(ROOT, "src/sim"), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts"))
      .map((path) => readFileSync(join(ROOT, "src/sim", path), "utf8"));
    const strange = plantedBugs.flatMap(({ name, by }) =>
      by.filter((each) => !sources.some((text) => text.includes(`"${each}"`))).map((each) => [name, each]),
    );
    expect(strange).toEqual([]);
  });

  test("a text that stands nowhere, or twice, fails by the bug's name", () => {
    const bug: PlantedBug = {
      name: "some-bug",
      by: ["some-invariant"],
      promise: "",
      file: "a.ts",
      find: "b",
      replace: "c",
    };
    expect(() => planted("a", bug)).toThrow("some-bug: its text stands 0 times in a.ts, not once");
    expect(() => planted("b b", bug)).toThrow("some-bug: its text stands 2 times in a.ts, not once");
    expect(planted("a b", { ...bug, replace: "$&" })).toBe("a $&");
  });
});
