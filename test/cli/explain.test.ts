import { Command } from "commander";
import { afterEach, describe, expect, test, vi } from "vitest";
import { explain } from "../../src/cli/explain.ts";
import { allCodes } from "../../src/core/base/codes.ts";
import { kindNames } from "../../src/core/record/kinds.ts";

type Said = { readonly stdout: string; readonly stderr: string; readonly exit: typeof process.exitCode };

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

/** Runs the command in this process, and keeps what it writes. */
function run(...argv: readonly string[]): Said {
  const said = { stdout: "", stderr: "" };
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    said.stdout += String(text);
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    said.stderr += String(text);
    return true;
  });
  process.exitCode = undefined;
  const program = new Command("spectrum-agent").exitOverride();
  explain.register(program);
  program.parse(["explain", ...argv], { from: "user" });
  return { ...said, exit: process.exitCode };
}

type Document = {
  readonly schema: string;
  readonly codes: readonly {
    readonly id: string;
    readonly measured: readonly { readonly name: string; readonly unit: string }[];
    readonly exit: number | null;
  }[];
};

describe("explain ID", () => {
  test("says meaning, measured and required with their units, what to do, clause and exit code", () => {
    const { stdout, stderr, exit } = run("outside-spatial-window");
    expect(stdout.split("\n")).toEqual([
      "outside-spatial-window (window)",
      expect.stringMatching(/^ {2}means {5}The two antennas may be farther apart/),
      "  measured  distanceMm (mm), errorMm (mm), worstMm (mm)",
      "  required  worstMmMax (mm)",
      expect.stringMatching(/^ {2}do {8}[A-Z]/),
      expect.stringMatching(/^ {2}clause {4}PROTOCOL §5/),
      "  exit      4 refused by policy",
      "",
    ]);
    expect(stderr).toBe("");
    expect(exit).toBeUndefined();
  });

  test("leaves out what is not measured, and says where no command ends on an id", () => {
    const { stdout } = run("lapsed");
    expect(stdout).not.toContain("measured");
    expect(stdout).not.toContain("required");
    expect(stdout).toContain("  exit      no command ends on it\n");
  });

  test("with --json gives one document of one line, each name with its unit", () => {
    const { stdout } = run("outside-temporal-window", "--json");
    expect(stdout.trimEnd()).not.toContain("\n");
    const document = JSON.parse(stdout) as Document;
    expect(document.schema).toBe("spectrum-agent.explain/1");
    expect(document.codes).toHaveLength(1);
    expect(document.codes[0]).toMatchObject({
      id: "outside-temporal-window",
      room: "window",
      measured: [
        { name: "skewUs", unit: "µs" },
        { name: "leastWidthUs", unit: "µs" },
      ],
      exit: 4,
    });
  });

  test.each(allCodes.map(({ id }) => id))("explains %s", (id) => {
    const { stdout, stderr, exit } = run(id);
    expect(stdout.startsWith(`${id} (`)).toBe(true);
    expect([stderr, exit]).toEqual(["", undefined]);
  });
});

describe("explain without an id", () => {
  test("lists every id once, below the name of its room", () => {
    const { stdout } = run();
    const listed = stdout
      .split("\n")
      .filter((line) => line.startsWith("  "))
      .map((line) => line.trim().split(" ")[0]);
    expect([...listed].sort()).toEqual(allCodes.map(({ id }) => id).sort());
    const rooms = stdout.split("\n").filter((line) => /^[a-z]+$/.test(line));
    expect(rooms).toEqual([...new Set(allCodes.map(({ room }) => room))]);
  });

  test("with --json gives all of them in one document", () => {
    const document = JSON.parse(run("--json").stdout) as Document;
    expect(document.codes.map(({ id }) => id)).toEqual(allCodes.map(({ id }) => id));
  });
});

describe("explain of an id that nobody has", () => {
  test.each([
    ["outside-spacial-window", "outside-spatial-window"],
    ["spatial", "outside-spatial-window"],
    ["QUARANTINE", "quarantine"],
    ["wire_truncated", "wire-truncated"],
  ])("ends with 2 for %s, names %s, and writes nothing to stdout", (asked, near) => {
    const { stdout, stderr, exit } = run(asked, "--json");
    expect(exit).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain(`code-unknown: "${asked}" is no id of this version\n`);
    expect(stderr).toMatch(new RegExp(`did you mean .*\\b${near}\\b.*[?]\n`));
  });

  test("names at most five, the nearest first", () => {
    const { stderr } = run("radio-lots");
    const named = /did you mean (.*)\?/.exec(stderr)?.[1]?.split(", ") ?? [];
    expect(named).toHaveLength(5);
    expect(named[0]).toBe("radio-lost");
  });

  test("points to the list where none is near, for empty and overlong words too", () => {
    for (const word of ["", "zzz", "q".repeat(10_000), "constructor"]) {
      const { stderr, exit } = run(word);
      expect(exit).toBe(2);
      expect(stderr).toContain("`spectrum-agent explain` lists all ids");
    }
  });
});

describe("explain --kinds", () => {
  test("prints the records' own specification", () => {
    const { stdout } = run("--kinds");
    expect(stdout.startsWith("# spectrum-agent/1: records\n")).toBe(true);
    expect(stdout.endsWith("|\n")).toBe(true);
  });

  test("with --json gives a JSON Schema of every kind", () => {
    const document = JSON.parse(run("--kinds", "--json").stdout) as {
      readonly schema: string;
      readonly kinds: Readonly<Record<string, { readonly title: string; readonly $schema: string }>>;
    };
    expect(document.schema).toBe("spectrum-agent.explain/1");
    expect(Object.keys(document.kinds)).toEqual([...kindNames]);
    expect(document.kinds["offer"]).toMatchObject({
      title: "offer",
      $schema: "http://json-schema.org/draft-07/schema#",
    });
  });

  test("takes no id", () => {
    const { stdout, stderr, exit } = run("lapsed", "--kinds");
    expect([stdout, exit]).toEqual(["", 2]);
    expect(stderr).toContain("usage: --kinds takes no id\n");
  });
});
