/** What a run on real drivers leaves out of a scenario, each by its name and with the reason. */
import type { Scenario, ScenarioFault } from "../../profile/scenario.ts";
import { FAULTS, type FaultWord } from "../../profile/scenario-words.ts";

export type Skipped = {
  readonly what: "fault" | "track" | "link" | "oscillator" | "invariants";
  readonly name: string;
  readonly reason: string;
};

const DEVICES = { tpm: "TPM", gnss: "receiver", radio: "transmitter" } as const;

/** In the order of the file. */
export function skippedParts({ agents, links, faults }: Scenario): readonly Skipped[] {
  const tracks = agents.filter(({ track }) => track.length > 1);
  const drifting = agents.filter(({ driftPpm }) => driftPpm !== 0);
  return [
    ...tracks.map(({ name }): Skipped => ({ what: "track", name, reason: TRACK })),
    ...drifting.map(({ name }): Skipped => ({ what: "oscillator", name, reason: "needs a simulated host" })),
    ...links.map(({ between }): Skipped => ({ what: "link", name: between.join(" to "), reason: MESH })),
    ...faults.map((fault): Skipped => ({ what: "fault", name: fault.name, reason: reasonOf(fault) })),
    { what: "invariants", name: "all", reason: "watched in simulated worlds only; the records are audited" },
  ];
}

const TRACK = "needs a simulated receiver: nobody carries the antenna";
const MESH = "needs the simulated mesh";

function reasonOf({ fault }: ScenarioFault): string {
  const { strikes, device }: FaultWord = FAULTS[fault];
  if (strikes === "mesh") return MESH;
  return `needs a simulated ${device === null ? "host" : DEVICES[device]}`;
}
