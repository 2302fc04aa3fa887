/** How often what was refused, for `status` (src/agent/refusal-counts). */
import { describe, expect, test } from "vitest";
import { refusalCounts } from "../../src/agent/refusal-counts.ts";
import type { Note } from "../../src/core/agent/effect.ts";
import { rejection } from "../../src/core/base/rejection.ts";

const refused = (...codes: readonly string[]): Note => ({
  what: "refused",
  subject: null,
  rejections: codes.map((code) => rejection(code, "", {}, {})),
});

describe("refusalCounts", () => {
  test("counts every finding of every refusal, the most frequent first, and no other note", () => {
    const counts = refusalCounts();
    counts.add(refused("not-entitled"));
    counts.add(refused("not-assured", "not-entitled"));
    counts.add(refused());
    counts.add({ what: "dropped", code: "queue-full", count: 3 });
    expect(Object.entries(counts.byCode())).toEqual([
      ["not-entitled", 2],
      ["not-assured", 1],
    ]);
  });

  test("a peer that invents ids cannot make the table grow: what is beyond is counted together", () => {
    const counts = refusalCounts();
    for (let i = 0; i < 1000; i += 1) counts.add(refused(`invented-${i}`));
    counts.add(refused("invented-3"));
    const byCode = counts.byCode();
    expect(Object.keys(byCode)).toHaveLength(65);
    expect(byCode["other"]).toBe(1000 - 64);
    expect(byCode["invented-3"]).toBe(2);
  });
});
