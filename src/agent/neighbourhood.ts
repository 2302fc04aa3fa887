/** Cells follow the place: an agent that moves into another subscribes anew (DESIGN §5). */
import type { PlaceEvidence } from "../core/record/shared-fields.ts";
import type { Mesh } from "../ports/mesh.ts";
import { PortError } from "../ports/port-error.ts";
import type { Health } from "./health.ts";
import { type CellsAround, filtersFor } from "./routes.ts";

export type NeighbourhoodParts = {
  readonly mesh: Mesh;
  readonly health: Health;
  readonly lineage: Uint8Array;
  readonly cellsAround: CellsAround;
  readonly eligibilityClasses: readonly string[];
  /** Subscriptions stand in the new cells. */
  readonly onArrived: () => void;
};

export type Neighbourhood = {
  /** The own cell, or `nowhere` before the first place. */
  cell(): string;
  follow(place: PlaceEvidence | null): void;
};

const NOWHERE = "nowhere";

export function neighbourhood(parts: NeighbourhoodParts): Neighbourhood {
  const { mesh, health, lineage, cellsAround, eligibilityClasses, onArrived } = parts;
  let cells: readonly string[] = [];

  async function subscribe(around: readonly string[]): Promise<void> {
    try {
      await mesh.subscribe(filtersFor(lineage, around, eligibilityClasses));
      onArrived();
    } catch (error) {
      if (!(error instanceof PortError)) throw error;
      cells = [];
      health.set("mesh", `${error.code}: ${error.message}`);
    }
  }

  return {
    cell: () => cells[0] ?? NOWHERE,
    follow(place) {
      if (place === null) return;
      const around = cellsAround(place.latE7, place.lonE7);
      if (around === cells) return;
      const isElsewhere = around.join(" ") !== cells.join(" ");
      // The same list, where the same place gives the same one: the next tick need not read it.
      cells = around;
      if (isElsewhere) void subscribe(around);
    },
  };
}
