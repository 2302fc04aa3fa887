/** Two states are the same exactly where their dumps read the same (src/sim/state-dump.ts). */
import { expect, test } from "vitest";
import type { State } from "../../src/core/agent/state.ts";
import { dumpState, sameState } from "../../src/sim/state-dump.ts";
import { SECOND_US } from "../support/scripted-authority.ts";
import { twoAgents } from "../support/two-agents.ts";

/** A holder's state with a lease, and one that is given up. */
function livedThrough(): State {
  const scene = twoAgents({});
  scene.settle();
  scene.run(7 * SECOND_US);
  return scene.holder.agent().durable;
}

/** Calls `visit` for each way to change one leaf below `value`, and undoes the change after it. */
function eachChange(value: unknown, visit: () => void): void {
  if (value instanceof Uint8Array) {
    if (value.length === 0) return;
    value[0] = (value[0] ?? 0) ^ 1;
    visit();
    value[0] ^= 1;
  } else if (value instanceof Map) {
    for (const [key, each] of [...value]) {
      value.delete(key);
      visit();
      value.set(key, each);
      eachChange(each, visit);
    }
  } else if (value instanceof Set) {
    value.add("another");
    visit();
    value.delete("another");
  } else if (typeof value === "object" && value !== null) {
    changeFields(value as Record<string, unknown>, visit);
  }
}

function changeFields(object: Record<string, unknown>, visit: () => void): void {
  for (const [name, each] of Object.entries(object)) {
    if (typeof each === "object" && each !== null) {
      eachChange(each, visit);
      continue;
    }
    object[name] = typeof each === "number" ? each + 1 : `${String(each)}!`;
    visit();
    object[name] = each;
  }
}

test("sameState says the same as the dumps, for every leaf that is changed", () => {
  const [one, other] = [livedThrough(), structuredClone(livedThrough())];
  expect(sameState(one, other)).toBe(true);
  let told = 0;
  let changes = 0;
  const text = dumpState(one);
  eachChange(other, () => {
    changes += 1;
    const isSame = sameState(one, other);
    if (!isSame) told += 1;
    if (isSame !== (dumpState(other) === text)) expect.fail(`change ${changes}: sameState says ${isSame}`);
  });
  expect(sameState(one, other)).toBe(true);
  expect(changes).toBeGreaterThan(500);
  expect(told).toBeGreaterThan(100);
});
