/** Ids of `verify` about what a lease's radio did (PROTOCOL §6, §9; core/audit/audit-codes.ts). */
import type { CodeRoom } from "./entry.ts";

const CONSUMER = "Hold the consumer to it: its own signed records show it.";

export const auditRadioCodes: CodeRoom = {
  "actuation-acknowledged": {
    means: "RF was switched on without the stored acknowledgement that the lease class asks for.",
    measured: ["kept", "found"],
    required: ["level", "keptMin"],
    do: CONSUMER,
    clause: "PROTOCOL §6, lease classes: an acknowledgement gates the radio, never the artifact",
    exit: 1,
  },
  "actuation-entitled": {
    means:
      "RF was switched on without both settlements, or without a renewal that answers this boot's request.",
    measured: ["holderSettled", "consumerSettled", "renewalOfThisBoot"],
    required: ["holderSettled", "consumerSettled", "renewalOfThisBoot"],
    do: CONSUMER,
    clause: "PROTOCOL §6: a renewal that answers a request of this boot is in hand",
    exit: 1,
  },
  "actuation-deadline": {
    means:
      "The guard was given a later deadline than the renewal's duration allows, counted from the request.",
    measured: ["deadlineBootUs"],
    required: ["deadlineBootUsMax"],
    do: CONSUMER,
    clause: "PROTOCOL §6: anchor + granted duration × (1 − drift)",
    exit: 1,
  },
  "actuation-expiry": {
    means: "The guard was given a later deadline than the transmit expiry allows.",
    measured: ["deadlineBootUs"],
    required: ["deadlineBootUsMax"],
    do: CONSUMER,
    clause: "PROTOCOL §6: (transmit expiry − latest edge) × (1 − drift)",
    exit: 1,
  },
  "emission-block": {
    means: "An emission went over the block's edges.",
    measured: ["lowerHz", "upperHz"],
    required: ["lowerHz", "upperHz"],
    do: CONSUMER,
    clause: "PROTOCOL §6 Invariant of emission",
    exit: 1,
  },
  "emission-power": {
    means: "An emission was stronger than a power limit of the block.",
    measured: ["centiDbm", "occupiedHz", "eirpCentiDbm"],
    required: ["measure", "detector", "referenceHz", "centiDbmMax"],
    do: CONSUMER,
    clause: "PROTOCOL §6 Invariant of emission; §3 Power",
    exit: 1,
  },
  "emission-duty-cycle": {
    means: "A transmitter was set without a duty cycle of the lease's terms.",
    measured: ["dutyCycles"],
    required: ["lowerHz", "upperHz", "shareCentiPercent", "windowUs"],
    do: CONSUMER,
    clause: "PROTOCOL §6 Invariant of emission; ERC Recommendation 70-03, duty cycle",
    exit: 1,
  },
  "emission-time": {
    means: "RF was switched on outside the grant, or after the transmit expiry.",
    measured: ["earliestUs", "latestUs"],
    required: ["fromUs", "beforeUs"],
    do: CONSUMER,
    clause: "PROTOCOL §6 Invariant of emission",
    exit: 1,
  },
  "emission-place": {
    means: "RF was switched on outside the block's area; `code` under measured is the id of the reason.",
    measured: ["code"],
    required: [],
    do: CONSUMER,
    clause: "PROTOCOL §6 Invariant of emission",
    exit: 1,
  },
  "outcome-order": {
    means: "What the radio did is told of another boot, before it was ordered, or as on again after a mute.",
    measured: ["sameBoot", "afterActuation", "onAfterMute"],
    required: ["sameBoot", "afterActuation", "onAfterMute"],
    do: CONSUMER,
    clause: "PROTOCOL §6: RF on again after a mute needs a new actuation",
    exit: 1,
  },
  "outcome-deadline": {
    means: "The radio fell silent only after the last deadline that any renewal gave it.",
    measured: ["bootUs"],
    required: ["bootUsMax"],
    do: CONSUMER,
    clause: "PROTOCOL §6 The guard",
    exit: 1,
  },
  "outage-interval": {
    means: "A record that names when the radio's falling silent could not be recorded ends before it begins.",
    measured: ["fromBootUs", "untilBootUs"],
    required: ["untilBootUsMin"],
    do: CONSUMER,
    clause: "PROTOCOL §2: an interval that could not be recorded is named by an outage record",
    exit: 1,
  },
  "outcome-known": {
    means:
      "What the radio did, or when it fell silent, is not in the records, or rests on a command's acknowledgement alone.",
    measured: ["fromBootUs", "untilBootUs"],
    required: [],
    do: "Ask the consumer for its later records, or its device's own log.",
    clause: "PROTOCOL §6: read back or sensed",
    exit: 0,
  },
  "emitter-obeyed": {
    means: "Whether the emitter did what its owner's records say stands in no record.",
    measured: ["actuations"],
    required: [],
    do: "Ask for a monitoring receiver's report.",
    clause: "PROTOCOL §9: records do not stop an emitter that ignores them",
    exit: 0,
  },
  "border-field": {
    means:
      "The commodity limits the field at the border of the area, and what it is there stands in no record.",
    measured: ["centiDbuvPerM", "referenceHz", "heightMm"],
    required: [],
    do: "Ask whoever planned the network for the prediction, or measure it.",
    clause: "PROTOCOL §9: nothing is passed that was not checked",
    exit: 0,
  },
};
