/** Ids of trouble with the receiver's driver; what its fixes are worth stands among the windows (PROTOCOL §5). */
import type { CodeRoom } from "./entry.ts";

export const gnssCodes: CodeRoom = {
  "gnss-option-invalid": {
    means: "An option of the receiver's driver in the profile is missing or wrong.",
    measured: [],
    required: [],
    do: "Mend the option that the message names.",
    clause: "DESIGN §4",
    exit: 78,
  },
  "gnss-too-many-listeners": {
    means: "More parts of the program listen to one receiver than may.",
    measured: [],
    required: [],
    do: "Report it: an agent listens once.",
    clause: "PROTOCOL §8: bounded by named counts",
    exit: 5,
  },
};
