/** The first record of a lineage, which its id is the hash of (PROTOCOL §2 Identity). */

import { RULES_VERSION } from "../pairing/rules-versions.ts";
import type { Header } from "../record/header.ts";
import { keyId, lineageId, NO_AK_NAME, ZERO_ID } from "../record/identity.ts";
import type { KeyEvent } from "../record/kinds/key-event.ts";
import { type AnyRecord, type RecordOf, writePayload } from "../record/record.ts";
import { recordId } from "../wire/envelope.ts";
import { applyTo, emit } from "./agent.ts";
import type { AgentConfig } from "./config.ts";
import type { Turn } from "./turn.ts";

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

/**
 * No next key is made yet: the committed hash is of bytes that nobody keeps, so that this key can only end, not rotate,
 * until rotation comes with its capability.
 */
export function enqueueInception(turn: Turn): void {
  const { agent } = turn;
  const { config } = agent;
  const nextKeyHash = config.primitives.sha256(config.draw(32));
  const record: AnyRecord = inceptionRecord({ ...config, nonce: config.draw(32), nextKeyHash });
  const draft = { record, foreign: [] };
  agent.queue.push({ draft, derived: undefined });
  applyTo(agent, agent.provisional, draft, undefined);
  emit(turn, { kind: "append", draft });
}
