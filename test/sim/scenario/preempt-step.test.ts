/** The step `preempt`, and what the shipped story of a returning incumbent leaves in both parties' lineages. */
import { describe, expect, test } from "vitest";
import { nodeSignatures } from "../../../src/adapters/signatures/node-signatures.ts";
import { toHex } from "../../../src/core/base/bytes.ts";
import type { KindName } from "../../../src/core/record/kinds.ts";
import type { RecordOf } from "../../../src/core/record/record.ts";
import { recordOfBytes } from "../../../src/core/record/record-of-bytes.ts";
import type { ScenarioReport } from "../../../src/sim/scenario/report.ts";
import { play, scenarioOf, shippedText } from "../../support/scenario-file.ts";

const SECOND_US = 1_000_000;

describe("the incumbent that returns", () => {
  test("leaves in both lineages the state, the published cause, and the same figures of what is owed", async () => {
    const report = await play(scenarioOf(shippedText("incumbent-returns")));
    const [directive] = ownOf(report, "root", "preemption");
    const states = ownOf(report, "harbour", "lease-state");
    expect(states.map(({ body }) => body.state).sort()).toEqual(["suspended", "suspended", "terminated"]);
    for (const party of ["crane", "ferry", "barge"]) {
      const [own, ...more] = ownOf(report, party, "lease-state");
      expect(more).toEqual([]);
      const other = states.find(({ body }) => toHex(body.artifact) === toHex(own?.body.artifact ?? NONE));
      expect(own?.body).toEqual(other?.body);
      expect(own?.body).toMatchObject({ cause: "incumbent", settled: "refund" });
      expect(own?.body.directive).toEqual(directive?.id);
    }
    const [crane] = ownOf(report, "crane", "lease-state");
    // 30 of 300 s of a grant for 6 EUR.
    expect(crane?.body).toMatchObject({
      state: "suspended",
      unservedUs: 30 * SECOND_US,
      unservedMicroUnits: 600_000n,
    });
    expect(crane?.body.untilUs).toBe(directive?.body.untilUs);
    expect(ownOf(report, "ferry", "lease-state")[0]?.body).toMatchObject({
      state: "terminated",
      untilUs: null,
    });
    const ends = ownOf(report, "harbour", "lease-termination").map(({ body }) => body.reason);
    expect(ends).toEqual(["preempted"]);
  }, 60_000);
});

describe("the step preempt", () => {
  const file = shippedText("incumbent-returns");

  test("of one resource leaves the agent's other offers alone", async () => {
    const one = file.replace("do: preempt,", "do: preempt, resource: channel-1,");
    const report = await play(scenarioOf(one));
    const passed = new Map(report.results.map((each) => [each.name, each.passed]));
    expect(report.breach).toBeNull();
    expect(passed.get("the crane is silent at once")).toBe(true);
    expect(passed.get("the ferry is silent at once")).toBe(false);
    expect(ownOf(report, "ferry", "lease-state")).toEqual([]);
  }, 60_000);

  test("without an end and a cause terminates what it hits, and says nothing of its reason", async () => {
    const report = await play(
      scenarioOf(file.replace("for: 30s, cause: incumbent}", "resource: channel-1}")),
    );
    expect(report.breach).toBeNull();
    const [state] = ownOf(report, "crane", "lease-state");
    expect(state?.body).toMatchObject({ state: "terminated", cause: "unstated", untilUs: null });
  }, 60_000);
});

const NONE = new Uint8Array(32);

function ownOf<K extends KindName>(report: ScenarioReport, name: string, kind: K): readonly RecordOf<K>[] {
  const log = report.evidence?.logs.find((each) => each.name === name);
  return (log?.frames ?? []).flatMap((frame) => {
    const read = recordOfBytes(frame.bytes, primitives);
    if (frame.kind !== "own" || !read.ok || read.value.kind !== kind) return [];
    return [read.value as RecordOf<K>];
  });
}

const primitives = nodeSignatures();
