/** Ids of one record: its fields against the table of its kind, and its signature (PROTOCOL §1, §2 Identity). */
import type { CodeRoom } from "./entry.ts";

const FIELD =
  "Look up the field in the table of its kind (`spectrum-agent explain --kinds`); in a file, mend the named line.";

export const recordCodes: CodeRoom = {
  "kind-unknown": {
    means: "The record is of a kind that this version does not know, or only reserves.",
    measured: ["kind"],
    required: ["kind"],
    do: "Compare both agents' versions; a reserved kind comes with a later one.",
    clause: "PROTOCOL §1 Sizes, Kinds at least; §10",
    exit: 1,
  },
  "payload-malformed": {
    means: "The signed bytes of the record are not one header and one body.",
    measured: [],
    required: ["form"],
    do: "Nothing here: the sender's software does not follow the kind tables.",
    clause: "PROTOCOL §1 Header",
    exit: 1,
  },
  "field-absent": {
    means: "A field that must be there is missing or nil.",
    measured: ["found"],
    required: ["type"],
    do: FIELD,
    clause: "PROTOCOL §1 Kinds are tables",
    exit: 78,
  },
  "field-type": {
    means: "A field holds a value of another type than its kind's table says.",
    measured: ["found"],
    required: ["type"],
    do: FIELD,
    clause: "PROTOCOL §1 Kinds are tables",
    exit: 78,
  },
  "field-range": {
    means:
      "A field's value, length or word lies outside what its kind's table allows, or a quantity in a file outside its range.",
    measured: ["value", "bytes", "length", "items", "text"],
    required: ["min", "max", "bytesMin", "bytesMax", "type", "lengthMax", "oneOf", "itemsMin", "itemsMax"],
    do: FIELD,
    clause: "PROTOCOL §1 Kinds are tables",
    exit: 78,
  },
  "field-count": {
    means: "A structure has more or fewer fields than its table, or a list in a file has the wrong length.",
    measured: ["fields"],
    required: ["fields"],
    do: FIELD,
    clause: "PROTOCOL §1 Codec: positional arrays",
    exit: 78,
  },
  "finding-order": {
    means: "Named measurements are not sorted by name, or one of them stands twice.",
    measured: [],
    required: ["order"],
    do: "Nothing here: the sender's software does not write findings in their one form.",
    clause: "PROTOCOL §1 Codec: encode(decode(x)) = x",
    exit: 1,
  },
  "signature-count": {
    means: "The envelope holds another number of signatures than its kind prescribes.",
    measured: ["signatures"],
    required: ["signatures"],
    do: "Nothing here: the record was not made, or not forwarded, as its kind asks.",
    clause: "PROTOCOL §1 Envelope",
    exit: 1,
  },
  "signer-unknown": {
    means: "The record is not by the key that signs the lineage which it names.",
    measured: [],
    required: ["signer"],
    do: "Ask its author which key signs now; a record by a key that was never announced is void.",
    clause: "PROTOCOL §2 Identity",
    exit: 1,
  },
  "signer-mismatch": {
    means: "The signature is said to be by another key than the one that the header names.",
    measured: [],
    required: ["signer"],
    do: "Nothing here: header and signatures of the record contradict one another.",
    clause: "PROTOCOL §1 Header",
    exit: 1,
  },
  "signature-invalid": {
    means: "The signature does not verify, or is the high-S form, which records may not carry.",
    measured: [],
    required: ["signature"],
    do: "Ask for the record again: a damaged copy fails where the good one passes. If that fails too it is void.",
    clause: "PROTOCOL §1 Suites: ES256 with low-S; RFC 6979 §2",
    exit: 1,
  },
  "inception-mismatch": {
    means:
      "The first record of a lineage does not certify itself: the lineage's name is not the hash of its keys.",
    measured: [],
    required: ["lineage"],
    do: "Nothing here: no honest software makes such an inception.",
    clause: "PROTOCOL §2 Identity",
    exit: 1,
  },
};
