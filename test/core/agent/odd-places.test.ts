/** Whatever a receiver says of its place, and however long it is silent, the agent goes on: without one (PROTOCOL §5). */
import { describe, expect, test } from "vitest";
import { ownPlace } from "../../../src/core/agent/own-evidence.ts";
import { SECOND_US } from "../../support/scripted-authority.ts";
import type { Host } from "../../support/scripted-host.ts";
import { twoAgents } from "../../support/two-agents.ts";

function placeOf(host: Host): ReturnType<typeof ownPlace> {
  return ownPlace({ agent: host.agent(), now: host.reading(), effects: [] });
}

describe("with RF on", () => {
  test("a height far below the ground is no place: RF goes off, and its end is recorded", () => {
    const scene = twoAgents();
    scene.settle();
    scene.consumer.now.fixSays = { heightMm: -50_000_000 };
    scene.run(8 * SECOND_US);
    expect(placeOf(scene.consumer)).toBeNull();
    expect(scene.consumer.radio.isOn()).toBe(false);
    expect(scene.consumer.written("actuation-outcome").at(-1)?.body.result).toBe("muted");
  });

  test("an error that has grown beyond the Earth is no place either, and records without one go on", () => {
    const scene = twoAgents({
      config: {
        placeRules: { speedMmPerS: 20_000_000_000, climbMmPerS: 0, transportUs: 0, unestimatedErrorMm: null },
      },
    });
    scene.consumer.now.fixes = false;
    scene.run(8 * SECOND_US);
    expect(placeOf(scene.consumer)).toBeNull();
    expect(scene.consumer.isRunning()).toBe(true);
  });
});
