/** The `Tpm` port over any transport: recovers by itself from a lost or restarted TPM on the next call. */
import { assert } from "../../../src/core/base/assert.ts";
import { SUITE_ES256 } from "../../../src/core/base/primitives.ts";
import { PortError } from "../../../src/ports/port-error.ts";
import type { Signer } from "../../../src/ports/signatures.ts";
import type { Quote, Tpm, TpmClock, TpmIdentity, TpmLevel } from "../../../src/ports/tpm.ts";
import * as commands from "../codec/commands.ts";
import {
  ALG,
  CAPABILITY,
  HIERARCHY,
  PROPERTY_MANUFACTURER,
  STARTUP,
  TAG_HASHCHECK,
} from "../codec/constants.ts";
import { decoded } from "../codec/field.ts";
import { eccPublic } from "../codec/structures.ts";
import type { Conversation } from "./conversation.ts";
import { lowS, rawSignature } from "./ecdsa.ts";
import { activateCredential, readEndorsement } from "./endorsement-key.ts";
import { defineCounter, readCounter } from "./nv.ts";
import { assertPcr, readPcr, selection } from "./pcrs.ts";
import { type RecoveringSession, recoveringSession } from "./recovering-session.ts";
import { flushAll, type Session, type SessionSettings } from "./session.ts";
import { sha256 } from "./sha256.ts";

export type TpmSettings = SessionSettings & {
  /** What the TPM is at best; a software TPM behind a device file is found out and says so. */
  readonly level: TpmLevel;
  /** NV index of the agent's counter, in the owner's range 0x01800000-0x01bfffff. */
  readonly counterIndex: number;
};

const DIGEST_BYTES = 32;
const QUALIFYING_BYTES_MAX = 64;
const NOTHING = new Uint8Array(0);
/** TPM_PT_MANUFACTURER of software TPMs: libtpms and the reference code ("IBM "), Microsoft's ("MSFT"). */
const SOFTWARE_MANUFACTURERS: readonly number[] = [0x49424d20, 0x49424d00, 0x4d534654];

/** Opens the TPM; rejects with PortError where it is not there, locked out, or has another identity. */
export async function openTpm(settings: TpmSettings): Promise<Tpm> {
  const tpm = recoveringSession(settings);
  const close = (): Promise<void> => tpm.close((session) => leave(session, settings.ownsPower));
  const counter = settings.counterIndex;
  try {
    const identity = await tpm.operate((session) => describe(session, settings));
    return {
      identity,
      signer: signer(identity, tpm),
      quote: (qualifying, pcrs) => tpm.operate((session) => quote(session, qualifying, pcrs)),
      activateCredential: (sealed) =>
        tpm.operate(({ conversation, ak }) => activateCredential(conversation, ak.handle, sealed)),
      readClock: () => tpm.operate(readClock),
      readPcr: (index) => tpm.operate((session) => readPcr(session.conversation, index)),
      extendPcr: (index, digest) => tpm.operate((session) => extendPcr(session, index, digest)),
      readCounter: () => tpm.operate((session) => readCounter(session.conversation, counter)),
      incrementCounter: () => incrementCounter(tpm, counter),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function describe(session: Session, settings: TpmSettings): Promise<TpmIdentity> {
  const talk = session.conversation;
  await defineCounter(talk, settings.counterIndex);
  const { response } = await talk.run(commands.certify, [session.signing.handle, session.ak.handle], {
    qualifying: NOTHING,
    scheme: null,
  });
  return {
    level: settings.level === "tpm" && (await isSoftware(talk)) ? "software" : settings.level,
    akPublic: session.ak.public,
    akName: session.ak.name,
    signingPublic: session.signing.public,
    certification: { attestation: response.attestation, signature: rawSignature(response.signature) },
    ...(await readEndorsement(talk)),
  };
}

async function isSoftware(talk: Conversation): Promise<boolean> {
  const { response } = await talk.run(commands.getCapability, [], {
    capability: CAPABILITY.TPM_PROPERTIES,
    property: PROPERTY_MANUFACTURER,
    count: 1,
  });
  const maker = decoded(commands.propertyList, response.list)?.[0]?.value;
  return maker === undefined || SOFTWARE_MANUFACTURERS.includes(maker);
}

function signer(identity: TpmIdentity, tpm: RecoveringSession): Signer {
  const key = decoded(eccPublic, identity.signingPublic);
  assert(key !== null, "the session encoded this public area");
  const publicKey = new Uint8Array(1 + 2 * DIGEST_BYTES);
  publicKey[0] = 0x04;
  publicKey.set(key.x, 1 + DIGEST_BYTES - key.x.length);
  publicKey.set(key.y, 1 + 2 * DIGEST_BYTES - key.y.length);
  return {
    suite: SUITE_ES256,
    publicKey,
    async sign(message) {
      try {
        return await tpm.operate((session) => sign(session, sha256(message)));
      } catch (error) {
        if (!(error instanceof PortError)) throw error;
        throw new PortError("signer", error.code, error.message, error.retryable, error);
      }
    },
  };
}

async function sign({ conversation, signing, authorise }: Session, digest: Uint8Array): Promise<Uint8Array> {
  const validation = { tag: TAG_HASHCHECK, hierarchy: HIERARCHY.NULL, digest: NOTHING };
  const parameters = { digest, scheme: { hash: ALG.SHA256 }, validation };
  const { signature } = await authorise("Sign", (sessions) =>
    conversation.ask(commands.sign, [signing.handle], parameters, sessions),
  );
  return lowS(rawSignature(signature));
}

async function quote(session: Session, qualifying: Uint8Array, pcrs: readonly number[]): Promise<Quote> {
  assert(qualifying.length <= QUALIFYING_BYTES_MAX, "qualifying data is a digest of the caller");
  const parameters = { qualifying, scheme: null, pcrs: [selection(pcrs)] };
  const { response } = await session.conversation.run(commands.quote, [session.ak.handle], parameters);
  return { attestation: response.attestation, signature: rawSignature(response.signature) };
}

async function readClock(session: Session): Promise<TpmClock> {
  const { response } = await session.conversation.run(commands.readClock, [], {});
  return response.time.clockInfo;
}

async function extendPcr(session: Session, index: number, digest: Uint8Array): Promise<void> {
  assert(digest.length === DIGEST_BYTES, "a PCR of the SHA-256 bank takes a SHA-256 digest");
  assertPcr(index);
  await session.conversation.run(commands.pcrExtend, [index], { digests: [{ hash: ALG.SHA256, digest }] });
}

/** When the operation runs again after a restart between the two commands, it only reads: never two steps for one call. */
function incrementCounter(tpm: RecoveringSession, counter: number): Promise<bigint> {
  let incremented = false;
  return tpm.operate(async (session) => {
    if (!incremented) await session.conversation.run(commands.nvIncrement, [counter, counter], {});
    incremented = true;
    return readCounter(session.conversation, counter);
  });
}

/** Leaves the TPM as it was found: a failure here changes nothing for anybody. */
async function leave(session: Session, ownsPower: boolean): Promise<void> {
  const talk = session.conversation;
  try {
    if (ownsPower) {
      await flushAll(talk);
      await talk.run(commands.shutdown, [], { type: STARTUP.CLEAR });
    } else {
      for (const key of [session.ak, session.signing]) {
        await talk.run(commands.flushContext, [], { handle: key.handle });
      }
    }
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
  }
  await talk.close().catch(() => {});
}
