/** Mistakes in counting budgets, written from the protocol and the agent alone. */
import type { PlantedBug } from "./planted-bug.ts";

export const budgetBugs: readonly PlantedBug[] = [
  {
    name: "budget-one-too-many",
    promise: "§7: exact at the boundary, and exhaustion suspends",
    file: "src/core/agent/budgeting.ts",
    find: "if (used + use <= allowed && !isSuspended(turn, facts.authority, term)) continue;",
    replace: "if (used <= allowed) continue;",
  },
  {
    name: "budget-refilled-at-restart",
    promise: "§7: a restart refills nothing",
    file: "src/core/agent/agent.ts",
    find: `    durable,
    provisional: cloneState(durable),`,
    replace: `    durable: Object.assign(durable, { uses: { uses: [], timeUs: 0, anchor: null }, suspensions: new Map() }),
    provisional: cloneState(durable),`,
  },
  {
    name: "budget-by-credential",
    promise: "§7: use is counted in the subject's lineage, never by credential or key",
    file: "src/core/budget/facts.ts",
    find: "authority: toHex(credential.header.lineage),",
    replace: "authority: toHex(credential.id),",
  },
];
