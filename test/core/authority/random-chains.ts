/**
 * Random credential chains in a small world, and a grid that says by brute force what each link of them grants: every
 * cell of frequency, time, place and power, one by one. The grid knows nothing of the code under test.
 */
import type { Chain } from "../../../src/core/authority/chain.ts";
import type { Credential, Verb } from "../../../src/core/record/kinds/credential.ts";
import type { RecordOf } from "../../../src/core/record/record.ts";
import { clear } from "../../../src/core/record/sealed.ts";
import type { Box, Vertex } from "../../../src/core/record/spectrum-fields.ts";
import { pool, type Random } from "../geometry/random-polygon.ts";

type Link = RecordOf<"credential">;

/** Units of frequency and of time, and corners of areas, lie on 0..SPAN. */
const SPAN = 6;
/** Places a unit: points of a lattice that no corner lies on. */
const FINE = 4;
const SIDE = SPAN * FINE;
const WORDS = Math.ceil((SIDE * SIDE) / 32);
const POWERS = [100, 200, 300];
const VERBS: readonly Verb[] = ["allocate", "acquire", "issue", "audit", "preempt"];
const CLASSES = ["a", "b", "c"];
const COMMODITIES = ["x", "y"];
/** As the policy of these chains ranks them. */
export const LEVELS = [
  { name: "user", rank: 1 },
  { name: "licensee", rank: 2 },
  { name: "regulator", rank: 3 },
] as const;

export type World = { readonly shapes: readonly Shape[] };
type Shape = {
  readonly vertices: readonly Vertex[];
  readonly points: Uint32Array;
  /** Shapes whose lattice points are all points of this one: good guesses for children. */
  readonly within: number[];
};

export function randomWorld(random: Random, size: number): World {
  const shapes = pool(random, size, SPAN).map((vertices) => ({
    vertices,
    points: pointsIn(vertices),
    within: [] as number[],
  }));
  for (const outer of shapes) {
    for (const [i, inner] of shapes.entries()) {
      if (inner.points.every((word, at) => (word & ~(outer.points[at] ?? 0)) === 0)) outer.within.push(i);
    }
  }
  return { shapes };
}

/** By the winding of the boundary around each point, in eighths of a unit: no point lies on a line between corners. */
function pointsIn(vertices: readonly Vertex[]): Uint32Array {
  const points = new Uint32Array(WORDS);
  for (let row = 0; row < SIDE; row++) {
    for (let column = 0; column < SIDE; column++) {
      // 0.137 and 0.083 of a step keep the points off every line through corners of the grid.
      const [x, y] = [(column + 0.137) / FINE, (row + 0.583) / FINE];
      if (winding(vertices, x, y) === 0) continue;
      const index = row * SIDE + column;
      points[index >>> 5] = (points[index >>> 5] ?? 0) | (1 << (index & 31));
    }
  }
  return points;
}

function winding(vertices: readonly Vertex[], x: number, y: number): number {
  let turns = 0;
  for (const [i, a] of vertices.entries()) {
    const b = vertices[(i + 1) % vertices.length] as Vertex;
    const side = (b.lonE7 - a.lonE7) * (y - a.latE7) - (b.latE7 - a.latE7) * (x - a.lonE7);
    if (a.latE7 <= y && b.latE7 > y && side > 0) turns += 1;
    if (a.latE7 > y && b.latE7 <= y && side < 0) turns -= 1;
  }
  return turns;
}

export type Made = { readonly chain: Chain; readonly shapesOf: ReadonlyMap<Box, Shape> };

/** Two to five links, the last one first; most narrow a little from link to link, some go too far in one thing or more. */
export function randomChain(random: Random, world: World): Made {
  const shapesOf = new Map<Box, Shape>();
  const links: Link[] = [top(random, world, shapesOf)];
  const length = 2 + random(4);
  // How bold this chain is: one in so many choices pays no heed to the parent.
  const heed = [4, 12, 40, 1_000][random(4)] as number;
  while (links.length < length)
    links.unshift(child(links[0] as Link, { random, world, shapesOf, heed }, links.length));
  return { chain: { links, missing: null }, shapesOf };
}

type Making = {
  readonly random: Random;
  readonly world: World;
  readonly shapesOf: Map<Box, Shape>;
  readonly heed: number;
};

function top(random: Random, world: World, shapesOf: Map<Box, Shape>): Link {
  const making = { random, world, shapesOf, heed: 1 };
  const body = {
    ...STILL,
    subjectLineage: id(1),
    subjectKey: id(1),
    level: "regulator",
    verbs: random(8) === 0 ? some(random, VERBS) : VERBS,
    eligibilityClasses: CLASSES,
    scope: Array.from({ length: 1 + random(3) }, () => anyBox(making)),
    fromUs: random(2),
    untilUs: SPAN - random(2),
    exclusive: random(4) > 0,
    depthLeft: random(5),
    parent: null,
  };
  return link(body, id(0), 0);
}

function child(above: Link, making: Making, at: number): Link {
  const { random } = making;
  const { body } = above;
  const bold = (): boolean => random(making.heed) === 0;
  const [fromUs, untilUs] = bold() ? span(random) : within(random, body.fromUs, body.untilUs);
  const issuer = bold() ? id(random(6)) : body.subjectLineage;
  const child = {
    ...STILL,
    subjectLineage: id(at + 1),
    subjectKey: id(at + 1),
    level: bold() ? (LEVELS[random(3)] as { name: string }).name : lower(random, body.level),
    verbs: bold() ? some(random, VERBS) : keepIssue(random, some(random, body.verbs), body.verbs),
    eligibilityClasses: bold() ? some(random, CLASSES) : some(random, body.eligibilityClasses),
    scope: Array.from({ length: 1 + random(2) }, () =>
      bold() ? anyBox(making) : innerBox(body.scope[random(body.scope.length)] as Box, making),
    ),
    fromUs,
    untilUs,
    exclusive: bold() ? random(2) === 0 : body.exclusive && random(4) > 0,
    depthLeft: bold() ? random(5) : Math.max(0, body.depthLeft - 1),
    parent: above.id,
  };
  return link(child, issuer, at);
}

function anyBox({ random, world, shapesOf }: Making): Box {
  const [lowerHz, upperHz] = span(random);
  const [fromUs, untilUs] = span(random);
  const shape = world.shapes[random(world.shapes.length)] as Shape;
  const commodityClass = COMMODITIES[random(8) === 0 ? 1 : 0] as string;
  return keep(
    {
      lowerHz,
      upperHz,
      fromUs,
      untilUs,
      limits: [power(POWERS[random(3)] as number)],
      commodityClass,
      area: [],
    },
    shape,
    shapesOf,
  );
}

function innerBox(outer: Box, making: Making): Box {
  const { random, world, shapesOf, heed } = making;
  const bold = (): boolean => random(heed) === 0;
  const [lowerHz, upperHz] = bold() ? span(random) : within(random, outer.lowerHz, outer.upperHz);
  const [fromUs, untilUs] = bold() ? span(random) : within(random, outer.fromUs, outer.untilUs);
  const shape = shapesOf.get(outer) as Shape;
  const inner = shape.within[random(shape.within.length)] as number;
  const chosen = bold() ? random(world.shapes.length) : inner;
  const strongest = outer.limits[0]?.centiDbm ?? 0;
  const centiDbm = bold() ? (POWERS[random(3)] as number) : Math.min(strongest, POWERS[random(3)] as number);
  const commodityClass = bold() ? (COMMODITIES[random(2)] as string) : outer.commodityClass;
  const box = { lowerHz, upperHz, fromUs, untilUs, limits: [power(centiDbm)], commodityClass, area: [] };
  return keep(box, world.shapes[chosen] as Shape, shapesOf);
}

function keep(box: Box, shape: Shape, shapesOf: Map<Box, Shape>): Box {
  const whole = { ...box, area: shape.vertices };
  shapesOf.set(whole, shape);
  return whole;
}

function power(centiDbm: number): Box["limits"][number] {
  return { centiDbm, referenceHz: 0, measure: "eirp", detector: "rms" };
}

/** Sometimes empty, or the wrong way round. */
function span(random: Random): readonly [number, number] {
  const [a, b] = [random(SPAN + 1), random(SPAN + 1)];
  return random(30) === 0 ? [a, b] : [Math.min(a, b), Math.max(a, b, Math.min(a, b) + 1)];
}

function within(random: Random, from: number, until: number): readonly [number, number] {
  if (until - from < 2) return [from, until];
  const begin = from + random(2);
  return [begin, Math.max(begin + 1, until - random(2))];
}

function some<T>(random: Random, of: readonly T[]): readonly T[] {
  const kept = of.filter(() => random(6) > 0);
  return kept.length > 0 ? kept : of.slice(0, 1);
}

function keepIssue(random: Random, verbs: readonly Verb[], above: readonly Verb[]): readonly Verb[] {
  return verbs.includes("issue") || !above.includes("issue") || random(6) === 0 ? verbs : [...verbs, "issue"];
}

function lower(random: Random, level: string): string {
  const rank = LEVELS.findIndex(({ name }) => name === level);
  return (LEVELS[Math.max(0, rank - random(2))] as { name: string }).name;
}

const IDS = Array.from({ length: 64 }, (_, i) => new Uint8Array(32).fill(i + 1));

function id(i: number): Uint8Array {
  return IDS[i] as Uint8Array;
}

const STILL = {
  budgets: [],
  holdingsMaxHz: null,
  akName: null,
  tier: "software",
  owner: "o",
  identifiers: clear([]),
  licenceAsserted: false,
  contact: "",
  revocationChannel: "",
  nonce: new Uint8Array(16),
} as const;

/** Never signed: chains are judged after that. The root issues its own link. */
function link(body: Credential, issuer: Uint8Array, at: number): Link {
  const lineage = at === 0 ? body.subjectLineage : issuer;
  const header = { lineage, signerKey: lineage };
  return { kind: "credential", id: id(32 + at), header, body } as unknown as Link;
}

export const ROOT: Uint8Array = id(1);

/** What the last link grants that some link above it does not, in words, or null. */
export function overGrant({ chain, shapesOf }: Made, atUs: number): string | null {
  const [leaf, ...above] = chain.links;
  if (leaf === undefined) return "no link";
  for (const [distance, link] of above.entries()) {
    const { body } = link;
    const below = chain.links[distance] as Link;
    if (!same(below.header.lineage, body.subjectLineage))
      return `link ${distance} is not by the subject above it`;
    if (!body.verbs.includes("issue")) return `link ${distance + 1} may not issue`;
    if (body.depthLeft < distance + 1) return `link ${distance + 1} allows fewer links below it`;
    if (leaf.body.verbs.some((verb) => !body.verbs.includes(verb))) return "verbs";
    if (leaf.body.eligibilityClasses.some((each) => !body.eligibilityClasses.includes(each)))
      return "classes";
    if (rank(leaf) > rank(link)) return "level";
    if (leaf.body.exclusive && !body.exclusive) return "exclusive";
  }
  if (chain.links.some(({ body }) => atUs < body.fromUs || atUs >= body.untilUs)) return "not valid then";
  if (!same((chain.links.at(-1) as Link).header.lineage, ROOT)) return "another root";
  for (const commodity of COMMODITIES) {
    for (const centiDbm of POWERS) {
      const granted = cells(leaf, shapesOf, commodity, centiDbm);
      for (const link of above) {
        const held = cells(link, shapesOf, commodity, centiDbm);
        if (granted.some((word, i) => (word & ~(held[i] ?? 0)) !== 0)) return `cells at ${centiDbm}`;
      }
    }
  }
  return null;
}

/** One bit for each unit of frequency, unit of time and point of the lattice where a carrier of that power may be. */
function cells(
  { body }: Link,
  shapesOf: ReadonlyMap<Box, Shape>,
  commodity: string,
  centiDbm: number,
): Uint32Array {
  const set = new Uint32Array(SPAN * SPAN * WORDS);
  for (const box of body.scope) {
    if (box.commodityClass !== commodity || (box.limits[0]?.centiDbm ?? 0) < centiDbm) continue;
    const { points } = shapesOf.get(box) as Shape;
    for (let f = box.lowerHz; f < box.upperHz; f++) {
      for (let t = Math.max(box.fromUs, body.fromUs); t < Math.min(box.untilUs, body.untilUs); t++) {
        const base = (f * SPAN + t) * WORDS;
        for (let i = 0; i < WORDS; i++) set[base + i] = (set[base + i] ?? 0) | (points[i] ?? 0);
      }
    }
  }
  return set;
}

function rank({ body }: Link): number {
  return LEVELS.find(({ name }) => name === body.level)?.rank ?? Number.POSITIVE_INFINITY;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((byte, i) => byte === b[i]);
}
