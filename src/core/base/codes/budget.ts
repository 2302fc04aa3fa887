/** Ids of budgets and of ceilings on what is held at one time (PROTOCOL §7). */
import type { CodeRoom } from "./entry.ts";

export const budgetCodes: CodeRoom = {
  "budget-exhausted": {
    means: "The author's own budget has no room for this within its window, or stands suspended.",
    measured: ["used", "use"],
    required: ["allowed", "unit", "windowUs", "window"],
    do: "Wait until enough use has left the window; a resumption in the log says when. Or ask the issuer for a larger number.",
    clause: 'PROTOCOL §7; seed guide "Bounding against abuse"',
    exit: 4,
  },
  "budget-terms": {
    means: "More terms of the own credentials count this than one record can state.",
    measured: ["terms"],
    required: ["termsMax"],
    do: "Ask the issuer for fewer and wider terms, or use fewer credentials at one time.",
    clause: "PROTOCOL §7",
    exit: 4,
  },
  "budget-statement": {
    means: "What the author says of its budgets is not what its credentials give, or something is left out.",
    measured: ["credential", "term", "windowUs", "allowed", "stated"],
    required: ["stated", "unit", "windowUs", "allowed"],
    do: "Settle with somebody else; the record itself is the evidence.",
    clause: "PROTOCOL §6: the holder's statements of budget; §7",
    exit: 4,
  },
  "budget-overrun-seen": {
    means:
      "By its own words the holder is above its budget, or it says less than what was seen of its settlements here.",
    measured: ["used", "seen"],
    required: ["allowed", "unit", "windowUs", "window"],
    do: "Settle with somebody else; its settlements, held side by side, are the evidence.",
    clause: "PROTOCOL §7: receivers enforce what they saw, under another code",
    exit: 4,
  },
  "budget-given-away": {
    means:
      "The issuer's own budget has not so much left: the rest is others', until a window after their end.",
    measured: ["allowed"],
    required: ["unit", "windowUs", "allowedMax"],
    do: "Grant a smaller number, or wait until another credential's has come back; `authority list` shows them.",
    clause: "PROTOCOL §7: the issuer's book keeps the sum of its children within its own",
    exit: 4,
  },
  "holdings-given-away": {
    means: "The issuer's own ceiling on holdings has not so much left: the rest is others'.",
    measured: ["holdingsMaxHz"],
    required: ["holdingsMaxHz"],
    do: "Grant a lower ceiling, or wait until another credential ends.",
    clause: "PROTOCOL §7: an authority with several devices splits its ceiling",
    exit: 4,
  },
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
