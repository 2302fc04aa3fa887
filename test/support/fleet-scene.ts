/** One scenario in a fleet of its own; at its end everything that must hold is held against what was left behind. */
import { expect } from "vitest";
import type { EmissionInterval } from "../../hardware/world/transmit-log.ts";
import { type Fleet, type FleetPlan, startFleet, type Template } from "./fleet.ts";
import { allocationFaults, emissionFaults, type Logs, lostFaults, pairFaults } from "./fleet-invariants.ts";
import { type Witness, witnessOf } from "./fleet-witness.ts";

export type Scene = { readonly fleet: Fleet; readonly witness: Witness };

export type Aftermath = Logs & { readonly intervals: readonly EmissionInterval[] };

export type Stage = (scenario: (scene: Scene) => Promise<void>, changes?: FleetPlan) => Promise<Aftermath>;

/** For the test's own limit: it counts while the scenario waits for its turn. */
export const SCENARIO_MS_MAX = 300_000;
/** How long the two may take to hold what either of them holds, once both run and reach each other. */
const AGREE_MS_MAX = 20_000;
/** Fleets that run at the same time: each is five processes or more. */
const FLEETS_MAX = 3;

/** Scenarios of one file, at most FLEETS_MAX at a time. */
export function stage(template: () => Template): Stage {
  const queued: (() => void)[] = [];
  let running = 0;
  return async (scenario, changes) => {
    while (running >= FLEETS_MAX) await new Promise<void>((free) => queued.push(free));
    running += 1;
    try {
      const fleet = await startFleet(template(), changes);
      try {
        return await play(fleet, scenario);
      } finally {
        await fleet.leave();
      }
    } finally {
      running -= 1;
      queued.shift()?.();
    }
  };
}

async function play(fleet: Fleet, scenario: (scene: Scene) => Promise<void>): Promise<Aftermath> {
  const witness = await witnessOf(fleet.broker.port);
  await scenario({ fleet, witness });
  await agreement(fleet);
  await witness.close();
  const logs = await fleet.logs();
  const { damage, intervals } = fleet.transmitLog();
  expect(damage).toBeNull();
  expect(intervals.length).toBeGreaterThan(0);
  expect(emissionFaults(logs, intervals)).toEqual([]);
  expect(pairFaults(logs)).toEqual([]);
  expect(lostFaults(logs, witness.heard)).toEqual([]);
  expect(await allocationFaults(logs)).toEqual([]);
  expect([logs.holder.tail.kind, logs.consumer.tail.kind]).toEqual(["clean", "clean"]);
  return { ...logs, intervals };
}

/** Waits until nothing is open between the two; what stays open is found in their logs. */
async function agreement({ eventually, holder, consumer }: Fleet): Promise<void> {
  const agreed = async (): Promise<true | null> => {
    const logs = { holder: await holder.logSoFar(), consumer: await consumer.logSoFar() };
    return pairFaults(logs).length === 0 ? true : null;
  };
  await eventually("both to hold what either holds", agreed, AGREE_MS_MAX).catch(() => undefined);
}
