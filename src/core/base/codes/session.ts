/** Ids of session keys: what one may sign, when, where in its lineage, and under which policy (PROTOCOL §10 Session keys). */
import type { CodeRoom } from "./entry.ts";

const CLAUSE = "PROTOCOL §10 Session keys";
const NOTHING =
  "Nothing here: the record is void. A stolen session key is one reason why such a record exists.";

export const sessionCodes: CodeRoom = {
  "session-certificate": {
    means:
      "A session key is certified without a time, without a policy, or to an end that has passed already.",
    measured: ["time", "policy", "untilUs"],
    required: ["untilUs", "policy"],
    do: "Nothing here: nobody could judge what such a key signs.",
    clause: CLAUSE,
    exit: 1,
  },
  "session-position": {
    means:
      "A session key signed at a place of its lineage where another key signs: before its certificate, or after the record that ended it.",
    measured: ["epoch", "seq"],
    required: ["signer"],
    do: NOTHING,
    clause: CLAUSE,
    exit: 1,
  },
  "session-kind": {
    means:
      "A session key signed a record of a kind that session keys, or those of this policy, may not sign.",
    measured: ["kind"],
    required: ["kind"],
    do: NOTHING,
    clause: CLAUSE,
    exit: 1,
  },
  "session-time": {
    means:
      "A session key signed a record without a time, or with one that is not wholly before the key's end.",
    measured: ["latestUs"],
    required: ["untilUs"],
    do: NOTHING,
    clause: CLAUSE,
    exit: 1,
  },
  "session-boot": {
    means: "A record says that it was made in another boot than the session key that signed it.",
    measured: ["bootId"],
    required: ["bootId"],
    do: NOTHING,
    clause: CLAUSE,
    exit: 1,
  },
  "session-policy": {
    means:
      "A record by a session key is not made under the policy that lets the key be, or that policy has no session keys or is not held here.",
    measured: ["policy"],
    required: ["policy"],
    do: "Compare both sides' policies: who does not hold the other's policy takes nothing by its session keys.",
    clause: CLAUSE,
    exit: 1,
  },
  "session-too-long": {
    means: "A session key is certified for longer than its policy lets it be.",
    measured: ["forUs"],
    required: ["forUsMax"],
    do: "Nothing here: the other side's agent does not keep to the policy that it names.",
    clause: CLAUSE,
    exit: 1,
  },
  "session-over": {
    means:
      "A record by a session key came after the key's end, by the receiver's own time, or while it had none.",
    measured: ["earliestUs"],
    required: ["untilUs"],
    do: "Its author says the same again by its device's key, or by its next session key.",
    clause: "PROTOCOL §2 How old is a record; §10 Session keys",
    exit: 1,
  },
  "session-stolen": {
    means:
      "A record by our present session key is about that this agent did not make: somebody else has that key.",
    measured: [],
    required: [],
    do: "Nothing at once: the key is ended by the device's own key. Find out who reads the memory of this host.",
    clause: CLAUSE,
    exit: null,
  },
  "session-first-renewal": {
    means:
      "The first renewal of a lease is signed by a session key: what lets RF go on for the first time is not its to say.",
    measured: [],
    required: ["signer"],
    do: NOTHING,
    clause: CLAUSE,
    exit: 1,
  },
};
