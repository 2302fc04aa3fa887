/** The first record of a lineage, which its id is the hash of (PROTOCOL §2 Identity). */

import { RULES_VERSION } from "../pairing/rules-versions.ts";
import type { Header } from "../record/header.ts";
import { keyId, lineageId, NO_AK_NAME, ZERO_ID } from "../record/identity.ts";
import type { KeyEvent } from "../record/kinds/key-event.ts";
import { type RecordOf, writePayload } from "../record/record.ts";
import { recordId } from "../wire/envelope.ts";
import type { AgentConfig } from "./config.ts";

export type InceptionParts = Pick<AgentConfig, "primitives" | "owner" | "key"> & {
  /** 32 bytes each. */
  readonly nonce: Uint8Array;
  readonly nextKeyHash: Uint8Array;
};

/** Unsigned: its one signature is by the key that it names. */
export function inceptionRecord({
  primitives,
  owner,
  key,
  nonce,
  nextKeyHash,
}: InceptionParts): RecordOf<"key-event"> {
  const { sha256 } = primitives;
  const body: KeyEvent = {
    event: "inception",
    signingKey: key.publicKey,
    akName: key.akName ?? NO_AK_NAME,
    nextKeyHash,
    nonce,
    owner,
    tier: key.tier,
  };
  const header: Header = {
    lineage: lineageId(body, sha256),
    epoch: 0,
    seq: 0,
    previous: ZERO_ID,
    signerKey: keyId(key.suite, key.publicKey, sha256),
    suite: key.suite,
    credential: null,
    attestation: null,
    policy: null,
    rulesVersion: RULES_VERSION,
    time: null,
    place: null,
  };
  const payload = writePayload("key-event", header, body);
  const envelope = { kind: "key-event", payload, signatures: [], openings: [] };
  return { kind: "key-event", id: recordId("key-event", payload, sha256), header, body, envelope };
}
