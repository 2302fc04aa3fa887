import { expect, test } from "vitest";
import { waitMs } from "../../src/cli/wall-pace.ts";

test("a run that is ahead of the wall's clock waits for it, and one that is behind does not", () => {
  expect(waitMs(2_000_000, 500)).toBe(1_500);
  expect(waitMs(2_000_000, 2_000)).toBe(0);
  expect(waitMs(2_000_000, 3_500)).toBe(0);
});
