/** Mistakes about policies that follow one another, written from the protocol alone. */
import type { PlantedBug } from "./planted-bug.ts";

export const policyBugs: readonly PlantedBug[] = [
  {
    name: "policy-never-ends",
    by: ["policy-usable"],
    promise: "§4: a pair is judged under a policy only to the end that its successor states",
    file: "src/core/agent/policies.ts",
    find: "if (successor === undefined || untilUs < endUs) return [];",
    replace: "if (successor === undefined || untilUs < Number.POSITIVE_INFINITY) return [];",
  },
  {
    name: "policy-ends-by-offer",
    by: ["policy-usable"],
    promise: "§4: the usable interval contains the offer's time to the end of C's interval",
    file: "src/core/agent/policies.ts",
    find: "if (successor === undefined || untilUs < endUs) return [];",
    replace: "if (successor === undefined || (offer.header.time?.latestUs ?? untilUs) < endUs) return [];",
  },
];
