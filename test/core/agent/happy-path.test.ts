/** From offer to RF on, effect by effect (PROTOCOL §2 Order, §6). */
import { expect, test } from "vitest";
import { equalBytes } from "../../../src/core/base/bytes.ts";
import { phaseOf } from "../../../src/core/settlement/lease.ts";
import { realKeys } from "../../support/scripted-keys.ts";
import { leaseAt, twoAgents } from "../../support/two-agents.ts";

test("two agents with real P-256 keys settle, derive the same bytes and transmit", () => {
  const scene = twoAgents({ scheme: realKeys() });
  const lease = scene.settle();
  const { holder, consumer } = scene;
  expect(phaseOf(lease)).toBe("effective");
  expect(phaseOf(leaseAt(holder, lease))).toBe("effective");
  expect(leaseAt(holder, lease).derived.bytes).toEqual(lease.derived.bytes);
  expect(consumer.radio.transmissions).toHaveLength(1);
  expect(equalBytes(consumer.radio.transmissions[0]?.artifact ?? new Uint8Array(), lease.derived.id)).toBe(true);
});
