/** Whether the session key of this process signs a record that is being made, or the device's own key (PROTOCOL §10). */
import { equalBytes } from "../base/bytes.ts";
import type { KindName } from "../record/kinds.ts";
import type { Session } from "../record/session.ts";
import type { TimeEvidence } from "../record/shared-fields.ts";
import type { RecordSigner } from "../record/signing-key.ts";
import { policyOf } from "./policies.ts";
import type { Agent } from "./turn.ts";

export type Drafted = {
  readonly kind: KindName;
  readonly policy: Uint8Array;
  readonly time: TimeEvidence | null;
};

/** Null: the device's own key. Without a time nobody could say that the session lasts. */
export function sessionSigner(agent: Agent, { kind, policy, time }: Drafted): RecordSigner | null {
  const session = ownSession(agent);
  if (session === null || time === null) return null;
  const { certificate, signer } = session;
  const { header, body } = certificate;
  if (header.policy === null || !equalBytes(header.policy, policy)) return null;
  const chosen: readonly string[] = policyOf(agent, policy)?.body.sessionKeys?.kinds ?? [];
  return chosen.includes(kind) && time.latestUs < (body.certified?.untilUs ?? 0) ? signer : null;
}

/** The session that stands at the queue's end, where this process holds its key. */
export function ownSession({ volatile, provisional }: Agent): Session | null {
  const { sessionKey } = volatile;
  const last = provisional.sessions.at(-1);
  if (sessionKey === null || last === undefined || last.signer === null) return null;
  return equalBytes(last.signer.keyId, sessionKey) ? last : null;
}
