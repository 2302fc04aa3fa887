/** Runs a seeded simulation with the shipped bench policy and commodity. */
import { loadCommodity, loadPolicy } from "../profile/load.ts";
import { shippedFile } from "../profile/shipped-file.ts";
import {
  type SimulationOptions,
  type SimulationParts,
  type SimulationReport,
  simulate,
} from "../sim/simulation.ts";
import { openSimulatedWorld, settlePromises } from "./simulated-world.ts";

/** What a caller may add to a world. */
export type SimulationExtras = Partial<Pick<SimulationParts, "onProgress" | "isInterrupted" | "invariants">>;

export function runSimulation(
  options: SimulationOptions,
  extras: SimulationExtras = {},
): Promise<SimulationReport> {
  return simulate(options, {
    onProgress: () => {},
    isInterrupted: () => false,
    ...extras,
    openWorld: openSimulatedWorld,
    settle: settlePromises,
    ground: shippedGround(),
    onDefect(tell) {
      process.on("unhandledRejection", tell);
      return () => void process.off("unhandledRejection", tell);
    },
  });
}

function shippedGround(): SimulationParts["ground"] {
  const policy = loadPolicy(shippedFile("profiles/policies/bench-cabled.yaml"));
  const commodity = loadCommodity(shippedFile("profiles/commodities/spectrum-block.yaml"));
  if (!policy.ok || !commodity.ok) throw new Error("the shipped policy and commodity load");
  return { policy: policy.policy.body, schema: commodity.commodity.body };
}
