import { expect, test } from "vitest";
import { evaluate } from "../../../src/core/pairing/evaluate.ts";
import { pairOf, primitives } from "../../support/pair-builder.ts";

test("x", () => {
  const t = performance.now();
  const p = pairOf();
  console.log(performance.now() - t);
  const t2 = performance.now();
  for (let i = 0; i < 10; i++) pairOf();
  console.log((performance.now() - t2) / 10);
  const e = evaluate(p.offer, p.acceptance, p.context, p.bodies, primitives);
  if (!("derived" in e)) console.log(e.findings);
  expect(e.verdict).toBe("admit");
});
