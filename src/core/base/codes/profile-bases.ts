/** Ids of device profiles that extend others, and of what lint only warns of (DESIGN §4; src/profile/extends-entry.ts). */
import type { CodeRoom } from "./entry.ts";

export const profileBasesCodes: CodeRoom = {
  "extends-unknown": {
    means: "A base that a device profile extends is not shipped, or cannot be read.",
    measured: [],
    required: [],
    do: "Use one of the names that the message lists, or a path that ends in .yaml, from the folder of the file that writes it.",
    clause: "DESIGN §4",
    exit: 78,
  },
  "extends-cycle": {
    means: "A device profile extends itself, by way of its bases.",
    measured: [],
    required: [],
    do: "Take one of the files that the message names out of `extends`.",
    clause: "PROTOCOL §8: bounded by named counts",
    exit: 78,
  },
  "extends-depth": {
    means: "More bases stand below one another than the agent follows.",
    measured: [],
    required: [],
    do: "Let files name what they need side by side, in one list.",
    clause: "PROTOCOL §8: bounded by named counts",
    exit: 78,
  },
  "extends-count": {
    means: "A device profile extends more files than the agent reads, each counted as often as it is named.",
    measured: [],
    required: [],
    do: "Write bases together, or `profile resolve` some of them into one file.",
    clause: "PROTOCOL §8: bounded by named counts",
    exit: 78,
  },
  "extends-kind": {
    means: "A file that a device profile extends is of another kind: a policy, a commodity, a scenario.",
    measured: [],
    required: [],
    do: "Name device profiles only; policies are named under `policy`.",
    clause: "DESIGN §4",
    exit: 78,
  },
  "change-left": {
    means:
      "A shipped file marks what every site has to write for itself with CHANGE, and a mark is still there.",
    measured: [],
    required: [],
    do: "Write your own value, and take the mark away.",
    clause: "DESIGN §4",
    exit: null,
  },
  "verify-before-use": {
    means: "A document says of itself that nobody has checked its numbers against their sources yet.",
    measured: [],
    required: [],
    do: "Check every number, then write `verify-before-use: false` in a copy of your own.",
    clause: "DESIGN §4",
    exit: null,
  },
};
