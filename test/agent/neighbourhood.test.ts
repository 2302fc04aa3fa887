/** An agent subscribes where it is, and anew where it goes (DESIGN §5). */
import { describe, expect, test } from "vitest";
import { health } from "../../src/agent/health.ts";
import { neighbourhood } from "../../src/agent/neighbourhood.ts";
import type { PlaceEvidence } from "../../src/core/record/shared-fields.ts";
import { settled } from "../hardware/world/virtual-clock.ts";
import { named } from "../support/scripted-keys.ts";
import { scriptedMesh } from "../support/scripted-ports.ts";

const place = (latE7: number): PlaceEvidence => ({
  latE7,
  lonE7: 0,
  heightMm: 0,
  horizontalErrorMm: 1,
  verticalErrorMm: 1,
  assurance: "gnss",
  ageUs: 0,
});

function bench() {
  const mesh = scriptedMesh();
  const state = health(() => {});
  let arrivals = 0;
  const around = neighbourhood({
    mesh,
    health: state,
    lineage: named("own"),
    cellsAround: (latE7) => [`cell${Math.floor(latE7 / 10)}`, "cellnear"],
    eligibilityClasses: ["scene"],
    onArrived: () => {
      arrivals += 1;
    },
  });
  return { mesh, state, around, arrivals: () => arrivals };
}

describe("neighbourhood", () => {
  test("is nowhere before the first place, and asks for nothing", () => {
    const { around, mesh } = bench();
    around.follow(null);
    expect(around.cell()).toBe("nowhere");
    expect(mesh.subscriptions).toEqual([]);
  });

  test("subscribes once a cell, to the own inbox and the classes around, and tells that it arrived", async () => {
    const { around, mesh, arrivals } = bench();
    around.follow(place(5));
    around.follow(place(6));
    await settled();
    expect(around.cell()).toBe("cell0");
    expect(mesh.subscriptions).toHaveLength(1);
    expect(mesh.subscriptions[0]?.some((each) => each.includes("cell0/scene"))).toBe(true);
    expect(arrivals()).toBe(1);
    around.follow(place(15));
    await settled();
    expect(around.cell()).toBe("cell1");
    expect(mesh.subscriptions).toHaveLength(2);
    expect(arrivals()).toBe(2);
  });

  test("a subscription that failed shows in the health and is tried again at the next place", async () => {
    const { around, mesh, state, arrivals } = bench();
    mesh.failures = 1;
    around.follow(place(5));
    await settled();
    expect(state.reasons()).toEqual({ mesh: "mesh-down: no connection" });
    expect(arrivals()).toBe(0);
    around.follow(place(5));
    await settled();
    expect(mesh.subscriptions).toHaveLength(1);
    expect(arrivals()).toBe(1);
  });
});
