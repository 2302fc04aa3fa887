/** Mistakes in counting budgets, written from the protocol and the agent alone. */
import type { PlantedBug } from "./planted-bug.ts";

export const budgetBugs: readonly PlantedBug[] = [
  {
    name: "budget-one-too-many",
    by: ["budget-kept"],
    calm: true,
    promise: "§7: exact at the boundary, and exhaustion suspends",
    file: "src/core/agent/budgeting.ts",
    find: "return usedOf(uses, authority, term, timeOf(uses, at, agent.volatile.timeAnchor));",
    replace:
      "return Math.max(0, usedOf(uses, authority, term, timeOf(uses, at, agent.volatile.timeAnchor)) - 1);",
  },
  {
    name: "budget-refilled-at-restart",
    by: ["log-folds-to-the-state", "budget-kept"],
    promise: "§7: a restart refills nothing",
    file: "src/core/agent/agent.ts",
    find: `    durable,
    provisional: cloneState(durable),`,
    replace: `    durable: Object.assign(durable, { uses: { uses: [], timeUs: 0, anchor: null }, suspensions: new Map() }),
    provisional: cloneState(durable),`,
  },
  {
    name: "budget-pruned-too-early",
    by: ["budget-kept"],
    calm: true,
    promise: "§7: a use counts until its latest edge has left the window",
    file: "src/core/budget/use-book.ts",
    find: "each.latestUs + BUDGET_WINDOW_US_MAX > timeUs",
    replace: "each.latestUs + 45_000_000 > timeUs",
  },
  {
    name: "budget-by-credential",
    by: ["budget-kept"],
    unfound:
      "a holder is seldom given a new credential while its window is full, and its consumers refuse what it states of another authority",
    promise: "§7: use is counted in the subject's lineage, never by credential or key",
    file: "src/core/budget/facts.ts",
    find: "authority: toHex(credential.header.lineage),",
    replace: "authority: toHex(credential.id),",
  },
];
