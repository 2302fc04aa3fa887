/** Ids of trouble with a software signing key (PROTOCOL §1 Suites, §2 Order). */
import type { CodeRoom } from "./entry.ts";

export const signerCodes: CodeRoom = {
  "signer-key-exists": {
    means: "A key file already stands where a new one was to be made; it was left as it is.",
    measured: [],
    required: [],
    do: "Use that key, or choose another path: a lost key is a lost lineage.",
    clause: "PROTOCOL §2 Identity",
    exit: 78,
  },
  "signer-key-unreadable": {
    means: "The key file cannot be opened or made.",
    measured: [],
    required: [],
    do: "Check its path and folder, and that the agent's user may read it; links are not followed.",
    clause: "DESIGN §4",
    exit: 78,
  },
  "signer-key-permissions": {
    means: "The key file is open to others than its owner, or belongs to another user.",
    measured: [],
    required: [],
    do: "`chown` it to the agent's user and `chmod 0600` it; if others could read it, make a new key.",
    clause: "DESIGN §4",
    exit: 78,
  },
  "signer-key-invalid": {
    means: "The key file holds no unencrypted PKCS#8 P-256 key.",
    measured: [],
    required: [],
    do: "Restore the right file, or make a new key.",
    clause: "PROTOCOL §1 Suites: ES256; RFC 5958",
    exit: 78,
  },
  "signer-not-of-log": {
    means: "The TPM's signing key is not the one that this log was begun with.",
    measured: [],
    required: [],
    do: "Give the host its own TPM or key folder back, or begin a new log in an empty state folder.",
    clause: "PROTOCOL §2 Identity: one writer",
    exit: 5,
  },
  "signer-failed": {
    means: "The software key did not sign; the same bytes are signed again.",
    measured: [],
    required: [],
    do: "Nothing once; if it goes on, the host lacks memory or its crypto library is broken.",
    clause: "PROTOCOL §2: a failed signature is retried on the same bytes",
    exit: 75,
  },
  "signer-entropy": {
    means: "The source of randomness gives no usable key.",
    measured: [],
    required: [],
    do: "Do not use this host: its random numbers are broken.",
    clause: "RFC 6979 §2.1",
    exit: 5,
  },
};
