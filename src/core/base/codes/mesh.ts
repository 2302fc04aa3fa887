/** Ids of trouble with the broker (PROTOCOL §8; DESIGN §5). */
import type { CodeRoom } from "./entry.ts";

export const meshCodes: CodeRoom = {
  "mesh-down": {
    means: "There is no connection to the broker; the agent goes on trying.",
    measured: [],
    required: [],
    do: "Check that the broker runs, its address in the profile, and the network between.",
    clause: "DESIGN §5",
    exit: 75,
  },
  "mesh-queue-full": {
    means: "As many messages as may wait are not acknowledged by the broker yet.",
    measured: [],
    required: [],
    do: "Check the broker's load; mosquitto needs `set_tcp_nodelay true`.",
    clause: "DESIGN §5; PROTOCOL §8: bounded by named counts",
    exit: 75,
  },
  "mesh-message-too-long": {
    means: "A message is longer than the broker may be given.",
    measured: [],
    required: [],
    do: "Report it: no record is that long.",
    clause: "PROTOCOL §1 Sizes",
    exit: 5,
  },
  "mesh-filters-full": {
    means: "The agent would listen to more topics than it may.",
    measured: [],
    required: [],
    do: "Listen to fewer cells or eligibility classes.",
    clause: "DESIGN §5; PROTOCOL §8: bounded by named counts",
    exit: 78,
  },
  "mesh-subscribe-refused": {
    means: "The broker refused a subscription.",
    measured: [],
    required: [],
    do: "Let the broker's access list admit `spectrum/v1/#` for this agent.",
    clause: "DESIGN §5",
    exit: 5,
  },
  "mesh-plaintext-refused": {
    means:
      "Messages would leave this machine unencrypted: only a broker on loopback is spoken to without TLS.",
    measured: [],
    required: [],
    do: "Give the profile's mesh its ca, cert and key files, or use a broker on 127.0.0.1.",
    clause: "DESIGN §5",
    exit: 78,
  },
  "mesh-broker-port": {
    means: "The embedded broker cannot listen at its address: another program does.",
    measured: [],
    required: [],
    do: "Stop that program, or choose another port in the profile.",
    clause: "DESIGN §5",
    exit: 75,
  },
};
