/** Ids of what comes over the wire: the MessagePack profile and the envelope (PROTOCOL §1). */
import type { CodeRoom } from "./entry.ts";

const SENDER =
  "Nothing here: the sender's software writes other bytes than the codec allows, or the message was damaged.";

export const wireCodes: CodeRoom = {
  "wire-too-long": {
    means: "The bytes are more than this kind of message may have; they were not read.",
    measured: ["bytes"],
    required: ["bytesMax"],
    do: SENDER,
    clause: "PROTOCOL §1 Sizes",
    exit: 1,
  },
  "wire-trailing-bytes": {
    means: "Bytes follow after the end of the one value that a message holds.",
    measured: ["offset", "bytes"],
    required: ["trailing"],
    do: SENDER,
    clause: "PROTOCOL §1 Codec",
    exit: 1,
  },
  "wire-truncated": {
    means: "The message ends in the middle of a value.",
    measured: ["offset"],
    required: ["form"],
    do: SENDER,
    clause: "PROTOCOL §1 Codec",
    exit: 1,
  },
  "wire-not-minimal": {
    means:
      "A number or length is written in more bytes than it needs, so that the record would have two forms.",
    measured: ["offset"],
    required: ["form"],
    do: SENDER,
    clause: "PROTOCOL §1 Codec: encode(decode(x)) = x",
    exit: 1,
  },
  "wire-type-forbidden": {
    means: "A float, map, boolean or extension stands where only nil, integer, text, bytes and arrays may.",
    measured: ["offset"],
    required: ["form"],
    do: SENDER,
    clause: "PROTOCOL §1 Codec",
    exit: 1,
  },
  "wire-text-malformed": {
    means: "A text is not valid UTF-8.",
    measured: ["offset"],
    required: ["form"],
    do: SENDER,
    clause: "PROTOCOL §1 Codec; RFC 3629",
    exit: 1,
  },
  "wire-too-deep": {
    means: "Arrays are nested more deeply than any record is.",
    measured: ["offset"],
    required: ["form"],
    do: SENDER,
    clause: "PROTOCOL §1 Codec: depth ≤ 8",
    exit: 1,
  },
  "wire-array-too-long": {
    means: "An array has more items than any list of a record may have.",
    measured: ["offset"],
    required: ["form"],
    do: SENDER,
    clause: "PROTOCOL §8 Order of checks: bounded by named counts",
    exit: 1,
  },
  "envelope-malformed": {
    means: "The message is no envelope of version, kind, payload, signatures and openings.",
    measured: [],
    required: ["form"],
    do: SENDER,
    clause: "PROTOCOL §1 Envelope",
    exit: 1,
  },
  "envelope-version-unknown": {
    means: "The envelope is of a version of the protocol that this agent does not speak.",
    measured: ["version"],
    required: ["version"],
    do: "Compare both agents' versions, and update the older one.",
    clause: "PROTOCOL §1 Envelope",
    exit: 1,
  },
  "record-too-long": {
    means: "The payload of a record is larger than any record may be.",
    measured: ["bytes"],
    required: ["bytesMax"],
    do: "The sender has to say less in one record: fewer boxes, vertices or ids.",
    clause: "PROTOCOL §1 Sizes: record ≤ 16 KiB",
    exit: 1,
  },
  "want-malformed": {
    means: "A request for missing records is not a list of at most 16 ids with the asker's lineage.",
    measured: [],
    required: ["form"],
    do: SENDER,
    clause: "PROTOCOL §3 want(ids)",
    exit: null,
  },
};
