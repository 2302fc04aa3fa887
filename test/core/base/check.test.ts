import { expect, test } from "vitest";
import { check, checkAll } from "../../../src/core/base/check.ts";
import { accept, refuse, rejection } from "../../../src/core/base/rejection.ts";

test("a check keeps what was measured and what is required, and refuses unless it says otherwise", () => {
  expect(check("late", "time", false, { skewUs: 3 }, { skewUsMax: 2 })).toEqual({
    code: "late",
    field: "time",
    passed: false,
    measured: { skewUs: 3 },
    required: { skewUsMax: 2 },
    otherwise: "refuse",
  });
  expect(check("late", "time", true, {}, {}, "defer").otherwise).toBe("defer");
});

test("many findings are as many failed checks, none is one that passed", () => {
  const found = [rejection("a", "x", { n: 1 }, { n: 0 }), rejection("b", "y", {}, {})];
  expect(checkAll("all", "z", found)).toEqual([
    { code: "a", field: "x", measured: { n: 1 }, required: { n: 0 }, passed: false, otherwise: "refuse" },
    { code: "b", field: "y", measured: {}, required: {}, passed: false, otherwise: "refuse" },
  ]);
  expect(checkAll("all", "z", [])).toEqual([check("all", "z", true, {}, {})]);
});

test("a result is a value, or every rejection", () => {
  expect(accept(5)).toEqual({ ok: true, value: 5 });
  const found = rejection("a", "x", {}, {});
  expect(refuse(found, found)).toEqual({ ok: false, rejections: [found, found] });
});
