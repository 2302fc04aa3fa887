/** A conversation with the simulated TPM that uses every command: its frames both ways are good inputs. */
import {
  attestationKey,
  endorsementKeyP256,
  signingKey,
  storageRootKey,
} from "../../../hardware/tpm/client/templates.ts";
import type { Command } from "../../../hardware/tpm/codec/command.ts";
import * as table from "../../../hardware/tpm/codec/commands.ts";
import {
  ALG,
  CAPABILITY,
  HANDLE_RANGE,
  HIERARCHY,
  NV_COUNTER_ATTRIBUTES,
  OBJECT,
  SESSION,
  TAG_HASHCHECK,
} from "../../../hardware/tpm/codec/constants.ts";
import { encoded } from "../../../hardware/tpm/codec/field.ts";
import { decodeResponse, encodeCommand } from "../../../hardware/tpm/codec/frame.ts";
import * as policy from "../../../hardware/tpm/codec/policy-commands.ts";
import { publicArea } from "../../../hardware/tpm/codec/structures.ts";
import { dispatch } from "../../../hardware/tpm/simulator/dispatch.ts";
import { type Machine, machine } from "../../../hardware/tpm/simulator/machine.ts";
import { keyPair, signDigest } from "../../../hardware/tpm/simulator/p256.ts";
import { memoryPermanentStore } from "../../../hardware/tpm/simulator/permanent.ts";
import { makeCredential } from "../../../src/adapters/attestation/make-credential.ts";
import { concat } from "../../../src/core/base/bytes.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { nodePrimitives, seededEntropy } from "../../conformance/tpm-context.ts";
import type { AnyCommand } from "./tpm-commands.ts";

export type Exchange = {
  readonly command: AnyCommand;
  readonly asked: Uint8Array;
  readonly answer: Uint8Array;
};

const STILL: Clock = {
  bootId: new Uint8Array(16),
  read: () => ({ wallUs: 5_000_000, bootUs: 5_000_000 }),
  at: () => () => undefined,
};

export function freshMachine(): Machine {
  return machine(STILL, seededEntropy("fuzz"), memoryPermanentStore());
}

const { sha256 } = nodePrimitives;
const STORAGE = HANDLE_RANGE.TRANSIENT;
const ATTESTATION = STORAGE + 1;
const SIGNING = STORAGE + 2;
const COUNTER = 0x01807398;
const DIGEST = new Uint8Array(32).fill(9);
const NOTHING = new Uint8Array(0);
const BANK = [{ hash: ALG.SHA256, select: Uint8Array.of(1, 0, 0) }];

export function conversation(): readonly Exchange[] {
  const tpm = freshMachine();
  const exchanges: Exchange[] = [];
  function ask<P extends object, R extends object>(
    command: Command<P, R>,
    handles: readonly number[],
    parameters: P,
    sessions: readonly number[] = [],
  ): R {
    const asked = encodeCommand(command, handles, parameters, sessions);
    const answer = dispatch(tpm, asked);
    exchanges.push({ command: command as unknown as AnyCommand, asked, answer });
    const decoded = decodeResponse(command, answer);
    if (decoded.kind !== "success") throw new Error(`${command.name} is refused: ${JSON.stringify(decoded)}`);
    return decoded.response;
  }
  const signed = { qualifying: DIGEST, scheme: null };
  ask(table.startup, [], { type: 0 });
  ask(table.selfTest, [], { full: true });
  ask(table.createPrimary, [HIERARCHY.OWNER], storageRootKey);
  ask(table.createPrimary, [HIERARCHY.ENDORSEMENT], attestationKey);
  const made = ask(table.create, [STORAGE], signingKey);
  ask(table.load, [STORAGE], { private: made.private, public: made.public });
  ask(table.readPublic, [SIGNING], {});
  const validation = { tag: TAG_HASHCHECK, hierarchy: HIERARCHY.NULL, digest: NOTHING };
  ask(table.sign, [SIGNING], { digest: DIGEST, scheme: null, validation });
  ask(table.certify, [SIGNING, ATTESTATION], signed);
  ask(table.quote, [ATTESTATION], { ...signed, pcrs: BANK });
  ask(table.getTime, [HIERARCHY.ENDORSEMENT, ATTESTATION], signed);
  ask(table.readClock, [], {});
  ask(table.pcrExtend, [0], { digests: [{ hash: ALG.SHA256, digest: DIGEST }] });
  ask(table.pcrRead, [], { pcrs: BANK });
  ask(table.getRandom, [], { length: 16 });
  askCounter(ask);
  ask(table.getCapability, [], { capability: CAPABILITY.HANDLES, property: STORAGE, count: 8 });
  ask(table.flushContext, [], { handle: SIGNING });
  askActivation(ask);
  askApproval(ask);
  ask(table.shutdown, [], { type: 0 });
  return exchanges;
}

type Ask = <P extends object, R extends object>(
  command: Command<P, R>,
  handles: readonly number[],
  parameters: P,
  sessions?: readonly number[],
) => R;

/** In the slot that the signing key left. */
function askActivation(ask: Ask): void {
  const key = ask(table.createPrimary, [HIERARCHY.ENDORSEMENT], endorsementKeyP256);
  const { name: akName } = ask(table.readPublic, [ATTESTATION], {});
  const ekPublic = encoded(publicArea, key.public);
  const made = makeCredential({ ekPublic, akName, secret: DIGEST }, seededEntropy("fuzz"));
  if (!made.ok) throw new Error(JSON.stringify(made.rejections));
  const plain = { salt: NOTHING, type: SESSION.POLICY, symmetric: ALG.NULL, hash: ALG.SHA256 };
  ask(policy.startAuthSession, [HIERARCHY.NULL, HIERARCHY.NULL], { nonce: DIGEST, ...plain });
  const session = HANDLE_RANGE.POLICY_SESSION;
  const shown = { nonce: NOTHING, cpHash: NOTHING, policyRef: NOTHING, expirationS: 0 };
  ask(policy.policySecret, [HIERARCHY.ENDORSEMENT, session], shown);
  const sealed = { credential: made.value.blob, secret: made.value.secret };
  ask(policy.activateCredential, [ATTESTATION, SIGNING], sealed, [HIERARCHY.PASSWORD, session]);
}

/** In the slot of the endorsement key: a digest that the approver signed, as the policy of a session. */
function askApproval(ask: Ask): void {
  ask(table.flushContext, [], { handle: SIGNING });
  const { x, y, secret } = keyPair(DIGEST);
  const key = { ...signingKey.public, attributes: OBJECT.SIGN | OBJECT.NO_DA, x, y };
  const external = { private: NOTHING, public: key, hierarchy: HIERARCHY.OWNER };
  const { name: keySign } = ask(policy.loadExternal, [], external);
  const plain = { salt: NOTHING, type: SESSION.POLICY, symmetric: ALG.NULL, hash: ALG.SHA256 };
  ask(policy.startAuthSession, [HIERARCHY.NULL, HIERARCHY.NULL], { nonce: DIGEST, ...plain });
  const session = HANDLE_RANGE.POLICY_SESSION;
  ask(policy.policyPcr, [session], { pcrDigest: NOTHING, pcrs: BANK });
  const { digest: approvedPolicy } = ask(policy.policyGetDigest, [session], {});
  const digest = sha256(concat(approvedPolicy, DIGEST));
  const signature = { alg: ALG.ECDSA, hash: ALG.SHA256, ...signDigest(secret, digest) };
  const { ticket } = ask(policy.verifySignature, [SIGNING], { digest, signature });
  ask(policy.policyAuthorize, [session], { approvedPolicy, policyRef: DIGEST, keySign, ticket });
}

function askCounter(ask: Ask): void {
  const counter = {
    index: COUNTER,
    nameAlg: ALG.SHA256,
    attributes: NV_COUNTER_ATTRIBUTES,
    authPolicy: NOTHING,
    dataSize: 8,
  };
  ask(table.nvDefineSpace, [HIERARCHY.OWNER], { auth: NOTHING, public: counter });
  ask(table.nvIncrement, [COUNTER, COUNTER], {});
  ask(table.nvRead, [COUNTER, COUNTER], { size: 8, offset: 0 });
  ask(table.nvReadPublic, [COUNTER], {});
  ask(table.nvUndefineSpace, [HIERARCHY.OWNER, COUNTER], {});
}
