/** Session keys as a policy file says them: how long, and for which kinds of records. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { loadPolicy } from "../../src/profile/load.ts";
import { formatProfileError } from "../../src/profile/profile-error.ts";

const FILE = new URL("../../profiles/policies/bench-cabled.yaml", import.meta.url).pathname;
const shipped = readFileSync(FILE, "utf8");

const load = (more: string) => loadPolicy(FILE, () => new TextEncoder().encode(`${shipped}\n${more}\n`));

/** Each finding as a person reads it; none where the file is sound. */
function findings(more: string): readonly string[] {
  const loaded = load(more);
  return loaded.ok ? [] : loaded.errors.map(formatProfileError);
}

const rulesOf = (more: string) => {
  const loaded = load(more);
  return loaded.ok ? loaded.policy.body.sessionKeys : undefined;
};

describe("session-keys of a policy", () => {
  test("are absent where the file says nothing, and then nobody makes one", () => {
    expect(rulesOf("")).toBeNull();
  });

  test("have a length with its unit, and kinds", () => {
    expect(rulesOf("session-keys: {for: 1h, kinds: [renewal-request, renewal]}")).toEqual({
      forUs: 3_600_000_000,
      kinds: ["renewal-request", "renewal"],
    });
  });

  test("last from a second to a day", () => {
    const of = (length: string) => findings(`session-keys: {for: ${length}, kinds: [renewal]}`);
    expect([of("1s"), of("1d")]).toEqual([[], []]);
    for (const length of ["999ms", "86401s"])
      expect(of(length)).toEqual([expect.stringMatching(/bench-cabled\.yaml:\d+:\d+.*for/s)]);
    expect(of("1")).toEqual([expect.stringContaining("for")]);
  });

  test.each([
    "acceptance",
    "settlement",
    "lease-termination",
    "relinquishment",
    "key-rotation",
    "session-key",
    "checkpoint",
    "admission",
  ])("sign no %s: who writes that is told what they may", (kind) => {
    const [found, ...more] = findings(`session-keys: {for: 1h, kinds: [renewal, ${kind}]}`);
    expect(more).toEqual([]);
    expect(found).toContain("renewal-request | renewal | actuation");
    expect(found).toContain("kinds");
  });

  test("name at least one kind, each once, and nothing else", () => {
    expect(findings("session-keys: {for: 1h, kinds: []}")).toHaveLength(1);
    expect(findings("session-keys: {for: 1h, kinds: [renewal, renewal]}")).toHaveLength(1);
    expect(findings("session-keys: {for: 1h}")).toHaveLength(1);
    expect(findings("session-keys: {kinds: [renewal]}")).toHaveLength(1);
    expect(findings("session-keys: {for: 1h, kinds: [renewal], boot: any}")).toHaveLength(1);
  });
});
