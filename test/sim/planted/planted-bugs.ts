/** All planted bugs: what the simulation has to find. */
import { budgetBugs } from "./budget-bugs.ts";
import { dutyCycleBugs } from "./duty-cycle-bugs.ts";
import { hostBugs } from "./host-bugs.ts";
import { keyBugs } from "./key-bugs.ts";
import { knownBugs } from "./known-bugs.ts";
import { oversightBugs } from "./oversight-bugs.ts";
import type { PlantedBug } from "./planted-bug.ts";
import { policyBugs } from "./policy-bugs.ts";
import { preemptionBugs } from "./preemption-bugs.ts";
import { settlingBugs } from "./settling-bugs.ts";

export const plantedBugs: readonly PlantedBug[] = [
  ...settlingBugs,
  ...budgetBugs,
  ...policyBugs,
  ...keyBugs,
  ...oversightBugs,
  ...dutyCycleBugs,
  ...preemptionBugs,
  ...hostBugs,
  ...knownBugs,
];
