/** Mistakes around a key that is rolled, and around another root that is recognised, written from the protocol and the agent alone. */
import type { PlantedBug } from "./planted-bug.ts";

export const keyBugs: readonly PlantedBug[] = [
  {
    name: "rolled-in-quarantine",
    by: ["quarantine-in-full"],
    promise: "§2: in a quarantine nothing is signed or appended",
    file: "src/agent/roll-key.ts",
    find: "const isMarked = (await store.readMark(QUARANTINE_MARK)) !== null;",
    replace: "const isMarked = (await store.readMark(QUARANTINE_MARK)) !== null && false;",
    seeds: 10,
  },
  {
    name: "signers-stored-once-met",
    by: ["logs-verify"],
    calm: true,
    promise: "§2: a copy of the log verifies alone, whoever rolled a key since it was met",
    file: "src/core/agent/agent.ts",
    find: "volatile.known.keyRecordsOf(header.lineage));",
    replace: "volatile.known.keyRecordsOf(header.lineage).slice(0, 1));",
  },
  {
    name: "recognition-never-ends",
    by: ["settled-only-where-recognised"],
    seeds: 20,
    promise: "§6 C: a root of others stands in for one's own for as long as its recognition says",
    file: "src/core/authority/recognition.ts",
    find: "fromUs <= earliestUs && latestUs < untilUs;",
    replace: "fromUs <= earliestUs && latestUs > 0;",
  },
];
