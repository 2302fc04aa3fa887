/** Ids of fleets: profiles that an operator signs, hosts that are enrolled by a list (DESIGN §4). */
import type { CodeRoom } from "./entry.ts";

export const fleetCodes: CodeRoom = {
  "profile-operator": {
    means:
      "A profile is signed by another operator than the one that this host obeys, or nobody says whom it obeys.",
    measured: ["operator"],
    required: ["operator"],
    do: "Give the inception record of the fleet's operator: as `operator.record` beside the profile, or by --operator.",
    clause: "DESIGN §4",
    exit: 78,
  },
  "profile-unsigned": {
    means: "This host takes profiles that its operator signed, and this one has no signature beside it.",
    measured: ["signature"],
    required: ["signature"],
    do: "Bring the `.signature` file that came with the profile; or say --unsigned, if it is your own.",
    clause: "DESIGN §4",
    exit: 78,
  },
  "profile-signature": {
    means: "The profile is not what its operator signed: its bytes, the keys or the signatures are others.",
    measured: ["valid", "records"],
    required: ["signatures", "records"],
    do: "Bring profile and signature again, as they were made; a signed profile is never edited on the host.",
    clause: "PROTOCOL §1 Signatures",
    exit: 78,
  },
  "profile-not-whole": {
    means: "A signed profile extends others, whose bytes nobody signed.",
    measured: ["files"],
    required: ["files"],
    do: "Sign what `profile resolve` writes: one file without `extends`.",
    clause: "DESIGN §4",
    exit: 78,
  },
};
