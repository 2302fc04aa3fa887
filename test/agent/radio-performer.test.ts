/** Orders reach the radio, and what became of them comes back as inputs (PROTOCOL §6 The guard). */
import { describe, expect, test } from "vitest";
import { noFailpoints } from "../../src/agent/failpoints.ts";
import { health } from "../../src/agent/health.ts";
import { radioPerformer } from "../../src/agent/radio-performer.ts";
import type { Effect } from "../../src/core/agent/effect.ts";
import type { RadioReport } from "../../src/core/agent/input.ts";
import { settled, virtualClock } from "../hardware/world/virtual-clock.ts";
import { named } from "../support/scripted-keys.ts";
import { scriptedTransmitter } from "../support/scripted-ports.ts";

const DUTY_CYCLE = { lowerHz: 0, upperHz: 10 ** 9, shareCentiPercent: 100, windowUs: 60_000_000 };
const arm: Extract<Effect, { kind: "arm" }> = {
  kind: "arm",
  artifact: named("artifact"),
  actuation: named("actuation"),
  emission: { lowerHz: 433_000_000, upperHz: 433_025_000, eirpCentiDbm: 900, dutyCycles: [] },
  deadlineBootUs: 9_000_000,
};

function bench(withRadio = true) {
  const radio = scriptedTransmitter();
  const clock = virtualClock();
  const reports: RadioReport[] = [];
  const state = health(() => {});
  const perform = radioPerformer({
    radio: withRadio ? radio : null,
    clock,
    failpoints: noFailpoints,
    health: state,
    take: (input) => {
      if (input.kind === "radio") reports.push(input.report);
    },
  });
  return { radio, clock, reports, state, perform };
}

describe("the radio performer", () => {
  test("reports on with what was read back, and a match", async () => {
    const { perform, reports } = bench();
    perform(arm);
    await settled();
    const { artifact, actuation } = arm;
    expect(reports).toEqual([{ kind: "on", artifact, actuation, bootUs: 77, matches: true }]);
  });

  for (const [name, differs] of [
    ["silence", { on: false }],
    ["nothing read back", { emission: null }],
    ["another lower edge", { emission: { ...arm.emission, lowerHz: 1 } }],
    ["another upper edge", { emission: { ...arm.emission, upperHz: 1 } }],
    ["another duty cycle", { emission: { ...arm.emission, dutyCycles: [DUTY_CYCLE] } }],
    ["more power", { emission: { ...arm.emission, eirpCentiDbm: 901 } }],
  ] as const) {
    test(`${name} is no match`, async () => {
      const { perform, reports, radio } = bench();
      radio.differs = differs;
      perform(arm);
      await settled();
      expect(reports[0]).toMatchObject({ kind: "on", matches: false });
    });
  }

  test("less power than ordered is a match", async () => {
    const { perform, reports, radio } = bench();
    radio.differs = { emission: { ...arm.emission, eirpCentiDbm: 100 } };
    perform(arm);
    await settled();
    expect(reports[0]).toMatchObject({ matches: true });
  });

  test("a refused order is reported failed with the device's code, and shows in the health", async () => {
    const { perform, reports, radio, state } = bench();
    radio.faults.push("radio-deadline-passed");
    perform(arm);
    await settled();
    expect(reports[0]).toMatchObject({ kind: "failed", code: "radio-deadline-passed" });
    expect(state.reasons()).toEqual({ radio: "radio-deadline-passed: as scripted" });
  });

  test("an extension that is refused only shows in the health: the guard's own event tells the rest", async () => {
    const { perform, reports, radio, state } = bench();
    radio.faults.push("radio-not-armed");
    perform({ kind: "extend", artifact: arm.artifact, deadlineBootUs: 10 });
    await settled();
    expect(radio.orders).toEqual(["extend 10"]);
    expect(reports).toEqual([]);
    expect(state.reasons()).toHaveProperty("radio");
  });

  test("an order that a mute overtook is reported failed, and is no fault of the radio", async () => {
    const { perform, reports, radio, state } = bench();
    radio.faults.push("radio-superseded", "radio-superseded");
    perform(arm);
    perform({ kind: "extend", artifact: arm.artifact, deadlineBootUs: 10 });
    await settled();
    expect(reports).toMatchObject([{ kind: "failed", code: "radio-superseded" }]);
    expect(state.reasons()).toEqual({});
  });

  test("muting reports when silence was certain and how long it took", async () => {
    const { perform, reports } = bench();
    perform({ kind: "mute", reason: "operator" });
    expect(reports).toEqual([]);
    await settled();
    expect(reports).toEqual([{ kind: "muted", mutedBootUs: 99, latencyUs: 5, reason: "operator" }]);
  });

  test("silence that could not be established is asked for until it is", async () => {
    const { perform, reports, radio, clock } = bench();
    radio.faults.push("radio-lost", "radio-lost", "radio-lost");
    perform({ kind: "mute", reason: "ended" });
    await clock.pass(1_000_000);
    expect(radio.orders).toEqual(["mute", "mute", "mute", "mute"]);
    expect(reports).toHaveLength(1);
  });

  test("without a radio an order to mute is answered, never inside the turn that gave it", async () => {
    const { perform, reports } = bench(false);
    perform({ kind: "mute", reason: "started" });
    perform(arm);
    expect(reports).toEqual([]);
    await settled();
    expect(reports).toMatchObject([{ kind: "muted", latencyUs: null, reason: "started" }]);
  });
});
