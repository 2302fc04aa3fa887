/** Ids of directives that silence radios, and of what they refuse (PROTOCOL §7 Preemption). */
import type { CodeRoom } from "./entry.ts";

export const preemptionCodes: CodeRoom = {
  "preemption-verb": {
    means: "The directive's author may do other things, and not preempt.",
    measured: ["verbs"],
    required: ["verb"],
    do: "Nothing falls silent for it. Ask who signed it; its author needs a credential with the verb `preempt`.",
    clause: "PROTOCOL §3, §7",
    exit: 4,
  },
  "preemption-level": {
    means: "Policy does not let directives of this level be obeyed.",
    measured: ["level", "response"],
    required: ["response"],
    do: "Nothing falls silent for it. Where it should, the policy's taxonomy has to say `obey` for that level.",
    clause: "PROTOCOL §4, §7: a level whose response is obey",
    exit: 4,
  },
  "preemption-time": {
    means: "The directive is of the future, is over, or ends before it begins.",
    measured: ["issuedUs", "untilUs"],
    required: ["earliestUs", "latestUs", "clockBoundUs"],
    do: "Nothing falls silent for it. Compare its author's clock and the own one.",
    clause: "PROTOCOL §7",
    exit: 4,
  },
  "preemption-scope": {
    means: "A zone of the directive reaches beyond what its author was given.",
    measured: ["code", "field"],
    required: ["scope"],
    do: "Nothing falls silent for any of its zones. Its author has to issue one inside its own scope.",
    clause: 'PROTOCOL §3 Scope, §7; seed guide "Bounding against abuse"',
    exit: 4,
  },
  "preemption-budget": {
    means:
      "What the directive says of its author's budgets is not what its credential and its other directives give.",
    measured: ["term", "used", "allowed"],
    required: ["usedMin", "allowed"],
    do: "Nothing falls silent for it; its author's directives, held side by side, are the evidence.",
    clause: "PROTOCOL §7: receivers enforce what they saw",
    exit: 4,
  },
  "preemption-over-budget": {
    means: "The directive's author has used up what it may preempt in its window.",
    measured: ["used"],
    required: ["allowed", "unit", "windowUs"],
    do: "Nothing falls silent for it. Its author has to wait for its window, or ask for a larger number.",
    clause: 'PROTOCOL §7: directives are budgeted; seed guide "Bounding against abuse"',
    exit: 4,
  },
  "preemption-leases": {
    means: "The directive hits more leases here than its author says that it does at most.",
    measured: ["leases"],
    required: ["leasesMax"],
    do: "Nothing falls silent for it. Its author has to state, and to have budget for, as many as it hits.",
    clause: "PROTOCOL §7: leases hit",
    exit: 4,
  },
  preempted: {
    means: "A directive that stands wants silence in this block.",
    measured: ["directive"],
    required: ["untilUs", "block"],
    do: "Take a block outside of its zones, or wait until it ends.",
    clause: "PROTOCOL §7 Preemption",
    exit: 4,
  },
};
