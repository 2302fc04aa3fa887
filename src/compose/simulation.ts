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

export function runSimulation(
  options: SimulationOptions,
  onProgress: SimulationParts["onProgress"] = () => {},
): Promise<SimulationReport> {
  return simulate(options, {
    openWorld: openSimulatedWorld,
    settle: settlePromises,
    ground: shippedGround(),
    onProgress,
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
