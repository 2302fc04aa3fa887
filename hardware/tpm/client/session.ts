/** One stretch of work with a TPM: from connecting to losing it. Holds the handles of the objects it made. */
import { concat, equalBytes, toHex } from "../../../src/core/base/bytes.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { Log } from "../../../src/ports/log.ts";
import { PortError } from "../../../src/ports/port-error.ts";
import * as commands from "../codec/commands.ts";
import {
  CAPABILITY,
  HANDLE_RANGE,
  HIERARCHY,
  handleKind,
  isSession,
  OBJECT,
  RC,
  STARTUP,
} from "../codec/constants.ts";
import { blob, decoded, encoded, sized } from "../codec/field.ts";
import { type EccPublic, eccPublic, type PublicArea, publicArea } from "../codec/structures.ts";
import type { Connect } from "../transport/transport.ts";
import { type Conversation, conversation, refusal } from "./conversation.ts";
import { damaged, type KeyBlobs, type KeyStore } from "./key-store.ts";
import { type Authorise, authPolicy, byApprovedPcrs, byPassword, type PcrPolicy } from "./pcr-policy.ts";
import { sha256 } from "./sha256.ts";
import { attestationKey, signingKey, signingKeyUnder, storageRootKey } from "./templates.ts";

export type SessionSettings = {
  readonly connect: Connect;
  readonly clock: Clock;
  readonly log: Log;
  readonly keys: KeyStore;
  /**
   * True where nothing stands between agent and TPM: the agent starts it up, frees what others left behind and shuts
   * it down. False behind the kernel's resource manager, which does all three.
   */
  readonly ownsPower: boolean;
  /** In which states of the host the signing key works; null for in all. */
  readonly pcrPolicy: PcrPolicy | null;
};

export type TpmKey = { readonly handle: number; readonly public: Uint8Array; readonly name: Uint8Array };

export type Session = {
  readonly conversation: Conversation;
  readonly ak: TpmKey;
  readonly signing: TpmKey;
  /** For commands that use the signing key. */
  readonly authorise: Authorise;
};

const privateBlob = blob(1024);
const publicBlob = sized(eccPublic);
/** TPM_RC_INTEGRITY of the first parameter of TPM2_Load: another TPM, or a cleared one, made the blob. */
const RC_LOAD_INTEGRITY = 0x1df;

/** Connects, starts the TPM, makes the AK and loads the signing key, which the first call ever creates. */
export async function openSession(settings: SessionSettings): Promise<Session> {
  const talk = conversation(settings.clock, await settings.connect());
  try {
    if (settings.ownsPower) {
      await startUp(talk);
      await flushAll(talk);
    }
    const ak = await createPrimary(talk, HIERARCHY.ENDORSEMENT, attestationKey);
    const parent = await createPrimary(talk, HIERARCHY.OWNER, storageRootKey);
    const signing = await loadSigningKey(talk, parent.handle, settings);
    await talk.run(commands.flushContext, [], { handle: parent.handle });
    const { pcrPolicy } = settings;
    const authorise = pcrPolicy === null ? byPassword : byApprovedPcrs(talk, pcrPolicy);
    return { conversation: talk, ak, signing, authorise };
  } catch (error) {
    talk.close().catch(() => {});
    throw error;
  }
}

/** TPM_RC_INITIALIZE says that somebody started it already. */
async function startUp(talk: Conversation): Promise<void> {
  const answer = await talk.ask(commands.startup, [], { type: STARTUP.CLEAR });
  if (answer.kind === "code" && answer.code !== RC.INITIALIZE) throw refusal("Startup", answer.code);
}

/**
 * Frees every transient object and session: the few slots may be taken by a client that died. Asked for HMAC sessions,
 * a TPM lists the loaded ones of both kinds, and asked for policy sessions the saved ones (part 3 §30.2).
 */
export async function flushAll(talk: Conversation): Promise<void> {
  for (const first of [HANDLE_RANGE.TRANSIENT, HANDLE_RANGE.HMAC_SESSION, HANDLE_RANGE.POLICY_SESSION]) {
    for (const handle of await handlesFrom(talk, first)) {
      await talk.run(commands.flushContext, [], { handle });
    }
  }
}

const HANDLES_MAX = 64;

async function handlesFrom(talk: Conversation, first: number): Promise<readonly number[]> {
  const { response } = await talk.run(commands.getCapability, [], {
    capability: CAPABILITY.HANDLES,
    property: first,
    count: HANDLES_MAX,
  });
  const handles = decoded(commands.handleList, response.list) ?? [];
  return handles.filter((handle) =>
    isSession(first) ? isSession(handle) : handleKind(handle) === handleKind(first),
  );
}

async function createPrimary(
  talk: Conversation,
  hierarchy: number,
  template: commands.CreateParameters,
): Promise<TpmKey> {
  const { handle, response } = await talk.run(commands.createPrimary, [hierarchy], template);
  return namedKey("CreatePrimary", handle, response.public, response.name);
}

async function loadSigningKey(
  talk: Conversation,
  parent: number,
  settings: SessionSettings,
): Promise<TpmKey> {
  const blobs = (await settings.keys.load()) ?? (await createSigningKey(talk, parent, settings));
  const privatePart = decoded(privateBlob, blobs.private);
  const publicPart = decoded(publicBlob, blobs.public);
  if (privatePart === null || publicPart === null) throw damaged("they are not TPM2B structures");
  refuseOtherPolicy(publicPart, templateOf(settings).public);
  const answer = await talk.ask(commands.load, [parent], { private: privatePart, public: publicPart });
  if (answer.kind === "success") return namedKey("Load", answer.handle, publicPart, answer.response.name);
  if (answer.code === RC_LOAD_INTEGRITY) {
    throw identityChanged("this TPM did not make the signing key, or was cleared since");
  }
  throw refusal("Load", answer.code);
}

async function createSigningKey(
  talk: Conversation,
  parent: number,
  settings: SessionSettings,
): Promise<KeyBlobs> {
  const { response } = await talk.run(commands.create, [parent], templateOf(settings));
  const blobs: KeyBlobs = {
    private: encoded(privateBlob, response.private),
    public: encoded(publicBlob, response.public),
  };
  await settings.keys.save(blobs);
  settings.log.info("tpm-signing-key-created");
  return blobs;
}

function templateOf({ pcrPolicy }: SessionSettings): commands.CreateParameters {
  return pcrPolicy === null ? signingKey : signingKeyUnder(authPolicy(pcrPolicy));
}

/** A key keeps its policy for its life: under another one it would not sign, and without one it would always. */
function refuseOtherPolicy(kept: EccPublic, wanted: EccPublic): void {
  const isSameUse = ((kept.attributes ^ wanted.attributes) & OBJECT.USER_WITH_AUTH) === 0;
  if (isSameUse && equalBytes(kept.authPolicy, wanted.authPolicy)) return;
  const told = ({ authPolicy: policy }: EccPublic): string =>
    policy.length === 0 ? "no PCR policy" : `PCR policy ${toHex(policy)}`;
  const text = `the signing key was made with ${told(kept)}, and the profile asks for ${told(wanted)}`;
  throw new PortError("tpm", "tpm-key-policy", text, false);
}

/** The Name is what attestations speak of: it must be the one of the very bytes that we hand out. */
function namedKey(commandName: string, handle: number, key: PublicArea, name: Uint8Array): TpmKey {
  const bytes = encoded(publicArea, key);
  if (!equalBytes(name, concat(Uint8Array.of(0x00, 0x0b), sha256(bytes)))) {
    throw new PortError(
      "tpm",
      "tpm-failed",
      `TPM2_${commandName}: the Name is not of the public area`,
      false,
    );
  }
  return { handle, public: bytes, name };
}

/** Nothing was signed under the new identity; an operator decides. */
export function identityChanged(why: string): PortError {
  return new PortError("tpm", "tpm-identity-changed", why, false);
}
