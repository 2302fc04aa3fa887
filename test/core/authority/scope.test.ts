import { describe, expect, test } from "vitest";
import { blockInsideScope, boxInside, checkScope, scopeInside } from "../../../src/core/authority/scope.ts";
import type { Box, Vertex } from "../../../src/core/record/spectrum-fields.ts";
import { seeded } from "../geometry/random-polygon.ts";
import { campus, eirp, square } from "./boxes.ts";

const named = (box: Box, parent: Box) =>
  boxInside(box, parent, "box").map(({ code, field }) => `${code} ${field}`);

describe("one box inside another", () => {
  test("may be equal in every dimension", () => {
    expect(boxInside(campus, campus, "box")).toEqual([]);
  });

  test.each<[string, Partial<Box>, string]>([
    ["1 Hz below", { lowerHz: campus.lowerHz - 1 }, "box-frequency-outside box.lowerHz"],
    ["1 Hz above", { upperHz: campus.upperHz + 1 }, "box-frequency-outside box.upperHz"],
    ["1 µs before", { fromUs: campus.fromUs - 1 }, "box-time-outside box.fromUs"],
    ["1 µs after", { untilUs: campus.untilUs + 1 }, "box-time-outside box.untilUs"],
    ["1e-7 degree outside", { area: square(1_000_001) }, "box-area-outside box.area[0]"],
    [
      "0.01 dB too strong",
      { limits: [{ ...eirp, centiDbm: 4701 }] },
      "power-limit-exceeded box.limits[0].centiDbm",
    ],
    ["without the limit", { limits: [] }, "power-limit-missing box.limits"],
    ["of another class", { commodityClass: "campus-3701" }, "box-class-mismatch box.commodityClass"],
  ])("is refused %s, and named", (_, change, expected) => {
    expect(named({ ...campus, ...change }, campus)).toEqual([expected]);
  });

  test("admits one unit inside in every dimension", () => {
    const smaller = {
      ...campus,
      lowerHz: campus.lowerHz + 1,
      upperHz: campus.upperHz - 1,
      fromUs: campus.fromUs + 1,
      untilUs: campus.untilUs - 1,
      area: square(999_999),
      limits: [{ ...eirp, centiDbm: 4699 }],
    };
    expect(boxInside(smaller, campus, "box")).toEqual([]);
    expect(boxInside(campus, smaller, "box")).toHaveLength(6);
  });

  test("reports what was measured beside what is required, all dimensions at once", () => {
    const child = { ...campus, upperHz: 3_810_000_000, untilUs: campus.untilUs + 5 };
    expect(boxInside(child, campus, "offer.block")).toEqual([
      {
        code: "box-frequency-outside",
        field: "offer.block.upperHz",
        measured: { upperHz: 3_810_000_000 },
        required: { upperHzMax: 3_800_000_000 },
      },
      {
        code: "box-time-outside",
        field: "offer.block.untilUs",
        measured: { untilUs: campus.untilUs + 5 },
        required: { untilUsMax: campus.untilUs },
      },
    ]);
  });
});

describe("a scope inside another", () => {
  const low = { ...campus, upperHz: 3_750_000_000 };
  const high = { ...campus, lowerHz: 3_750_000_000 };

  test("holds each of its boxes in one of the parent's, and none is needed for an empty scope", () => {
    expect(scopeInside([high, low], [low, high])).toEqual([]);
    expect(scopeInside([], [low])).toEqual([]);
    expect(scopeInside([], [])).toEqual([]);
  });

  test("refuses a box that only two boxes of the parent together would hold", () => {
    const found = scopeInside([low, campus], [low, high], "link.scope");
    expect(found).toEqual([
      {
        code: "box-frequency-outside",
        field: "link.scope[1].upperHz",
        measured: { upperHz: 3_800_000_000 },
        required: { upperHzMax: 3_750_000_000, parentBox: 0 },
      },
    ]);
  });

  test("names the reasons against the closest box of the parent only", () => {
    const far = { ...campus, lowerHz: 1, upperHz: 2, commodityClass: "other", area: square(10) };
    const child = { ...campus, upperHz: campus.upperHz + 7 };
    expect(scopeInside([child], [far, campus, far]).map(({ field, required }) => [field, required])).toEqual([
      ["scope[0].upperHz", { upperHzMax: campus.upperHz, parentBox: 1 }],
    ]);
  });

  test("names the first of several boxes that are equally close", () => {
    const child = { ...campus, area: square(1_000_001) };
    const parents = [campus, { ...campus, area: square(999_999) }, { ...child, upperHz: campus.upperHz - 1 }];
    expect(scopeInside([child], parents)).toMatchObject([
      { code: "box-area-outside", required: { parentBox: 0 } },
    ]);
    expect(scopeInside([child], parents.toReversed())).toMatchObject([
      { required: { parentBox: 0, upperHzMax: campus.upperHz - 1 } },
    ]);
  });

  test("refuses everything under a parent without boxes", () => {
    expect(scopeInside([campus], [])).toMatchObject([{ code: "scope-empty", field: "scope[0]" }]);
    expect(blockInsideScope(campus, [])).toMatchObject([{ code: "scope-empty", field: "block" }]);
  });

  test("lets a malformed box of the parent hold nothing", () => {
    const twisted = { ...campus, area: [0, 2, 1, 3].map((i) => square(2_000_000)[i] as Vertex) };
    expect(scopeInside([campus], [twisted])).toMatchObject([
      { code: "box-area-outside", measured: { parentArea: "polygon-self-intersecting" } },
    ]);
    expect(
      scopeInside([campus], [{ ...campus, lowerHz: campus.upperHz, upperHz: campus.lowerHz }]),
    ).toHaveLength(2);
    expect(scopeInside([campus], [twisted, campus])).toEqual([]);
  });
});

describe("the form of a scope", () => {
  const ring = (count: number, half: number): readonly Vertex[] =>
    Array.from({ length: count }, (_, i) => ({
      lonE7: Math.round(half * Math.cos((2 * Math.PI * i) / count)),
      latE7: Math.round(half * Math.sin((2 * Math.PI * i) / count)),
    }));

  test("holds 64 boxes and 512 vertices, neither 65 nor 513", () => {
    const boxes = (count: number, vertices: number) =>
      Array.from({ length: count }, () => ({ ...campus, area: ring(vertices, 1_000_000) }));
    expect(checkScope(boxes(64, 8))).toEqual([]);
    expect(checkScope(boxes(65, 3))).toMatchObject([{ code: "scope-box-count", measured: { boxes: 65 } }]);
    const over = [...boxes(63, 8), ...boxes(1, 9)];
    expect(checkScope(over)).toMatchObject([
      { code: "scope-vertex-count", measured: { vertices: 513 }, required: { verticesMax: 512 } },
    ]);
    expect(scopeInside(over, over)).toMatchObject([{ code: "scope-vertex-count" }]);
    expect(checkScope(boxes(1, 121))).toMatchObject([
      { code: "polygon-vertex-count", field: "scope[0].area" },
    ]);
  });

  test("refuses empty and backward intervals, and tells all of them", () => {
    const backward = { ...campus, lowerHz: 5, upperHz: 5, fromUs: 9, untilUs: 8 };
    expect(checkScope([campus, backward]).map(({ code, field }) => `${code} ${field}`)).toEqual([
      "box-frequency-empty scope[1].upperHz",
      "box-time-empty scope[1].untilUs",
    ]);
    expect(blockInsideScope(backward, [campus], "block")).toHaveLength(2);
  });

  test("answers the largest scopes against each other, where nothing fits, with one reason a box", () => {
    const child = Array.from({ length: 64 }, (_, i) => ({ ...campus, area: ring(8, 2_000_000 + i) }));
    const parent = Array.from({ length: 64 }, (_, i) => ({ ...campus, area: ring(8, 1_000_000 + i) }));
    expect(scopeInside(child, parent)).toHaveLength(64);
    expect(scopeInside(parent, child)).toEqual([]);
  });
});

describe("against every cell of a small world", () => {
  type Small = { readonly box: Box; readonly cells: ReadonlySet<string>; readonly centiDbm: number };
  const SHAPES: readonly (readonly (readonly [number, number])[])[] = [
    [
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
    ],
    [
      [0, 0],
      [1, 0],
      [0, 1],
    ],
    [[0, 0]],
    [[1, 1]],
    [
      [0, 0],
      [1, 0],
    ],
    [
      [0, 0],
      [1, 0],
      [2, 0],
      [0, 1],
      [2, 1],
    ],
  ];

  function small(random: (below: number) => number): Small {
    const [low, from, east, north] = [random(3), random(3), random(2), random(2)];
    const [high, until] = [low + 1 + random(3 - low), from + 1 + random(3 - from)];
    const shape = (SHAPES[random(SHAPES.length)] as (typeof SHAPES)[number]).map(
      ([x, y]) => [x + east, y + north] as const,
    );
    const [centiDbm, commodityClass] = [random(3), ["a", "b"][random(8) === 0 ? 1 : 0] as string];
    const cells = new Set<string>();
    for (let f = low; f < high; f++) {
      for (let t = from; t < until; t++)
        for (const [x, y] of shape) cells.add([f, t, x, y, commodityClass].join());
    }
    const limits = [{ ...eirp, centiDbm }];
    const area = outline(shape);
    return {
      box: { lowerHz: low, upperHz: high, fromUs: from, untilUs: until, area, limits, commodityClass },
      cells,
      centiDbm,
    };
  }

  const within = (child: Small, parent: Small) =>
    child.centiDbm <= parent.centiDbm && [...child.cells].every((cell) => parent.cells.has(cell));

  test("agrees on 100,000 pairs of boxes", () => {
    const random = seeded(17);
    const all = Array.from({ length: 4000 }, () => small(random));
    const counts = { inside: 0, outside: 0 };
    for (let i = 0; i < 100_000; i++) {
      const [child, parent] = [all[random(all.length)] as Small, all[random(all.length)] as Small];
      const expected = within(child, parent);
      if ((boxInside(child.box, parent.box, "box").length === 0) !== expected)
        expect.fail(JSON.stringify([child, parent]));
      counts[expected ? "inside" : "outside"]++;
    }
    expect(counts.inside).toBeGreaterThan(500);
  });

  test("agrees on 5,000 scopes of up to four boxes, and names exactly the boxes that lie in none", () => {
    const random = seeded(19);
    const all = Array.from({ length: 2000 }, () => small(random));
    const scope = () => Array.from({ length: 1 + random(4) }, () => all[random(all.length)] as Small);
    const counts = { inside: 0, outside: 0 };
    for (let i = 0; i < 5000; i++) {
      const [child, parent] = [scope().slice(0, 2), scope()];
      const expected = child.flatMap((box, at) => (parent.some((other) => within(box, other)) ? [] : [at]));
      const found = scopeInside(
        child.map(({ box }) => box),
        parent.map(({ box }) => box),
      );
      const boxes = [...new Set(found.map(({ field }) => Number(/^scope\[(\d+)\]/.exec(field)?.[1])))];
      expect(boxes).toEqual(expected);
      for (const at of expected) {
        const fewest = Math.min(
          ...parent.map(({ box }) => boxInside((child[at] as Small).box, box, "").length),
        );
        expect(found.filter(({ field }) => field.startsWith(`scope[${at}]`))).toHaveLength(fewest);
      }
      counts[expected.length === 0 ? "inside" : "outside"]++;
    }
    expect(counts.inside).toBeGreaterThan(50);
  });

  /** Walks around the unit squares, keeping them on the left. */
  function outline(cells: readonly (readonly [number, number])[]): readonly Vertex[] {
    const next = new Map<string, readonly [number, number]>();
    const has = (x: number, y: number) => cells.some(([cx, cy]) => cx === x && cy === y);
    for (const [x, y] of cells) {
      if (!has(x, y - 1)) next.set([x, y].join(), [x + 1, y]);
      if (!has(x + 1, y)) next.set([x + 1, y].join(), [x + 1, y + 1]);
      if (!has(x, y + 1)) next.set([x + 1, y + 1].join(), [x, y + 1]);
      if (!has(x - 1, y)) next.set([x, y + 1].join(), [x, y]);
    }
    const [start] = [...next.values()];
    const found: Vertex[] = [];
    for (
      let at = start as readonly [number, number];
      found.length < next.size;
      at = next.get(at.join()) as typeof at
    ) {
      found.push({ lonE7: at[0], latE7: at[1] });
    }
    return found;
  }
});
