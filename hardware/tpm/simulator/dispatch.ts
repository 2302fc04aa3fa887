/** One command's way through the simulated TPM: header, handles, authorisations, parameters (TPM 2.0 part 3 §5). */
import { equalBytes } from "../../../src/core/base/bytes.ts";
import type { HandleRole } from "../codec/command.ts";
import { HANDLE_RANGE, HIERARCHY, handleKind, isSession, NV, OBJECT, RC, TAG } from "../codec/constants.ts";
import { FAULT, type Source, sourceOf, u16, u32 } from "../codec/field.ts";
import { type Authorisation, authorisation, framed } from "../codec/frame.ts";
import type { EccPublic } from "../codec/structures.ts";
import { activating } from "./activating.ts";
import { attesting } from "./attesting.ts";
import { externalKeys } from "./external-keys.ts";
import { isSlot, type Machine, PCR_COUNT, type PolicySession, saveClock } from "./machine.ts";
import { nonVolatile, nvIndex } from "./non-volatile.ts";
import { loadedObject, objects } from "./objects.ts";
import { type Bound, withoutZeros } from "./outcome.ts";
import { pcrPolicies } from "./pcr-policies.ts";
import { platform } from "./platform.ts";
import { acknowledged, holdsSession, policySession, policySessions } from "./sessions.ts";

const COMMANDS: ReadonlyMap<number, Bound> = new Map(
  [
    ...platform,
    ...objects,
    ...attesting,
    ...nonVolatile,
    ...policySessions,
    ...pcrPolicies,
    ...externalKeys,
    ...activating,
  ].map((bound) => [bound.code, bound]),
);
const STARTUP_CODE = 0x144;
const NOTHING = new Uint8Array(0);

const HANDLE_FAULT = 0x100;
const SESSION_FAULT = 0x800;
const AUTH_AREA_BYTES_MIN = 9;
const SESSIONS_MAX = 3;
const CONTINUE_SESSION = 1;
const DECRYPT = 0x20;
const RC_NOT_FOUND = 0x08b;
const RC_NONCE = 0x08f;
const RC_ATTRIBUTES = 0x082;
const RC_AUTH_FAIL = 0x08e;
const RC_BAD_AUTH = 0x0a2;
const RC_POLICY_FAIL = 0x09d;
/** Commands that use their first key in the role of its administrator. */
const ADMIN_ROLES: readonly string[] = ["Certify", "ActivateCredential"];

/** Answers any bytes with a response, as a TPM does. */
export function dispatch(tpm: Machine, command: Uint8Array): Uint8Array {
  const answer = execute(tpm, sourceOf(command));
  return typeof answer === "number" ? framed(TAG.PLAIN, answer, NOTHING) : answer;
}

function execute(tpm: Machine, source: Source): Uint8Array | number {
  const tag = u16.read(source);
  const size = u32.read(source);
  const code = u32.read(source);
  if (source.fault !== 0) return RC.COMMAND_SIZE;
  if (tag !== TAG.PLAIN && tag !== TAG.SESSIONS) return FAULT.VALUE;
  if (size !== source.bytes.length) return RC.COMMAND_SIZE;
  const bound = COMMANDS.get(code);
  if (bound === undefined) return RC.COMMAND_CODE;
  // Before start-up nothing but start-up, after it everything else.
  if (tpm.started === (code === STARTUP_CODE)) return RC.INITIALIZE;
  if (tpm.started) saveClock(tpm);

  const handles = readHandles(tpm, bound, source);
  if (typeof handles === "number") return handles;
  const sessions = readSessions(tpm, bound, tag, source);
  if (typeof sessions === "number") return sessions;
  const refusal = authorise(tpm, bound, handles, sessions);
  if (refusal !== 0) return refusal;
  return bound.run(tpm, handles, source, () => acknowledged(tpm, sessions));
}

/** Every handle is read before any is looked up. */
function readHandles(tpm: Machine, bound: Bound, source: Source): number[] | number {
  const handles: number[] = [];
  for (const [index, role] of bound.handles.entries()) {
    const handle = u32.read(source);
    const position = HANDLE_FAULT * (index + 1);
    if (source.fault !== 0) return source.fault + position;
    if (!mayBe(role, handle)) return FAULT.VALUE + position;
    handles.push(handle);
  }
  for (const [index, handle] of handles.entries()) {
    const kind = handleKind(handle);
    if (kind === handleKind(HANDLE_RANGE.TRANSIENT)) {
      if (loadedObject(tpm, handle) === null) return RC.REFERENCE_H0 + index;
    } else if (kind === handleKind(HANDLE_RANGE.NV)) {
      if (nvIndex(tpm, handle) === null) return RC_NOT_FOUND + HANDLE_FAULT * (index + 1);
    } else if (kind === handleKind(HANDLE_RANGE.PERSISTENT)) {
      // No key is persistent here, but the TPM would first look for a slot to bring it into.
      if (!tpm.slots.includes(null)) return RC.OBJECT_MEMORY;
      return RC_NOT_FOUND + HANDLE_FAULT * (index + 1);
    } else if (kind === handleKind(HANDLE_RANGE.POLICY_SESSION)) {
      if (policySession(tpm, handle) === null) return RC.REFERENCE_H0 + index;
    }
  }
  return handles;
}

function mayBe(role: HandleRole, handle: number): boolean {
  const kind = handleKind(handle);
  const isNv = kind === handleKind(HANDLE_RANGE.NV);
  switch (role) {
    case "nobody":
      return handle === HIERARCHY.NULL;
    case "hierarchy":
      return (
        handle === HIERARCHY.OWNER ||
        handle === HIERARCHY.ENDORSEMENT ||
        handle === HIERARCHY.PLATFORM ||
        handle === HIERARCHY.NULL
      );
    case "endorsement":
      return handle === HIERARCHY.ENDORSEMENT;
    case "provision":
      return handle === HIERARCHY.OWNER || handle === HIERARCHY.PLATFORM;
    case "object":
      return isSlot(handle) || kind === handleKind(HANDLE_RANGE.PERSISTENT);
    case "policy-session":
      return kind === handleKind(HANDLE_RANGE.POLICY_SESSION);
    case "nv-auth":
      return handle === HIERARCHY.OWNER || handle === HIERARCHY.PLATFORM || isNv;
    case "nv-index":
      return isNv;
    case "pcr":
      return handle < PCR_COUNT || handle === HIERARCHY.NULL;
  }
}

function readSessions(tpm: Machine, bound: Bound, tag: number, source: Source): Authorisation[] | number {
  if (tag === TAG.PLAIN) return bound.authorisations > 0 ? RC.AUTH_MISSING : [];
  const length = u32.read(source);
  if (source.fault !== 0) return source.fault;
  if (length < AUTH_AREA_BYTES_MIN || source.at + length > source.end) return FAULT.SIZE;
  if (!bound.sessions) return RC.AUTH_CONTEXT;
  const all = source.end;
  source.end = source.at + length;
  const sessions: Authorisation[] = [];
  while (source.at < source.end) {
    const position = SESSION_FAULT + 0x100 * (sessions.length + 1);
    if (sessions.length === SESSIONS_MAX) return FAULT.SIZE + position;
    const session = authorisation.read(source);
    if (source.fault !== 0) return source.fault + position;
    const isSecondUse = sessions.some((each) => each.session === session.session && isSession(each.session));
    const refusal = isSecondUse ? RC_NOT_FOUND : sessionFault(tpm, session);
    if (refusal !== 0) return refusal >= 0x900 ? refusal + sessions.length : refusal + position;
    sessions.push(session);
  }
  source.end = all;
  return sessions;
}

/** RS_PW and policy sessions are simulated: no HMAC session is ever loaded. */
function sessionFault(tpm: Machine, session: Authorisation): number {
  if (policySession(tpm, session.session) !== null) {
    if ((session.attributes & ~(CONTINUE_SESSION | DECRYPT)) !== 0) return RC_ATTRIBUTES;
    // What keys sign and open begins with a sized parameter, which a session with a cipher could have encrypted.
    return (session.attributes & DECRYPT) === 0 ? 0 : FAULT.SYMMETRIC;
  }
  // The number of a policy session with the other kind before it.
  if (holdsSession(tpm, session.session)) return RC_NOT_FOUND;
  if (isSession(session.session)) return 0x918;
  if ((session.attributes & ~CONTINUE_SESSION) !== 0) return RC_ATTRIBUTES;
  return session.nonce.length === 0 ? 0 : RC_NONCE;
}

function authorise(
  tpm: Machine,
  bound: Bound,
  handles: readonly number[],
  sessions: readonly Authorisation[],
): number {
  for (let i = 0; i < bound.authorisations; i++) {
    const handle = handles[i];
    const session = sessions[i];
    if (handle === undefined || session === undefined) return RC.AUTH_MISSING;
    const position = SESSION_FAULT + 0x100 * (i + 1);
    const object = loadedObject(tpm, handle);
    const policy = policySession(tpm, session.session);
    const isAdminRole = ADMIN_ROLES.includes(bound.name) && i === 0;
    // With a public part alone there is nothing to authorise.
    const isPublicOnly = object?.key.secret.length === 0;
    if (policy !== null) {
      const refusal = policyRefusal(tpm, policy, session, {
        key: object === null || isPublicOnly ? null : object.public,
        isAdminRole,
      });
      if (refusal === 0) continue;
      return refusal === RC.AUTH_UNAVAILABLE || refusal === RC.PCR_CHANGED ? refusal : refusal + position;
    }
    if (object !== null) {
      const barred = isAdminRole ? OBJECT.ADMIN_WITH_POLICY : 0;
      const needed = isAdminRole ? 0 : OBJECT.USER_WITH_AUTH;
      const { attributes } = object.public;
      if ((attributes & barred) !== 0) return RC.AUTH_TYPE;
      if (isPublicOnly || (attributes & needed) !== needed) return RC.AUTH_UNAVAILABLE;
      if (equalBytes(withoutZeros(session.secret), object.auth)) continue;
      return ((attributes & OBJECT.NO_DA) !== 0 ? RC_BAD_AUTH : RC_AUTH_FAIL) + position;
    }
    const area = nvIndex(tpm, handle);
    const use = bound.name === "NV_Read" ? NV.AUTH_READ : NV.AUTH_WRITE;
    if (area !== null && (area.public.attributes & use) === 0) return RC.AUTH_UNAVAILABLE;
    const secret = area?.auth ?? NOTHING;
    if (!equalBytes(withoutZeros(session.secret), secret)) return RC_BAD_AUTH + position;
  }
  return 0;
}

/** What a policy session opens: an object with the very policy that it has shown, and no hierarchy. */
function policyRefusal(
  tpm: Machine,
  session: PolicySession,
  given: Authorisation,
  { key, isAdminRole }: { readonly key: EccPublic | null; readonly isAdminRole: boolean },
): number {
  if (session.isTrial) return RC_ATTRIBUTES;
  if (key === null) return RC.AUTH_UNAVAILABLE;
  if (session.pcrUpdates !== null && session.pcrUpdates !== tpm.pcrUpdates) return RC.PCR_CHANGED;
  // An administrator's policy has to name the command, for which there is no policy command here.
  if (isAdminRole || !equalBytes(session.digest, key.authPolicy)) return RC_POLICY_FAIL;
  // Without a password or salt in the session, there is nothing to make an HMAC with.
  if (given.secret.length === 0) return 0;
  return (key.attributes & OBJECT.NO_DA) !== 0 ? RC_BAD_AUTH : RC_AUTH_FAIL;
}
