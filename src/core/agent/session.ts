/** The own session keys: made when policy asks for them, ended with the process, followed by the next (PROTOCOL §10). */
import { equalBytes, idText } from "../base/bytes.ts";
import { SUITE_ES256 } from "../base/primitives.ts";
import { keyId } from "../record/identity.ts";
import type { AnyRecord, RecordOf } from "../record/record.ts";
import type { Session } from "../record/session.ts";
import type { SessionKeyRules } from "../record/session-rules.ts";
import type { TimeEvidence } from "../record/shared-fields.ts";
import { emit, enqueue } from "./agent.ts";
import { showOwn } from "./beyond.ts";
import { ownTime } from "./own-evidence.ts";
import { ownPolicy, policyInUse } from "./policies.ts";
import { ownSession } from "./session-signer.ts";
import { liveLeases, openAcceptances } from "./state.ts";
import type { Turn } from "./turn.ts";

/** What was certified and is no longer ours to use is ended by the device's key first; then a fresh key is asked for. */
export function tickSession(turn: Turn): void {
  const { volatile, provisional } = turn.agent;
  if (volatile.quarantine !== null || volatile.keyLost !== null || provisional.key === null) return;
  const rules = ownPolicy(turn)?.sessionKeys ?? null;
  if (rules === null) volatile.sessionKey = null;
  const standing = provisional.sessions.at(-1)?.signer ?? null;
  const own = ownSession(turn.agent);
  if (standing !== null && own === null) enqueue(turn, "session-key", { certified: null });
  const time = ownTime(turn);
  if (rules === null || time === null || volatile.makingSession || !isAttested(turn)) return;
  if (own !== null && !isDue(turn, own, { rules, time })) return;
  volatile.makingSession = true;
  emit(turn, { kind: "make-session-key" });
}

/** The certificate's header names the attestation of this run, whose quote names the boot. */
function isAttested({ agent }: Turn): boolean {
  return agent.config.key.akName === null || agent.volatile.attested;
}

type Law = { readonly rules: SessionKeyRules; readonly time: TimeEvidence };

/** In its last quarter: what it signs has to be heard, and asked for again, while it lasts. */
function isDue(turn: Turn, { certificate }: Session, { rules, time }: Law): boolean {
  const untilUs = certificate.body.certified?.untilUs ?? 0;
  const { policy } = certificate.header;
  const isOfPolicy = policy !== null && equalBytes(policy, policyInUse(turn));
  const leftUs = untilUs - time.latestUs;
  // Farther ahead than any session reaches: the own time was set back since, and peers would not take it.
  return !isOfPolicy || leftUs < rules.forUs / 4 || leftUs > rules.forUs;
}

/** The process made a key: the device certifies it, and until that stands in the queue nothing is signed by it. */
export function onSessionKeyMade(turn: Turn, publicKey: Uint8Array): void {
  const { volatile, config } = turn.agent;
  volatile.makingSession = false;
  const rules = ownPolicy(turn)?.sessionKeys ?? null;
  const time = ownTime(turn);
  if (rules === null || time === null) return;
  const untilUs = time.earliestUs + rules.forUs;
  // A time as uncertain as the whole session is long: the device's own key signs on.
  if (untilUs <= time.latestUs) return;
  const certified = { publicKey, bootId: config.bootId, untilUs };
  if (enqueue(turn, "session-key", { certified }, { time }) === null) return;
  volatile.sessionKey = keyId(SUITE_ES256, publicKey, config.primitives.sha256);
}

/** A record of ours that came from outside: known, signed by a thief, or one that this log, an old copy of itself, has lost. */
export function onOwnRecord(turn: Turn, record: AnyRecord): void {
  const { provisional, volatile } = turn.agent;
  if (provisional.ownIds.has(idText(record.id))) return;
  const { sessionKey, quarantine } = volatile;
  const isOfSession = sessionKey !== null && equalBytes(sessionKey, record.header.signerKey);
  // The log of this run is in memory: no copy of it, however old, explains what is signed by a key that this run made.
  if (quarantine === null && isOfSession) onStolen(turn, record);
  else showOwn(turn, record);
}

/** The next tick ends it by the device's own key. */
function onStolen(turn: Turn, { id }: AnyRecord): void {
  turn.agent.volatile.sessionKey = null;
  const text = `record ${idText(id)} is by our session key and not ours: that key is ended`;
  emit(turn, { kind: "note", event: { what: "state", code: "session-stolen", text } });
}

/** Whoever takes records of ours has to know who signs them; who misses it asks. */
export function tellSession(turn: Turn, record: RecordOf<"session-key">): void {
  const { durable } = turn.agent;
  const peers = new Map<string, Uint8Array>();
  const add = (lineage: Uint8Array): unknown => peers.set(idText(lineage), lineage);
  for (const { role, acceptance, offer } of liveLeases(durable))
    add((role === "holder" ? acceptance : offer).header.lineage);
  for (const { offer } of openAcceptances(durable)) add(offer.header.lineage);
  for (const lineage of peers.values())
    emit(turn, { kind: "publish", route: { to: "agent", lineage }, record });
}
