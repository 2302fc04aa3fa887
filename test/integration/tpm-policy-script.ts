/** Steps with policy sessions: what they are shown, who approves of it, and what they open. */
import { createECDH, createPrivateKey, sign as signMessage } from "node:crypto";
import { endorsementKeyP256 } from "../../hardware/tpm/client/templates.ts";
import * as commands from "../../hardware/tpm/codec/commands.ts";
import { ALG, HIERARCHY, OBJECT, TAG_HASHCHECK, TAG_VERIFIED } from "../../hardware/tpm/codec/constants.ts";
import { decoded } from "../../hardware/tpm/codec/field.ts";
import { encodeCommand } from "../../hardware/tpm/codec/frame.ts";
import * as policy from "../../hardware/tpm/codec/policy-commands.ts";
import {
  type EccPublic,
  type EcdsaSignature,
  eccPublic,
  type PcrSelection,
  type Ticket,
} from "../../hardware/tpm/codec/structures.ts";
import { approverName, approverPublic, pcrPolicy } from "../../src/core/attestation/pcr-policy.ts";
import { concat } from "../../src/core/base/bytes.ts";
import { nodePrimitives } from "../conformance/tpm-context.ts";
import { attestation, creation, hierarchy, NOTHING, OWN, object, pcrs } from "./tpm-arguments.ts";
import type { Chance } from "./tpm-chance.ts";
import { type AnyCommand, made, plain, type Step } from "./tpm-step.ts";

/** TPMS_ECC_POINT: the base point of P-256, and one beside the curve. */
const ON_CURVE = new Uint8Array(
  Buffer.from(
    "00206b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296" +
      "00204fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
    "hex",
  ),
);
const OFF_CURVE = ON_CURVE.map((byte, i) => (i === 67 ? byte ^ 1 : byte));

/** What guards against guessed passwords is not simulated: no key here is under it. */
const ENDORSED: EccPublic = {
  ...endorsementKeyP256.public,
  attributes: endorsementKeyP256.public.attributes | OBJECT.NO_DA,
};

const { sha256 } = nodePrimitives;

export type Make = (chance: Chance) => readonly Step[];

export const POLICY_KINDS: readonly Make[] = [
  (chance) => [startSession(chance)],
  (chance) => [startSession(chance)],
  (chance) => [policySecret(chance)],
  (chance) => [policySecret(chance)],
  (chance) => [policyPcr(chance, pcrs(chance))],
  (chance) => [policyPcr(chance, ZEROS)],
  (chance) => [policyAuthorize(chance)],
  (chance) => [made(chance, policy.policyGetDigest, [policySession(chance)], {})],
  (chance) => [loadExternal(chance)],
  (chance) => [verifySignature(chance)],
  (chance) => [activate(chance)],
  (chance) => [activate(chance)],
  endorsed,
  approved,
  approved,
];

function startSession(chance: Chance): Step {
  return made(chance, policy.startAuthSession, [HIERARCHY.NULL, HIERARCHY.NULL], {
    nonce: new Uint8Array(chance.pick([16, 16, 32, 32, 0, 15, 33, 65])).fill(2),
    salt: new Uint8Array(chance.oneIn(10) ? 8 : 0),
    type: chance.pick([1, 1, 1, 1, 3, 2]),
    symmetric: chance.oneIn(12) ? 0x0099 : ALG.NULL,
    hash: chance.oneIn(12) ? 0x0099 : ALG.SHA256,
  });
}

function policySecret(chance: Chance): Step {
  return made(chance, policy.policySecret, [HIERARCHY.ENDORSEMENT, policySession(chance)], {
    nonce: new Uint8Array(chance.oneIn(10) ? chance.pick([16, 65]) : 0).fill(7),
    cpHash: NOTHING,
    policyRef: new Uint8Array(chance.pick([0, 0, 0, 0, 4, 65])).fill(1),
    expirationS: 0,
  });
}

/** A storage key made for a policy, a session that shows it, and the command that wants both. */
function endorsed(chance: Chance): readonly Step[] {
  return [
    made(chance, commands.createPrimary, [HIERARCHY.ENDORSEMENT], creation(chance, ENDORSED)),
    startSession(chance),
    policySecret(chance),
    activate(chance),
  ];
}

function activate(chance: Chance): Step {
  const parameters = {
    credential: new Uint8Array(chance.pick([0, 20, 68, 132, 133])).fill(chance.pick([0, 1])),
    secret: chance.pick([
      NOTHING,
      new Uint8Array(4),
      new Uint8Array(68),
      OFF_CURVE,
      ON_CURVE,
      Uint8Array.from([...ON_CURVE, 0]),
    ]),
  };
  const handles = [object(chance), object(chance)];
  const first = chance.oneIn(6) ? policySession(chance) : HIERARCHY.PASSWORD;
  const second = chance.oneIn(3) ? HIERARCHY.PASSWORD : policySession(chance);
  return made(chance, policy.activateCredential, handles, parameters, [first, second]);
}

function policySession(chance: Chance): number {
  return chance.pick([0x03000000, 0x03000000, 0x03000000, 0x03000001, 0x03000002, 0x02000000, 0x03000003]);
}

const APPROVER = createECDH("prime256v1");
APPROVER.setPrivateKey(new Uint8Array(32).fill(5));
const POINT = new Uint8Array(APPROVER.getPublicKey());
const NAME = approverName(POINT, sha256);
/** PCRs that only these scripts' own power cycles change back: those that nothing here extends, and one that is. */
const ZEROS: readonly PcrSelection[] = [{ hash: ALG.SHA256, select: Uint8Array.of(2, 0, 0) }];
const ZEROS_SHOWN = pcrPolicy([{ pcr: 1, digest: new Uint8Array(32) }], sha256);
const POLICY_AUTHORIZE = Uint8Array.of(0, 0, 1, 0x6a);
const RENEWABLE = sha256(sha256(concat(new Uint8Array(32), POLICY_AUTHORIZE, NAME)));

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

function approverKey(): EccPublic {
  const read = decoded(eccPublic, approverPublic(POINT));
  if (read === null) throw new Error("the approver's public area reads as one");
  return read;
}

/** By the approver, as a TPM takes it. */
function signed(message: Uint8Array): EcdsaSignature {
  const [x, y] = [POINT.slice(1, 33), POINT.slice(33)];
  const d = new Uint8Array(32).fill(5);
  const jwk = { kty: "EC", crv: "P-256", x: base64(x), y: base64(y), d: base64(d) };
  const key = createPrivateKey({ key: jwk, format: "jwk" });
  const both = new Uint8Array(signMessage("sha256", message, { key, dsaEncoding: "ieee-p1363" }));
  return { alg: ALG.ECDSA, hash: ALG.SHA256, r: both.slice(0, 32), s: both.slice(32) };
}

function policyPcr(chance: Chance, selected: readonly PcrSelection[]): Step {
  const zeros = sha256(new Uint8Array(32));
  const pcrDigest = chance.pick([NOTHING, NOTHING, NOTHING, zeros, zeros.slice(1), new Uint8Array(65)]);
  return made(chance, policy.policyPcr, [policySession(chance)], { pcrDigest, pcrs: selected });
}

function loadExternal(chance: Chance): Step {
  const key = approverKey();
  const other = chance.pick<Partial<EccPublic>>([
    { attributes: OBJECT.DECRYPT | OBJECT.NO_DA },
    { attributes: OWN | OBJECT.SIGN },
    { attributes: OWN | OBJECT.SIGN | OBJECT.RESTRICTED },
    { attributes: 1 },
    { scheme: { hash: ALG.SHA256 } },
    { y: key.x },
    { x: key.x.slice(1) },
    { y: NOTHING },
    { authPolicy: new Uint8Array(32) },
    { authPolicy: new Uint8Array(20) },
  ]);
  const key_ = chance.oneIn(2) ? { ...key, ...other } : key;
  return made(chance, policy.loadExternal, [], {
    private: NOTHING,
    public: key_,
    hierarchy: hierarchy(chance),
  });
}

function verifySignature(chance: Chance): Step {
  const message = new Uint8Array(3);
  const good = signed(message);
  const digest = chance.pick([
    sha256(message),
    sha256(message),
    sha256(good.r),
    NOTHING,
    new Uint8Array(20),
    new Uint8Array(64),
  ]);
  const other = chance.pick<Partial<EcdsaSignature>>([
    { r: NOTHING },
    { r: new Uint8Array(32) },
    { s: new Uint8Array(32).fill(0xff) },
    { s: good.r },
    { r: Uint8Array.from([0, ...good.r]) },
    { alg: 0x0099 },
    { hash: 0x0099 },
  ]);
  const signature = chance.oneIn(2) ? { ...good, ...other } : good;
  return made(chance, policy.verifySignature, [object(chance)], { digest, signature });
}

function policyAuthorize(chance: Chance): Step {
  const otherName = chance.pick([NOTHING, NAME.slice(0, 33), Uint8Array.from([0, 0x99, ...NAME.slice(2)])]);
  return made(chance, policy.policyAuthorize, [policySession(chance)], {
    approvedPolicy: chance.pick([new Uint8Array(32), ZEROS_SHOWN, NOTHING, new Uint8Array(65)]),
    policyRef: new Uint8Array(chance.pick([0, 0, 32, 65])).fill(1),
    keySign: chance.oneIn(4) ? otherName : NAME,
    ticket: {
      tag: chance.oneIn(8) ? TAG_HASHCHECK : TAG_VERIFIED,
      hierarchy: chance.pick([HIERARCHY.OWNER, HIERARCHY.NULL, 0x40000099]),
      digest: new Uint8Array(chance.pick([0, 32, 64])),
    },
  });
}

/** A key that signs where somebody approved of PCR 1, the approval, and a session that comes to it; here and there without a step. */
function approved(chance: Chance): readonly Step[] {
  const key: EccPublic = {
    ...attestation(),
    attributes: (OWN & ~OBJECT.USER_WITH_AUTH) | OBJECT.SIGN,
    authPolicy: RENEWABLE,
  };
  const session = 0x03000000;
  const slot = (): number => 0x80000000 + chance.below(3);
  const start = { nonce: new Uint8Array(16), salt: NOTHING, type: 1, symmetric: ALG.NULL, hash: ALG.SHA256 };
  const external = {
    private: NOTHING,
    public: approverKey(),
    hierarchy: chance.pick([HIERARCHY.OWNER, HIERARCHY.OWNER, HIERARCHY.NULL]),
  };
  const validation = { tag: TAG_HASHCHECK, hierarchy: HIERARCHY.NULL, digest: NOTHING };
  const signing = { digest: sha256(NOTHING), scheme: null, validation };
  const flush = [0x80000000, 0x80000001, 0x80000002].map((handle) =>
    plain(commands.flushContext, [], { handle }),
  );
  const [verifier, signer] = chance.oneIn(6) ? [slot(), slot()] : [0x80000000, 0x80000001];
  const extend = { digests: [{ hash: ALG.SHA256, digest: sha256(NOTHING) }] };
  const steps = [
    ...flush,
    plain(commands.flushContext, [], { handle: session }),
    made(chance, policy.loadExternal, [], external),
    made(chance, commands.createPrimary, [HIERARCHY.OWNER], creation(chance, key)),
    plain(policy.verifySignature, [verifier], {
      digest: sha256(ZEROS_SHOWN),
      signature: signed(ZEROS_SHOWN),
    }),
    plain(policy.startAuthSession, [HIERARCHY.NULL, HIERARCHY.NULL], start),
    plain(policy.policyPcr, [session], { pcrDigest: NOTHING, pcrs: ZEROS }),
    authorizeByTicket(chance, session),
    plain(policy.policyGetDigest, [session], {}),
    plain(commands.pcrExtend, [chance.pick([16, 23])], extend),
    ...(chance.oneIn(4) ? [plain(commands.pcrExtend, [chance.pick([2, 16])], extend)] : []),
    made(chance, commands.sign, [signer], signing, [session]),
    plain(policy.policyGetDigest, [session], {}),
    made(chance, commands.sign, [chance.pick([verifier, signer])], signing, [
      chance.pick([session, HIERARCHY.PASSWORD]),
    ]),
  ];
  return steps.filter(() => !chance.oneIn(16));
}

/** With the newest ticket that the machine gave out. */
function authorizeByTicket(chance: Chance, session: number): Step {
  const none: Ticket = { tag: TAG_VERIFIED, hierarchy: HIERARCHY.OWNER, digest: new Uint8Array(64) };
  const policyRef = new Uint8Array(chance.oneIn(8) ? 4 : 0);
  return {
    kind: "command",
    text: `PolicyAuthorize(${session.toString(16)} by ticket)`,
    command: policy.policyAuthorize as unknown as AnyCommand,
    bytes: ({ tickets }) =>
      encodeCommand(policy.policyAuthorize, [session], {
        approvedPolicy: ZEROS_SHOWN,
        policyRef,
        keySign: NAME,
        ticket: tickets.at(-1) ?? none,
      }),
  };
}
