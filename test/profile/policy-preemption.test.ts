/** What a lease class promises about directives, as a policy file says it: no renewal may outlast the promise. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { loadPolicy } from "../../src/profile/load.ts";
import { formatProfileError } from "../../src/profile/profile-error.ts";

const FILE = new URL("../../profiles/policies/bench-cabled.yaml", import.meta.url).pathname;
const shipped = readFileSync(FILE, "utf8");

/** In the first of its classes that says it. */
function load(from: string, to: string) {
  expect(shipped).toContain(from);
  return loadPolicy(FILE, () => new TextEncoder().encode(shipped.replace(from, to)));
}

/** Each finding as a person reads it; none where the file is sound. */
function findings(from: string, to: string): readonly string[] {
  const loaded = load(from, to);
  return loaded.ok ? [] : loaded.errors.map(formatProfileError);
}

describe("preempt-within of a lease class", () => {
  test("of exactly the reach is admitted, and one microsecond less is refused at the reach", () => {
    expect(findings("preempt-within: 5s", "preempt-within: 3s")).toEqual([]);
    const [found, ...more] = findings("preempt-within: 5s", "preempt-within: 2999999us");
    expect(more).toEqual([]);
    expect(found).toContain("fields-order");
    expect(found).toContain("at most `preempt-within`");
    expect(found).toContain("reach");
  });

  test("is what a policy's record promises, with what becomes of the unserved part", () => {
    const loaded = load("unserved: refund", "unserved: none");
    const classOf = (name: string) =>
      loaded.ok ? loaded.policy.body.leaseClasses.find((each) => each.name === name)?.preemption : undefined;
    expect(classOf("bench-demo")).toEqual({ withinUs: 5_000_000, unserved: "none" });
    expect(classOf("bench")).toBeNull();
  });

  test("has to be there where unserved is, and unserved is refund or none", () => {
    expect(findings("preempt-within: 5s", "")).toEqual([
      expect.stringContaining("with `preempt-within` only"),
    ]);
    expect(findings("unserved: refund", "unserved: half")).toEqual([
      expect.stringContaining("refund | none"),
    ]);
  });
});
