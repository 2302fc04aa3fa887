/** Mistakes about directives, written from the protocol and the agent alone. */
import type { PlantedBug } from "./planted-bug.ts";

export const preemptionBugs: readonly PlantedBug[] = [
  {
    name: "directive-mutes-after-the-append",
    by: ["silent-at-once"],
    promise: "§7, §2: switching off acts first and is recorded afterwards",
    file: "src/core/agent/preempting.ts",
    find: "      silence(turn, lease, standing, isNew);",
    replace: `      if (lease.preemptions.some(({ directive }) => equalBytes(directive.id, standing.directive.id)))
        silence(turn, lease, standing, isNew);`,
  },
  {
    name: "directive-obeyed-out-of-scope",
    by: ["obeyed-only-where-entitled"],
    promise: "§7, §3: a directive reaches no further than its author's scope",
    file: "src/core/preemption/entitlement.ts",
    find: "return found.length > 0 ? found : outside(directive.body, last.body);",
    replace: "return found;",
  },
  {
    name: "directive-of-any-level-obeyed",
    by: ["obeyed-only-where-entitled"],
    seeds: 8,
    promise: "§7, §4: only a level whose response is obey silences radios",
    file: "src/core/preemption/entitlement.ts",
    find: 'if (response !== "obey") {',
    replace: 'if (response === "none") {',
  },
  {
    name: "directive-without-the-verb-obeyed",
    by: ["obeyed-only-where-entitled"],
    seeds: 8,
    promise: "§3: a credential entitles to its verbs and no other",
    file: "src/core/preemption/entitlement.ts",
    find: 'if (!verbs.includes("preempt")) {',
    replace: "if (verbs.length === 0) {",
  },
  {
    name: "directive-beyond-its-budget-obeyed",
    by: ["obeyed-only-where-entitled"],
    promise: "§7: directives are budgeted",
    file: "src/core/preemption/exposure.ts",
    find: "if (used <= allowed) return [];",
    replace: "if (used <= Number.MAX_SAFE_INTEGER) return [];",
  },
  {
    name: "directive-that-understates-obeyed",
    by: ["obeyed-only-where-entitled"],
    seeds: 8,
    promise: "§7: the remainder stands in each record, and receivers enforce what they saw",
    file: "src/core/preemption/exposure.ts",
    find: "if (said !== undefined && said.used >= used && said.allowed === allowed) return [];",
    replace: "if (said !== undefined && said.allowed === allowed) return [];",
  },
  {
    name: "directive-of-any-root-obeyed",
    by: ["obeyed-only-where-entitled"],
    seeds: 12,
    promise: "§6 C, §7: a root of others has a say only as far as an own one recognises it",
    file: "src/core/preemption/reach.ts",
    find: "  if (root === undefined || isRooted(chain, roots) || standing.length === 0)",
    replace: `  if (root !== undefined) return { roots: [...roots, root], reach: null, faults: [] };
  if (root === undefined || isRooted(chain, roots) || standing.length === 0)`,
  },
  {
    name: "directive-over-other-spectrum",
    by: ["obeyed-only-where-entitled"],
    seeds: 12,
    promise: "§7: a root preempts what is let from its own spectrum, whoever recognises it",
    file: "src/core/preemption/reach.ts",
    find: "if (reach === null || !isRooted(seller, [reach.root])) return undefined;",
    replace: "if (reach === null || seller.links.length === 0) return undefined;",
  },
  {
    name: "renewed-under-a-directive",
    by: ["unrenewed-while-preempted"],
    seeds: 8,
    promise: "§7: while a directive stands its leases are silent, so nothing of them is renewed",
    file: "src/core/agent/holder-lease.ts",
    find: `  if (isPreempted(turn, lease)) {
    tellDirectives(turn, lease, request.header.lineage);`,
    replace: `  if (isPreempted(turn, lease) && lease.lastRenewal === null) {
    tellDirectives(turn, lease, request.header.lineage);`,
  },
];
