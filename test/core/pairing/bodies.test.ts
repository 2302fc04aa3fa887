import { expect, test } from "vitest";
import { bodiesFrom, bodyOf } from "../../../src/core/pairing/bodies.ts";
import { named, party, record } from "../../support/pair-builder.ts";

const withdrawal = record("withdrawal", party("author"), { offer: named("offer"), reason: "" });
const bodies = bodiesFrom([withdrawal]);

test("a record is found by its id, and by another array with the same bytes", () => {
  expect(bodies.get(withdrawal.id)).toBe(withdrawal);
  expect(bodyOf(bodies, "withdrawal", Uint8Array.from(withdrawal.id))).toBe(withdrawal);
});

test("under another kind, or another id, there is none", () => {
  expect(bodyOf(bodies, "offer", withdrawal.id)).toBeUndefined();
  expect(bodyOf(bodies, "withdrawal", named("another"))).toBeUndefined();
  expect(bodiesFrom([]).get(withdrawal.id)).toBeUndefined();
});
