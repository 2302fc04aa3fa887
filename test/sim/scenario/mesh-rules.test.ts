import { describe, expect, test } from "vitest";
import type { ScenarioFault } from "../../../src/profile/scenario.ts";
import type { FaultName } from "../../../src/profile/scenario-words.ts";
import { newChance } from "../../../src/sim/chance.ts";
import { newMeshRules } from "../../../src/sim/scenario/mesh-rules.ts";

describe("deliveries", () => {
  const rules = () =>
    newMeshRules([{ between: ["a", "b"], latencyUs: 90_000, loss: 0 }], newChance(1), (id) => id);
  const fault = (name: FaultName, more: Partial<ScenarioFault>): ScenarioFault => ({
    name,
    moment: { kind: "at", atUs: 0 },
    fault: name,
    host: "",
    from: "",
    lastsUs: null,
    northMm: 0,
    eastMm: 0,
    byUs: 0,
    driftPpm: 0,
    rateMmPerS: 0,
    takenUs: 0,
    share: 0,
    groups: [],
    ...more,
  });

  test("a link is late both ways, and nobody else's", () => {
    const { decide } = rules();
    for (const [from, to] of [
      ["a", "b"],
      ["b", "a"],
    ] as const) {
      expect(decide(from, to)).toHaveLength(1);
      expect(decide(from, to)[0]).toBeGreaterThanOrEqual(90_000);
    }
    expect(decide("a", "c")[0]).toBeLessThan(10_000);
  });

  test("replay doubles each delivery while it lasts, loss loses it", () => {
    const mesh = rules();
    const end = mesh.strike(fault("replay", { share: 10_000 }));
    expect(mesh.decide("a", "c")).toHaveLength(2);
    const found = mesh.strike(fault("loss", { share: 10_000 }));
    expect(mesh.decide("a", "c")).toEqual([]);
    found();
    end();
    expect(mesh.decide("a", "c")).toHaveLength(1);
  });

  test("a partition parts its groups, whoever is in none of them, and not the authority", () => {
    const mesh = rules();
    mesh.strike(fault("partition", { groups: [["a", "b"], ["c"]] }));
    expect(mesh.decide("a", "b")).toHaveLength(1);
    expect(mesh.decide("a", "c")).toEqual([]);
    expect(mesh.decide("d", "a")).toEqual([]);
    expect(mesh.decide("", "c")).toHaveLength(1);
  });
});
