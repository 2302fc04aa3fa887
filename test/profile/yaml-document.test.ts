import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { complaint, formatProfileError } from "../../src/profile/profile-error.ts";
import { parseYaml, type YamlDocument } from "../../src/profile/yaml-document.ts";
import { YAML_LIMITS } from "../../src/profile/yaml-limits.ts";

function documentOf(text: string): YamlDocument {
  const parsed = parseYaml("f.yaml", text);
  if (!parsed.ok) throw new Error(parsed.errors.map(formatProfileError).join("\n"));
  return parsed.document;
}

function findingsOf(text: string): readonly string[] {
  const parsed = parseYaml("f.yaml", text);
  return parsed.ok
    ? []
    : parsed.errors.map((each) => `${each.line}:${each.column} ${each.path} ${each.code}`);
}

const told = complaint("field-range", "something else");

describe("values and their places", () => {
  const text = "a: 1\nb:\n  - x\n  - y: {q, z: 1.50}\nc:\n  d: text\n";

  test("are those of YAML 1.2", () => {
    expect(documentOf(text).value).toEqual({ a: 1, b: ["x", { y: { q: null, z: 1.5 } }], c: { d: "text" } });
    expect(documentOf("a: yes\nb: 2026-01-01\nc: 0x10\nd: ~\ne: 010").value).toEqual({
      a: "yes",
      b: "2026-01-01",
      c: 16,
      d: null,
      e: 10,
    });
  });

  test("a value is found where it begins, as it stands in the file", () => {
    expect(documentOf(text).at(["b", 1, "y", "z"], told)).toMatchObject({
      line: 4,
      column: 15,
      found: "`1.50`",
      path: "b[1].y.z",
    });
    expect(documentOf(text).at(["b"], told)).toMatchObject({ line: 3, column: 3, found: "a list of 2" });
  });

  test("a missing value is found at the map that lacks it", () => {
    expect(documentOf(text).at(["c", "e"], told)).toMatchObject({
      line: 6,
      column: 3,
      found: "nothing",
      path: "c.e",
    });
    expect(documentOf(text).at(["b", 1, "y", "q"], told)).toMatchObject({
      line: 4,
      column: 9,
      found: "nothing",
    });
  });

  test("a key is found where it begins", () => {
    expect(documentOf(text).atKey(["c", "d"], told)).toMatchObject({ line: 6, column: 3 });
    expect(documentOf(text).atKey(["b"], told)).toMatchObject({ line: 2, column: 1 });
  });

  test("an alias gives the value of the last anchor before it, and stands where it is used", () => {
    const document = documentOf("a: &x 1\nb: *x\nc: &x 2\nd: [*x, *x]\n");
    expect(document.value).toEqual({ a: 1, b: 1, c: 2, d: [2, 2] });
    expect(document.at(["b"], told)).toMatchObject({ line: 2, column: 4, found: "`1`" });
  });

  test("what goes to a terminal is one short line without control characters", () => {
    const { found } = documentOf(`a: "x\\e[31m\\n${"y".repeat(100)}"`).at(["a"], told);
    expect(found).toBe(`\`x\u{fffd}[31m\u{fffd}${"y".repeat(53)}…\``);
  });

  test("lines that end in CR LF, and a byte order mark, change no line", () => {
    expect(documentOf("\u{feff}a: 1\r\nb: 2\r\n").at(["b"], told)).toMatchObject({ line: 2, column: 4 });
  });
});

describe("refusals", () => {
  test.each([
    ["a key that stands twice", "a: 1\nb: 2\na: 3\n", "3:1  yaml-key-twice"],
    ["a key twice in an inner map", "a: {b: 1, b: 2}", "1:11 a yaml-key-twice"],
    ["a key that is a number", "1: x", "1:1  yaml-key"],
    ["a key that is a list", "? [a]\n: 1", "1:3  yaml-key"],
    ["the key __proto__", "__proto__: {a: 1}", "1:1  yaml-key"],
    ["nothing", "", "1:1  yaml-empty"],
    ["comments only", "# x\n# y\n", "1:1  yaml-empty"],
    ["a second document", "a: 1\n---\nb: 1\n", "2:1  yaml-syntax"],
    ["an open quote", "a: 'x\nb: 1\n", "3:1  yaml-syntax"],
    ["a tab that indents", "a:\n\t- 1\n", "2:1  yaml-syntax"],
    ["binary", "a: !!binary aGk=", "1:13 a yaml-tag"],
    ["a tag of a plain type", "a: !!str 5", "1:10 a yaml-tag"],
    ["an unknown tag", "a: !thing 5", "1:4  yaml-tag"],
    ["another YAML version", "%YAML 1.1\n---\na: yes\n", "1:1  yaml-tag"],
    ["an alias of nothing", "a: *x", "1:4 a yaml-syntax"],
    ["an alias of what holds it", "a: &x [*x]", "1:8 a[0] yaml-alias-loop"],
    ["nesting by brackets", `a: ${"[".repeat(100_000)}`, "1:1  yaml-depth"],
    ["nesting by dashes", `${"- ".repeat(100_000)}x`, "1:1  yaml-depth"],
    ["nesting by maps", `${"{a: ".repeat(100_000)}`, "1:1  yaml-depth"],
  ])("of %s", (_what, text, finding) => {
    expect(findingsOf(text)).toContain(finding);
  });

  test("of more aliases than are followed, but not of as many", () => {
    const list = (count: number): string => `a: &x 1\nb: [${Array(count).fill("*x").join(", ")}]`;
    expect(findingsOf(list(YAML_LIMITS.ALIASES_MAX))).toEqual([]);
    expect(findingsOf(list(YAML_LIMITS.ALIASES_MAX + 1))).toEqual(["1:1  yaml-aliases"]);
  });

  test("of a few aliases that multiply", () => {
    const level = (i: number): string =>
      `y${i}: &b${i} [${Array(6)
        .fill(i === 0 ? "1, 1" : `*b${i - 1}`)
        .join(", ")}]`;
    const text = Array.from({ length: 8 }, (_, i) => level(i)).join("\n");
    const findings = findingsOf(text);
    expect(findings[0]).toContain("yaml-expansion");
    expect(findings.length).toBeLessThanOrEqual(YAML_LIMITS.ERRORS_MAX);
  });

  test("of aliases that nest, one inside the other, beyond the depth", () => {
    const lines = Array.from({ length: 40 }, (_, i) => `y${i}: &b${i} [${i === 0 ? "1" : `*b${i - 1}`}]`);
    expect(findingsOf(lines.join("\n"))[0]).toContain("yaml-depth");
  });

  test("of a text that is too long", () => {
    expect(findingsOf(`# ${"x".repeat(YAML_LIMITS.LENGTH_MAX)}`)).toEqual(["1:1  file-too-large"]);
  });
});

test("no text makes it throw, and each finding has a place", () => {
  const bit = fc.constantFrom(
    ..."&*!|>%@`?:-[]{},#'\"\n \tab01~".split(""),
    "a: ",
    "- ",
    "&x ",
    "*x",
    "---\n",
    "<<: ",
  );
  const text = fc.oneof(
    fc.array(bit, { maxLength: 60 }).map((bits) => bits.join("")),
    fc.string({ unit: "binary" }),
  );
  fc.assert(
    fc.property(text, (each) => {
      const parsed = parseYaml("f.yaml", each);
      if (parsed.ok) return;
      expect(parsed.errors.length).toBeGreaterThan(0);
      for (const { line, column, found, allowed } of parsed.errors) {
        expect(line >= 1 && column >= 1 && found !== "" && allowed !== "").toBe(true);
      }
    }),
    { numRuns: 3000 },
  );
});

test("whatever JSON can say comes back as it was", () => {
  const json = fc
    .jsonValue({ maxDepth: 5, noUnicodeString: true })
    .filter((value) => !JSON.stringify(value).includes("__proto__"));
  fc.assert(
    fc.property(json, (value) => {
      if (value === null) return;
      expect(documentOf(JSON.stringify(value)).value).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
