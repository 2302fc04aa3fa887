/** Maps the core's routes to topics, and knows what an agent has to subscribe to (DESIGN §5). */
import type { Route } from "../core/agent/effect.ts";
import {
  acknowledgementFilter,
  agentTopic,
  classFilter,
  classTopic,
  identityFilter,
  preemptionFilter,
  recognitionFilter,
  statusFilter,
} from "../core/wire/topic.ts";

/** Names of the cells around a place, the own one first; null while the place is unknown. */
export type CellsAround = (latE7: number, lonE7: number) => readonly string[];

export function topicOf(route: Route, own: Uint8Array, cell: string): string {
  switch (route.to) {
    case "class":
      return classTopic(cell, route.eligibilityClass, route.kind, own);
    case "agent":
      return agentTopic(route.lineage, "inbox");
    case "identity":
      return agentTopic(own, "identity");
  }
}

/** Own inbox, acknowledgements of own leases, everybody's identity and status, directives, recognitions, offers of own classes nearby. */
export function filtersFor(
  own: Uint8Array,
  cells: readonly string[],
  classes: readonly string[],
): readonly string[] {
  return [
    agentTopic(own, "inbox"),
    acknowledgementFilter(own),
    identityFilter(),
    statusFilter(),
    preemptionFilter(),
    recognitionFilter(),
    ...cells.flatMap((cell) => classes.map((each) => classFilter(cell, each))),
  ];
}
