/** Which records a session key may sign: by its certificate, and by the policy that lets it be (PROTOCOL §10 Session keys). */
import { equalBytes, toHex } from "../base/bytes.ts";
import { type Sha256, SUITE_ES256 } from "../base/primitives.ts";
import { accept, type Rejection, type Result, refuse, rejection } from "../base/rejection.ts";
import type { Position } from "./header.ts";
import type { Policy } from "./kinds/policy.ts";
import type { AnyRecord, RecordOf } from "./record.ts";
import { SESSION_KINDS } from "./session-rules.ts";
import { keyAt, type RecordSigner, type SigningKey, signerOf, singleKey } from "./signing-key.ts";

/** What stands from a certificate's position on, until that of the next one. */
export type Session = {
  readonly certificate: RecordOf<"session-key">;
  /** Null: the device's own key alone. */
  readonly signer: RecordSigner | null;
};

/** All that is known of who signs one lineage. */
export type LineageKeys = {
  /** In the order in which they followed each other. */
  readonly keys: readonly SigningKey[];
  /** In the order of their positions. */
  readonly sessions: readonly Session[];
};

export function sessionOf(certificate: RecordOf<"session-key">, sha256: Sha256): Session {
  const { certified } = certificate.body;
  if (certified === null) return { certificate, signer: null };
  const keys = singleKey({ suite: SUITE_ES256, publicKey: certified.publicKey });
  return { certificate, signer: { lineage: certificate.header.lineage, ...signerOf(keys, sha256) } };
}

/** With one more, the latest `most` kept. Of two at one place the first heard stays: only its author can have signed both. */
export function withSession(
  sessions: readonly Session[],
  session: Session,
  most: number,
): readonly Session[] {
  const at = (each: Session): Position => each.certificate.header;
  if (sessions.some((each) => isSame(at(each), at(session)))) return sessions;
  return [...sessions, session].sort((a, b) => (isBefore(at(a), at(b)) ? -1 : 1)).slice(-most);
}

/** A certificate says from when on, under which policy and to which end; else nobody could judge what stands on it. */
export function certificateFaults({ header, body }: RecordOf<"session-key">): readonly Rejection[] {
  if (body.certified === null) return [];
  const { time, policy } = header;
  const { untilUs } = body.certified;
  if (time !== null && policy !== null && time.latestUs < untilUs) return [];
  const measured = {
    time: time === null ? "nil" : time.latestUs,
    policy: policy === null ? "nil" : toHex(policy),
    untilUs,
  };
  const required = { untilUs: "after its own time", policy: "named" };
  return [rejection("session-certificate", "body.certified", measured, required)];
}

/** The last certificate before a position, whatever key signed there since. */
export function sessionBefore(sessions: readonly Session[], at: Position): Session | undefined {
  return sessions.findLast(({ certificate }) => isBefore(certificate.header, at));
}

/** Whether the header of `record` names a session key of its lineage, and none of the device's own. */
export function isBySession({ header }: AnyRecord, { keys, sessions }: LineageKeys): boolean {
  const names = ({ keyId }: RecordSigner): boolean => equalBytes(keyId, header.signerKey);
  return !keys.some(names) && sessions.some(({ signer }) => signer !== null && names(signer));
}

/**
 * The session whose key has to have signed `record`, of which `isBySession` holds; or all that speaks against it as far as
 * record and certificate alone tell.
 */
export function sessionOfRecord(
  record: AnyRecord,
  { keys, sessions }: LineageKeys,
): Result<Session & { readonly signer: RecordSigner }> {
  const { header } = record;
  const session = sessionBefore(sessions, header);
  const position = { epoch: header.epoch, seq: header.seq };
  const stands = session !== undefined && isUnbroken(session, header, keys) ? session : undefined;
  const { signer = null, certificate } = stands ?? {};
  if (certificate === undefined || signer === null || !equalBytes(signer.keyId, header.signerKey)) {
    const required = { signer: "the session key whose certificate was the last one before" };
    return refuse(rejection("session-position", "header.seq", position, required));
  }
  const faults = [
    ...kindFaults(record, SESSION_KINDS),
    ...timeFaults(record, certificate),
    ...bootFaults(record, certificate),
    ...policyFaults(record, certificate),
  ];
  return faults.length > 0 ? refuse(...faults) : accept({ certificate, signer });
}

/** What the policy that the certificate names says of it, and of `record`, which it signed. */
export function sessionPolicyFaults(
  record: AnyRecord,
  certificate: RecordOf<"session-key">,
  { sessionKeys }: Policy,
): readonly Rejection[] {
  if (sessionKeys === null) {
    return [rejection("session-policy", "header.policy", {}, { policy: "one that has session keys" })];
  }
  const { time } = certificate.header;
  const forUs = (certificate.body.certified?.untilUs ?? 0) - (time?.latestUs ?? 0);
  const tooLong = rejection("session-too-long", "untilUs", { forUs }, { forUsMax: sessionKeys.forUs });
  return [...(forUs > sessionKeys.forUs ? [tooLong] : []), ...kindFaults(record, sessionKeys.kinds)];
}

/** Of one epoch, and signed by the same key of the device that would sign at the record's place. */
function isUnbroken({ certificate }: Session, at: Position, keys: readonly SigningKey[]): boolean {
  return certificate.header.epoch === at.epoch && keyAt(keys, certificate.header) === keyAt(keys, at);
}

function kindFaults({ kind }: AnyRecord, chosen: readonly string[]): readonly Rejection[] {
  if (chosen.includes(kind)) return [];
  return [rejection("session-kind", "kind", { kind }, { kind: chosen.join(" ") })];
}

function timeFaults({ header }: AnyRecord, { body }: RecordOf<"session-key">): readonly Rejection[] {
  const untilUs = body.certified?.untilUs ?? 0;
  if (header.time !== null && header.time.latestUs < untilUs) return [];
  const latestUs = header.time === null ? "nil" : header.time.latestUs;
  return [rejection("session-time", "header.time", { latestUs }, { untilUs })];
}

function bootFaults(record: AnyRecord, { body }: RecordOf<"session-key">): readonly Rejection[] {
  const bootId = bootOf(record);
  const certified = body.certified?.bootId;
  if (bootId === null || (certified !== undefined && equalBytes(bootId, certified))) return [];
  const required = { bootId: certified === undefined ? "nil" : toHex(certified) };
  return [rejection("session-boot", "body", { bootId: toHex(bootId) }, required)];
}

/** The boot that a record says it was made in; null for kinds that do not say. */
function bootOf(record: AnyRecord): Uint8Array | null {
  switch (record.kind) {
    case "renewal-request":
    case "actuation":
      return record.body.bootId;
    case "renewal":
      return record.body.holderBootId;
    default:
      return null;
  }
}

/** A lease keeps its policy to its end, so a record about one has a session key only where that policy has one. */
function policyFaults({ header }: AnyRecord, certificate: RecordOf<"session-key">): readonly Rejection[] {
  const { policy } = certificate.header;
  if (header.policy !== null && policy !== null && equalBytes(header.policy, policy)) return [];
  const measured = { policy: header.policy === null ? "nil" : toHex(header.policy) };
  const required = { policy: policy === null ? "nil" : toHex(policy) };
  return [rejection("session-policy", "header.policy", measured, required)];
}

function isSame(a: Position, b: Position): boolean {
  return a.epoch === b.epoch && a.seq === b.seq;
}

function isBefore(a: Position, b: Position): boolean {
  return a.epoch < b.epoch || (a.epoch === b.epoch && a.seq < b.seq);
}
