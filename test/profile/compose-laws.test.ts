/** Laws of composed profiles, over random layers of files: what is resolved is a fixed point, and means the same. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { composeFile } from "../../src/profile/compose-file.ts";
import { absolutePaths } from "../../src/profile/composed-paths.ts";
import { loadProfile } from "../../src/profile/load.ts";
import { profileHash } from "../../src/profile/profile-hash.ts";
import { resolvedProfileSchema } from "../../src/profile/profile-json-schema.ts";
import { resolvedYaml, resolveProfile } from "../../src/profile/resolve-profile.ts";
import { formatYaml, parseYaml } from "../../src/profile/yaml-document.ts";
import { fileSet } from "../support/file-set.ts";
import {
  everyProfileKey,
  spoiled,
  type Trail,
  testDrivers,
  trailsOf,
  valueAt,
  written,
} from "./every-key.ts";

const SCHEMA = "spectrum-agent.profile/1";
const TOP = "/f/0/layer.yaml";
const fileOf = (i: number): string => `/f/${i}/layer.yaml`;

/** A part of the whole, in which some values are others, `null` among them. */
type Layer = Readonly<Record<string, unknown>>;
const trails = trailsOf(everyProfileKey).filter((trail) => trail[0] !== "schema" && trail.length <= 3);
const trail = fc.constantFrom(...trails);
const other = fc.constantFrom<unknown>(null, 5, "x", "2s", "0m", true, [], ["a"], {}, { driver: "chip" });
const layer: fc.Arbitrary<Layer> = fc
  .record({
    absent: fc.array(trail, { maxLength: 14 }),
    changed: fc.oneof(
      fc.constant<[Trail, unknown][]>([]),
      fc.array(fc.tuple(trail, other), { maxLength: 3 }),
    ),
  })
  .map(({ absent, changed }) => {
    const part = absent.reduce<unknown>(lessOf, everyProfileKey);
    return changed.reduce<unknown>(
      (doc, [at, value]) => (has(doc, at) ? spoiled(doc, at, value) : doc),
      part,
    );
  })
  .map((part) => ({ ...(part as Layer), schema: SCHEMA }));

/** The first is the file itself; each may extend any of those after it, so that there is no cycle. */
const layers = fc.array(fc.tuple(layer, fc.array(fc.nat(3), { maxLength: 2 })), {
  minLength: 1,
  maxLength: 4,
});
type Layers = readonly (readonly [Layer, readonly number[]])[];

/** The last of several is a whole profile, and the file itself begins with it: many of these load. */
function basesOf(all: Layers, i: number): readonly number[] {
  const named = (all[i]?.[1] ?? []).map((each) => i + 1 + each).filter((each) => each < all.length);
  return i === 0 && all.length > 1 ? [all.length - 1, ...named] : named;
}

const ownOf = (all: Layers, i: number): Layer | undefined =>
  i > 0 && i === all.length - 1 ? everyProfileKey : all[i]?.[0];

function filesOf(all: Layers): Readonly<Record<string, string>> {
  const files = all.map((_, i) => {
    const own = ownOf(all, i);
    const names = basesOf(all, i).map((each) => `../${each}/layer.yaml`);
    return [fileOf(i), written(names.length === 0 ? own : { ...own, extends: names })] as const;
  });
  return Object.fromEntries(files);
}

/** The merge again, on plain values and in the fewest words. */
function merged(below: unknown, above: unknown): unknown {
  if (!isMap(below) || !isMap(above)) return above;
  const both = { ...below };
  for (const [key, each] of Object.entries(above)) {
    if (each === null && Object.hasOwn(below, key)) delete both[key];
    else both[key] = Object.hasOwn(below, key) ? merged(below[key], each) : each;
  }
  return both;
}

function expected(all: Layers, i = 0): unknown {
  const bases = basesOf(all, i).map((each) => expected(all, each));
  return [...bases, ownOf(all, i)].reduce(merged);
}

test("what comes of layers is the merge of them, in their order", () => {
  fc.assert(
    fc.property(layers, (all) => {
      const composed = composeFile(TOP, fileSet(filesOf(all)));
      expect(composed.ok && composed.composition.document.value).toEqual(expected(all));
    }),
    { numRuns: 150 },
  );
});

test("the resolved file says what the layers say: the same findings, or the same profile", () => {
  const count = { refused: 0, loaded: 0 };
  fc.assert(
    fc.property(layers, (all) => {
      const read = fileSet(filesOf(all));
      const composed = composeFile(TOP, read);
      if (!composed.ok) throw new Error("layers without a cycle compose");
      const whole = absolutePaths(composed.composition, resolvedProfileSchema(testDrivers));
      const resolved = formatYaml(whole.document.value);
      const before = loadProfile(TOP, testDrivers, read);
      const after = loadProfile("/g/one.yaml", testDrivers, fileSet({ "/g/one.yaml": resolved }));
      count[before.ok ? "loaded" : "refused"] += 1;
      expect(outcomeOf(after)).toEqual(outcomeOf(before));
    }),
    { numRuns: 60 },
  );
  expect([count, Math.min(count.refused, count.loaded) >= 5]).toEqual([count, true]);
});

test("resolving is idempotent, with notes of origins or without, and from another folder", () => {
  let resolvedOnes = 0;
  fc.assert(
    fc.property(layers, fc.boolean(), (all, notes) => {
      const once = resolveProfile(TOP, testDrivers, fileSet(filesOf(all)));
      if (!once.ok) return;
      resolvedOnes += 1;
      const text = resolvedYaml(once.resolved, notes);
      const parsed = parseYaml("/g/one.yaml", text);
      expect(parsed.ok && parsed.document.value).toEqual(once.resolved.value);
      const twice = resolveProfile("/g/one.yaml", testDrivers, fileSet({ "/g/one.yaml": text }));
      expect(twice.ok && resolvedYaml(twice.resolved, false)).toBe(resolvedYaml(once.resolved, false));
      expect(twice.ok && hashOf(twice.resolved.profile)).toBe(hashOf(once.resolved.profile));
    }),
    { numRuns: 60 },
  );
  expect(resolvedOnes).toBeGreaterThanOrEqual(5);
});

/** Two files cannot agree on lines; they have to on what is wrong with which key. */
function outcomeOf(loaded: ReturnType<typeof loadProfile>): unknown {
  if (loaded.ok) return hashOf(loaded.profile);
  return loaded.errors.map(({ path, code, allowed }) => `${path} ${code} ${allowed}`).sort();
}

function hashOf(profile: object): string {
  return profileHash(profile, (bytes) => createHash("sha256").update(bytes).digest());
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Without the value at `at`, where there is one; an entry of a list stays, so that the list is one of whole entries. */
function lessOf(document: unknown, at: readonly (string | number)[]): unknown {
  return typeof at.at(-1) === "string" && has(document, at) ? spoiled(document, at, undefined) : document;
}

function has(root: unknown, at: readonly (string | number)[]): boolean {
  const [step, ...rest] = at;
  if (step === undefined) return true;
  if (typeof root !== "object" || root === null || !Object.hasOwn(root, step)) return false;
  return has(valueAt(root, [step]), rest);
}
