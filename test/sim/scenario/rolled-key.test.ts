/** Leases live on over a rotation of either party's key: one lineage, one lease, and RF back with a new renewal (PROTOCOL §2). */
import { expect, test } from "vitest";
import { failures, play, scenarioOf } from "../../support/scenario-file.ts";

const story = (faults: string, expectations: string): string => `schema: spectrum-agent.scenario/1
name: story
about: a test
duration: 45s
policy: bench-cabled
commodity: spectrum-block
agents:
  - {name: lender, role: holder, profile: bench-holder, place: {north: 0m}}
  - {name: taker, role: consumer, profile: bench-radio, place: {north: 5m}, accepts: []}
steps: [{name: buy, at: 5s, agent: taker, do: accept, resource: bench-433}]
faults: ${faults}
expectations: ${expectations}
`;

const LIVES_ON = `
  - {name: on the air before, expect: {agent: taker, radio: "on"}, at: 11s}
  - {name: one lease, expect: {settled: any, at-least: 1, at-most: 1}, at: 45s}
  - {name: nobody ends it, never: {agent: lender, records: lease-termination}}
  - {name: nobody gives it up, never: {agent: taker, records: relinquishment}}
  - {name: it verifies, expect: {audit: any, at-most: 0}, at: 45s}`;

test.each([["lender"], ["taker"]])(
  "%s rolls its key in mid-lease",
  async (who) => {
    const faults = `[{name: rolled, at: 12s, fault: key-rolled, host: ${who}}]`;
    const expectations = `${LIVES_ON}
  - {name: rolled once, expect: {agent: ${who}, records: key-rotation, at-least: 1, at-most: 1}, at: 45s}
  - {name: renewed by the new key, expect: {agent: lender, records: renewal, at-least: 5}, within: 15s, after: rolled}
  - {name: on the air again, always: {agent: taker, radio: "on"}, from: 20s}`;
    expect(failures(await play(scenarioOf(story(faults, expectations))))).toEqual([]);
  },
  60_000,
);

test("both roll theirs, one of them twice, and the lease is still the first one", async () => {
  const faults = `
  - {name: first, at: 12s, fault: key-rolled, host: lender}
  - {name: second, at: 12500ms, fault: key-rolled, host: taker}
  - {name: third, at: 20s, fault: key-rolled, host: lender}`;
  const expectations = `${LIVES_ON}
  - {name: rolled twice, expect: {agent: lender, records: key-rotation, at-least: 2, at-most: 2}, at: 45s}
  - {name: on the air again, always: {agent: taker, radio: "on"}, from: 30s}`;
  expect(failures(await play(scenarioOf(story(faults, expectations))))).toEqual([]);
}, 60_000);
