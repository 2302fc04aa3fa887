/** Mistakes about a word from above that a lease class asks for, written from the protocol alone. */
import type { PlantedBug } from "./planted-bug.ts";

export const oversightBugs: readonly PlantedBug[] = [
  {
    name: "duty-taken-for-a-notice",
    by: ["rf-only-acknowledged"],
    promise: "§6: where the class asks for it, an acknowledgement gates the radio",
    file: "src/core/agent/overseen.ts",
    find: `ruledBy(lease)?.oversight.duty === "acknowledged"`,
    replace: `ruledBy(lease)?.oversight.duty === "notified"`,
  },
  {
    name: "acknowledgement-of-any-record",
    by: ["rf-only-acknowledged"],
    promise: "§6: an acknowledgement names the holder's settlement of this lease",
    file: "src/core/authority/oversight.ts",
    find: "!equalBytes(body.artifact, artifact) || !equalBytes(body.record, holderSettlement.id)",
    replace: "!equalBytes(body.artifact, artifact)",
  },
  {
    name: "acknowledgement-at-any-level",
    by: ["rf-only-acknowledged"],
    promise: "§6: it is the word of the level that policy names, or of one above it",
    file: "src/core/authority/oversight.ts",
    find: "rank < rankMin)",
    replace: "rank < 0)",
  },
  {
    name: "acknowledgement-of-another-root",
    by: ["rf-only-acknowledged"],
    promise: "§6: its author's chain ends in a root of the context, and those are the seller's",
    file: "src/core/authority/oversight.ts",
    find: "const { roots } = holderSettlement.body.context;",
    replace: "const roots = [chain.links.at(-1)?.header.lineage ?? artifact];",
  },
];
