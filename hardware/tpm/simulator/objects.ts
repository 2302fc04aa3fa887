/** Simulated keys: primaries from the seed, created ones from entropy, children wrapped under their parent. */
import { ascii, concat, u32be } from "../../../src/core/base/bytes.ts";
import { sha256 } from "../client/sha256.ts";
import * as commands from "../codec/commands.ts";
import { ALG, HANDLE_RANGE, isSession, RC, TAG_CREATION } from "../codec/constants.ts";
import { checked, encoded, FAULT, parameterFault, parameters, u32 } from "../codec/field.ts";
import { type EccPublic, eccPublic, type Ticket } from "../codec/structures.ts";
import { creationData } from "./creation-data.ts";
import { isSlot, type LoadedObject, type Machine } from "./machine.ts";
import { templateFault } from "./object-template.ts";
import { type Bound, bind, done, type Outcome, refused } from "./outcome.ts";
import { derive, keyPair } from "./p256.ts";
import { endSession, holdsSession } from "./sessions.ts";
import { ticketDigest } from "./tickets.ts";
import { isStorage, unwrap, wrap } from "./wrapping.ts";

const FAULT_TYPE_OF_HANDLE = 0x18a;
const FAULT_HANDLE = 0x08b;
const SEED_BYTES = 32;

export function loadedObject(tpm: Machine, handle: number): LoadedObject | null {
  return isSlot(handle) ? (tpm.slots[handle - HANDLE_RANGE.TRANSIENT] ?? null) : null;
}

export function nameOf(key: EccPublic): Uint8Array {
  return concat(Uint8Array.of(0, ALG.SHA256), sha256(encoded(eccPublic, key)));
}

function createPrimary(
  tpm: Machine,
  handles: readonly number[],
  given: commands.CreateParameters,
): Outcome<commands.PrimaryResponse> {
  const [hierarchy = 0] = handles;
  const slot = tpm.slots.indexOf(null);
  if (slot < 0) return refused(RC.OBJECT_MEMORY);
  const fault = templateFault(given, null);
  if (fault !== 0) return refused(fault);
  const template = encoded(eccPublic, given.public);
  const secret = derive(hierarchySeed(tpm, hierarchy), template, given.sensitive.data);
  const object = made(secret, given, hierarchy, u32be(hierarchy));
  tpm.slots[slot] = object;
  const creation = created(tpm, object, given, { alg: ALG.NULL, name: u32be(hierarchy) });
  return done({ public: object.public, ...creation, name: object.name }, HANDLE_RANGE.TRANSIENT + slot);
}

function create(
  tpm: Machine,
  handles: readonly number[],
  given: commands.CreateParameters,
): Outcome<commands.CreateResponse> {
  const parent = storageKey(tpm, handles[0]);
  if (parent === null) return refused(FAULT_TYPE_OF_HANDLE);
  // The new key needs a slot while it is made.
  if (!tpm.slots.includes(null)) return refused(RC.OBJECT_MEMORY);
  const fault = templateFault(given, parent);
  if (fault !== 0) return refused(fault);
  const secret = tpm.entropy.bytes(SEED_BYTES);
  const object = made(secret, given, parent.hierarchy, parent.qualifiedName);
  const creation = created(tpm, object, given, {
    alg: parent.public.nameAlg,
    name: parent.name,
    qualifiedName: parent.qualifiedName,
  });
  return done({ private: wrap(parent, object, secret), public: object.public, ...creation });
}

function load(
  tpm: Machine,
  handles: readonly number[],
  given: commands.LoadParameters,
): Outcome<commands.LoadResponse> {
  const slot = tpm.slots.indexOf(null);
  if (slot < 0) return refused(RC.OBJECT_MEMORY);
  if (given.private.length === 0) return refused(parameterFault(FAULT.SIZE, 1));
  const parent = storageKey(tpm, handles[0]);
  if (parent === null) return refused(FAULT_TYPE_OF_HANDLE);
  const inside = unwrap(parent, nameOf(given.public), given.private);
  if (typeof inside === "number") return refused(parameterFault(inside, 1));
  const object = loaded(inside, given.public, parent.hierarchy, parent.qualifiedName);
  tpm.slots[slot] = object;
  return done({ name: object.name }, HANDLE_RANGE.TRANSIENT + slot);
}

function readPublic(tpm: Machine, handles: readonly number[]): Outcome<commands.ReadPublicResponse> {
  const object = loadedObject(tpm, handles[0] ?? 0);
  if (object === null) return refused(RC.REFERENCE_H0);
  return done({
    public: encoded(eccPublic, object.public),
    name: object.name,
    qualifiedName: object.qualifiedName,
  });
}

function flush(
  tpm: Machine,
  _handles: readonly number[],
  { handle }: commands.FlushParameters,
): Outcome<object> {
  if (holdsSession(tpm, handle)) endSession(tpm, handle);
  else if (loadedObject(tpm, handle) !== null) tpm.slots[handle - HANDLE_RANGE.TRANSIENT] = null;
  else return refused(parameterFault(FAULT_HANDLE, 1));
  return done({});
}

/** Which handles there can be is this TPM's own affair, so the command table leaves it open. */
const flushParameters = parameters<commands.FlushParameters>({
  handle: checked(u32, FAULT.VALUE, (handle) => isSlot(handle) || isSession(handle)),
});

function hierarchySeed(tpm: Machine, hierarchy: number): Uint8Array {
  return derive(tpm.permanent.seed, ascii("hierarchy"), u32be(hierarchy));
}

function storageKey(tpm: Machine, handle: number | undefined): LoadedObject | null {
  const object = loadedObject(tpm, handle ?? 0);
  return object !== null && isStorage(object.public) ? object : null;
}

function made(
  secret: Uint8Array,
  { sensitive, public: template }: commands.CreateParameters,
  hierarchy: number,
  parentName: Uint8Array,
): LoadedObject {
  const { x, y } = keyPair(secret);
  return loaded({ secret, auth: sensitive.userAuth }, { ...template, x, y }, hierarchy, parentName);
}

function loaded(
  { secret, auth }: { readonly secret: Uint8Array; readonly auth: Uint8Array },
  key: EccPublic,
  hierarchy: number,
  parentName: Uint8Array,
): LoadedObject {
  const name = nameOf(key);
  return {
    public: key,
    key: keyPair(secret),
    auth,
    name,
    qualifiedName: concat(Uint8Array.of(0, ALG.SHA256), sha256(concat(parentName, name))),
    hierarchy,
    wrapping: derive(secret, ascii("wrapping")),
  };
}

type Parent = { readonly alg: number; readonly name: Uint8Array; readonly qualifiedName?: Uint8Array };

function created(
  tpm: Machine,
  object: LoadedObject,
  parameters: commands.CreateParameters,
  parent: Parent,
): { creationData: Uint8Array; creationHash: Uint8Array; creationTicket: Ticket } {
  const bytes = creationData(tpm, parameters, parent);
  const creationHash = sha256(bytes);
  const digest = ticketDigest(tpm, object.hierarchy, object.name, creationHash);
  return {
    creationData: bytes,
    creationHash,
    creationTicket: { tag: TAG_CREATION, hierarchy: object.hierarchy, digest },
  };
}

export const objects: readonly Bound[] = [
  bind({ ...commands.createPrimary, parameters: commands.create.parameters }, createPrimary),
  bind(commands.create, create),
  bind(commands.load, load),
  bind(commands.readPublic, readPublic),
  bind({ ...commands.flushContext, parameters: flushParameters }, flush),
];
