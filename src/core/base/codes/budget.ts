/** Ids of budgets and of ceilings on what is held at one time (PROTOCOL §7). */
import type { CodeRoom } from "./entry.ts";

export const budgetCodes: CodeRoom = {
  "holdings-ceiling": {
    means:
      "With this block the consumer would hold more bandwidth at one time than it may, over all sellers.",
    measured: ["heldHz", "widthHz"],
    required: ["holdingsMaxHz", "by"],
    do: "Accept a narrower block, or one at another time; or relinquish a lease first.",
    clause: "PROTOCOL §7 Holdings; 47 CFR 96.31",
    exit: 4,
  },
  "holdings-full": {
    means: "The agent holds as much as one acceptance can state; more would have to be left out of it.",
    measured: ["holdings"],
    required: ["holdingsMax"],
    do: "Relinquish a lease that is no longer needed, or wait until one ends.",
    clause: "PROTOCOL §7: an acceptance states all current holdings",
    exit: 4,
  },
};
