/** Ids of fleets: profiles that an operator signs, hosts that are enrolled by a list (DESIGN §4). */
import type { CodeRoom } from "./entry.ts";

export const fleetCodes: CodeRoom = {
  "profile-operator": {
    means:
      "A profile or an enrolment is signed by another operator than the one that this host obeys, or nobody says whom it obeys.",
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
    means:
      "The profile or enrolment is not what its operator signed: its bytes, the keys or the signatures are others.",
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
  "csv-syntax": {
    means: "A table is not well-formed CSV: a quote is not closed, or stands where none may.",
    measured: [],
    required: [],
    do: "Mend the line that is named: cells with commas, quotes or line ends stand in quotes, and quotes in them twice.",
    clause: "RFC 4180 §2",
    exit: 78,
  },
  "fleet-host-twice": {
    means: "Two rows of a fleet's list name one host, one request, one endorsement key or one lineage.",
    measured: ["same"],
    required: ["row"],
    do: "Leave one of the rows; two hosts with one endorsement key are one host, or one of them is a copy.",
    clause: "PROTOCOL §3 device binding",
    exit: 4,
  },
  "fleet-outside-scope": {
    means: "A host of the fleet stands outside every area of the grant that it would be given.",
    measured: ["latE7", "lonE7"],
    required: ["areas"],
    do: "Correct the position in its row, or grant an area in which the host stands.",
    clause: "PROTOCOL §3 Scope",
    exit: 4,
  },
  "fleet-key-mismatch": {
    means: "The endorsement key in a host's request is not the one that the list names for this host.",
    measured: ["found"],
    required: ["expected"],
    do: "Find out whose request it is: the list says what was delivered, the request what answers there.",
    clause: "PROTOCOL §3 device binding",
    exit: 4,
  },
  "fleet-folder-stands": {
    means: "There is something already where a fleet's enrolments, or a host's own, would be written.",
    measured: ["files"],
    required: ["filesMax"],
    do: "Name another folder, or move away what stands there.",
    clause: "DESIGN §4",
    exit: 78,
  },
  "enrolment-other-host": {
    means: "The enrolment was made for another host: another TPM, another lineage, or another key.",
    measured: ["found"],
    required: ["expected"],
    do: "Bring the file that bears this host's name; after a new request, have the host enrolled anew.",
    clause: "PROTOCOL §3 device binding; TPM 2.0 part 1 §24",
    exit: 78,
  },
  "enrolment-damaged": {
    means:
      "The TPM gave out the secret, and the enrolment does not open with it: something in the file was changed.",
    measured: ["bytes"],
    required: ["host"],
    do: "Bring the file again, as the desk wrote it.",
    clause: "DESIGN §4",
    exit: 78,
  },
  "enrolment-other-place": {
    means:
      "The fleet's profile names another state folder or another TPM than the profile that made this host's request.",
    measured: ["found"],
    required: ["expected"],
    do: "Let both profiles say the same there: key and lineage of this host lie where its own profile says.",
    clause: "DESIGN §4",
    exit: 78,
  },
  "enrolment-no-lineage": {
    means:
      "This host has no log at the place that its profile names: its request was made elsewhere, or its state is gone.",
    measured: ["files"],
    required: ["filesMin"],
    do: "Give the profile of `authority request`; if the state is lost, make a new request and have the host enrolled anew.",
    clause: "PROTOCOL §2 Identity",
    exit: 78,
  },
};
