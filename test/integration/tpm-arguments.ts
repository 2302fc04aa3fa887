/** Arguments of generated TPM commands: mostly sound, some of a wrong size, kind or value. */
import type * as commands from "../../hardware/tpm/codec/commands.ts";
import { ALG, HIERARCHY, OBJECT } from "../../hardware/tpm/codec/constants.ts";
import type { EccPublic, PcrSelection, Scheme } from "../../hardware/tpm/codec/structures.ts";
import type { Chance } from "./tpm-chance.ts";

export const TEST_INDEX = 0x01807399;
export const OTHER_INDEX = 0x018073aa;
export const NOTHING = new Uint8Array(0);
export const ECDSA: Scheme = { hash: ALG.SHA256 };
export const OWN =
  OBJECT.FIXED_TPM |
  OBJECT.FIXED_PARENT |
  OBJECT.SENSITIVE_DATA_ORIGIN |
  OBJECT.USER_WITH_AUTH |
  OBJECT.NO_DA;

export function creation(chance: Chance, key: EccPublic): commands.CreateParameters {
  return {
    sensitive: {
      userAuth: new Uint8Array(chance.pick([0, 0, 0, 0, 5, 33, 65])).fill(8),
      data: new Uint8Array(chance.oneIn(10) ? 16 : 0),
    },
    public: key,
    outsideData: new Uint8Array(chance.pick([0, 0, 16, 66, 67])),
    creationPcrs: chance.oneIn(3) ? pcrs(chance) : [],
  };
}

export function storage(): EccPublic {
  return {
    type: ALG.ECC,
    nameAlg: ALG.SHA256,
    attributes: OWN | OBJECT.RESTRICTED | OBJECT.DECRYPT,
    authPolicy: NOTHING,
    symmetric: { keyBits: 128, mode: ALG.CFB },
    scheme: null,
    curve: 3,
    kdf: null,
    x: NOTHING,
    y: NOTHING,
  };
}

export function attestation(): EccPublic {
  return { ...storage(), attributes: OWN | OBJECT.RESTRICTED | OBJECT.SIGN, symmetric: null, scheme: ECDSA };
}

/** One of the three sound templates, or one with an attribute, an algorithm or a size changed. */
export function template(chance: Chance): EccPublic {
  const signing = { ...attestation(), attributes: OWN | OBJECT.SIGN, scheme: scheme(chance) };
  const base = chance.pick([storage(), attestation(), signing]);
  if (chance.oneIn(2)) return base;
  const { FIXED_TPM, FIXED_PARENT, SENSITIVE_DATA_ORIGIN, USER_WITH_AUTH, ADMIN_WITH_POLICY } = OBJECT;
  const bits = [
    FIXED_TPM,
    FIXED_PARENT,
    SENSITIVE_DATA_ORIGIN,
    USER_WITH_AUTH,
    ADMIN_WITH_POLICY,
    OBJECT.SIGN,
  ];
  const more = [OBJECT.RESTRICTED, OBJECT.DECRYPT, OBJECT.ENCRYPTED_DUPLICATION, OBJECT.ST_CLEAR, 1 << 9, 1];
  return chance.pick<EccPublic>([
    { ...base, attributes: base.attributes ^ chance.pick(bits) },
    { ...base, attributes: base.attributes ^ chance.pick(more) },
    { ...base, attributes: base.attributes ^ FIXED_TPM ^ FIXED_PARENT },
    { ...base, nameAlg: chance.pick([ALG.NULL, 0x0099]) },
    { ...base, type: 0x0099 },
    { ...base, curve: 0x0099 },
    { ...base, scheme: base.scheme === null ? ECDSA : null },
    { ...base, scheme: { hash: 0x0099 } },
    { ...base, kdf: ECDSA },
    { ...base, symmetric: base.symmetric === null ? { keyBits: 128, mode: ALG.CFB } : null },
    { ...base, symmetric: { keyBits: chance.pick([64, 256]), mode: chance.pick([ALG.CFB, 0x0099]) } },
    { ...base, authPolicy: new Uint8Array(chance.pick([20, 32, 65])) },
    { ...base, x: new Uint8Array(chance.pick([32, 48, 81])), y: new Uint8Array(32) },
  ]);
}

export function scheme(chance: Chance): Scheme | null {
  return chance.pick([null, null, ECDSA, ECDSA, { hash: 0x0099 }]);
}

export function pcrs(chance: Chance): readonly PcrSelection[] {
  const count = chance.pick([1, 1, 1, 0, 2, 5]);
  return Array.from({ length: count }, () => ({
    hash: chance.oneIn(12) ? 0x0099 : ALG.SHA256,
    select: Uint8Array.from({ length: chance.oneIn(12) ? 2 : 3 }, () => chance.pick([0, 1, 0x81, 0xff])),
  }));
}

export function nvSpan(chance: Chance): commands.NvReadParameters {
  return { size: chance.pick([8, 8, 0, 4, 9, 2000]), offset: chance.pick([0, 0, 4, 8, 9]) };
}

export function object(chance: Chance): number {
  return chance.pick([
    0x80000000,
    0x80000000,
    0x80000001,
    0x80000001,
    0x80000002,
    0x80000003,
    0x81000099,
    HIERARCHY.OWNER,
  ]);
}

export function anyHandle(chance: Chance): number {
  return chance.pick([
    0x80000000,
    0x80000001,
    0x80000002,
    0x80000003,
    0x02000000,
    0x03000000,
    HIERARCHY.OWNER,
    7,
  ]);
}

export function hierarchy(chance: Chance): number {
  const { OWNER, ENDORSEMENT, PLATFORM, NULL } = HIERARCHY;
  return chance.pick([OWNER, OWNER, ENDORSEMENT, PLATFORM, NULL, 0x40000099, 0x80000000]);
}

export function endorsement(chance: Chance): number {
  return chance.pick([HIERARCHY.ENDORSEMENT, HIERARCHY.ENDORSEMENT, HIERARCHY.OWNER]);
}

export function provision(chance: Chance): number {
  return chance.pick([
    HIERARCHY.OWNER,
    HIERARCHY.OWNER,
    HIERARCHY.OWNER,
    HIERARCHY.PLATFORM,
    HIERARCHY.ENDORSEMENT,
  ]);
}

export function index(chance: Chance): number {
  return chance.pick([TEST_INDEX, TEST_INDEX, TEST_INDEX, OTHER_INDEX]);
}

export function nvAuthority(chance: Chance): number {
  return chance.pick([
    TEST_INDEX,
    TEST_INDEX,
    OTHER_INDEX,
    HIERARCHY.OWNER,
    HIERARCHY.PLATFORM,
    HIERARCHY.NULL,
  ]);
}
