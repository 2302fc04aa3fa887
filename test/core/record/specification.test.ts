import { describe, expect, test } from "vitest";
import type { FieldSpec } from "../../../src/core/record/field.ts";
import { measure } from "../../../src/core/record/finding-field.ts";
import { header } from "../../../src/core/record/header.ts";
import { kindNames, kinds, reservedKinds } from "../../../src/core/record/kinds.ts";
import { specification } from "../../../src/core/record/specification.ts";
import { artifactField } from "../../../src/core/settlement/artifact.ts";
import { limits } from "../../../src/core/wire/limits.ts";

const printed = specification();

describe("the printed specification", () => {
  test.each(kindNames)("has a section with a row for each field of %s, and for those inside them", (name) => {
    const section = sectionOf(`### ${name}`);
    expect(section).toContain(kinds[name].summary);
    for (const field of kinds[name].mayBeNil) expect(section).toContain(`\`${field}\``);
    expectRows(section, kinds[name].body.spec);
  });

  test("has a row for each field of header and artifact", () => {
    expectRows(sectionOf("## Header"), header.spec);
    expectRows(sectionOf("## Artifact"), artifactField.spec);
  });

  test("names the reserved kinds, and gives none of them a section", () => {
    for (const name of reservedKinds) {
      expect(sectionOf("## Reserved kinds")).toContain(`\`${name}\``);
      expect(printed).not.toContain(`### ${name}\n`);
    }
  });

  test("says type, range, unit, nil and sealable of a field", () => {
    const rows = printed.split("\n");
    expect(rows).toContain("| `block.lowerHz` | integer | 0 to 3000000000000 | Hz |  |");
    expect(rows).toContain("| `block.area[].latE7` | integer | -900000000 to 900000000 | 1e-7 degree |  |");
    expect(rows).toContain("| `place` | struct |  |  | nil, sealable |");
    expect(rows).toContain(
      "| `price.microUnits` | integer | 0 to 9223372036854775807 | millionths of the currency's unit |  |",
    );
    expect(rows).toContain("| `endUs` | integer | 0 to 2^53 − 1 | µs since 1970, UTC |  |");
    expect(rows).toContain("| `deadlineBootUs` | integer | 0 to 2^53 − 1 | µs of the boot clock |  |");
    expect(rows).toContain("| `muteLatencyUs` | integer | 0 to 1000000000000000 | µs | nil |");
    expect(rows).toContain("| `answers` | list of bytes | 1 to 4 items; 0 to 32 bytes |  |  |");
    expect(rows).toContain("| `exclusive` | flag | 0 or 1 |  |  |");
    expect(rows).toContain(
      "| `rules` | list of word | 1 to 4 items; `content-match` `handshake` `derivation` |  |  |",
    );
    expect(rows).toContain(
      "| `findings[].measured` | list of name and value, sorted by name | 0 to 16 items |  |  |",
    );
  });

  test("says the bounds that the codec holds, and every prefix of an id", () => {
    for (const bound of [
      limits.RECORD_BYTES_MAX,
      limits.ENVELOPE_BYTES_MAX,
      limits.ARTIFACT_BYTES_MAX,
      limits.DEPTH_MAX,
      limits.ARRAY_ITEMS_MAX,
    ]) {
      expect(printed).toContain(String(bound));
    }
    for (const prefix of ["00", "01", "02", "03", "04"]) expect(printed).toContain(`SHA-256(${prefix} ‖`);
  });

  test("says in a sentence, below each title, what the section is of", () => {
    const blocks = printed.trim().split("\n\n");
    expect(blocks.filter((block) => block.startsWith("## "))).toEqual(
      ["Codec", "Envelope", "Signed bytes and ids", "Header", "Kinds", "Reserved kinds", "Artifact"].map(
        (title) => `## ${title}`,
      ),
    );
    const titles = blocks.flatMap((block, i) => (block.startsWith("#") ? [i] : []));
    expect(titles.length).toBeGreaterThan(kindNames.length);
    // A table of its own words, and sections of their own.
    const bare = titles.filter((i) => !/^[A-Z`].{20,}[.]$/s.test(blocks[i + 1] ?? "")).map((i) => blocks[i]);
    expect(bare).toEqual(["## Signed bytes and ids", "## Kinds"]);
    expect(printed).toMatch(/Bytes are written in hex, .* integers are big-endian[.]/);
  });

  test("is well-formed: every table row has as many cells as its head", () => {
    const tables = printed
      .trim()
      .split("\n\n")
      .filter((block) => block.startsWith("|"));
    expect(tables.length).toBe(kindNames.length + 4);
    for (const table of tables) {
      const cells = table.split("\n").map((row) => row.split("|").length);
      expect(new Set(cells).size).toBe(1);
    }
  });
});

function sectionOf(title: string): string {
  const level = title.slice(0, title.indexOf(" ") + 1);
  const from = printed.indexOf(`${title}\n`);
  expect(from).toBeGreaterThanOrEqual(0);
  const rest = printed.slice(from + title.length);
  const ends = ["\n## ", `\n${level}`].map((end) => rest.indexOf(end)).filter((at) => at >= 0);
  return ends.length === 0 ? rest : rest.slice(0, Math.min(...ends));
}

function expectRows(section: string, spec: FieldSpec): void {
  const paths = pathsOf("", spec);
  expect(paths.length).toBeGreaterThan(0);
  for (const path of paths) expect(section).toContain(`\n| \`${path}\` |`);
  expect(section.match(/^\| `/gm)?.length).toBe(paths.length);
}

/** Every field by its dotted path, as the table names it. */
function pathsOf(path: string, spec: FieldSpec): readonly string[] {
  if (spec === measure.spec) return [];
  switch (spec.type) {
    case "nilable":
    case "sealable":
      return pathsOf(path, spec.of);
    case "list":
      return pathsOf(`${path}[]`, spec.of);
    case "struct":
      return spec.fields.flatMap(([name, field]) => {
        const inside = path === "" ? name : `${path}.${name}`;
        return [inside, ...pathsOf(inside, field)];
      });
    default:
      return [];
  }
}
