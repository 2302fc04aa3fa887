import { expect, test } from "vitest";
import { AssertionError, assert, unreachable } from "../../../src/core/base/assert.ts";

test("an assertion that holds says nothing, one that does not says why it could not be", () => {
  expect(() => assert(true, "never")).not.toThrow();
  expect(() => assert(false, "a queue has room")).toThrow(new AssertionError("a queue has room"));
  expect(new AssertionError("x").name).toBe("AssertionError");
});

test("a case that no type allows is an assertion", () => {
  expect(() => unreachable("late" as never)).toThrow("no case for late");
});
