/** Numbers of TPM 2.0 part 2 that this driver speaks. */

/** Bound on a command and on a response; every TPM takes at least this (TPM_PT_MAX_COMMAND_SIZE). */
export const FRAME_BYTES_MAX = 4096;

export const TAG = { PLAIN: 0x8001, SESSIONS: 0x8002, ATTEST_CERTIFY: 0x8017, ATTEST_QUOTE: 0x8018 } as const;
export const TAG_ATTEST_TIME = 0x8019;
export const TAG_CREATION = 0x8021;
export const TAG_VERIFIED = 0x8022;
export const TAG_HASHCHECK = 0x8024;

/** First word of everything that a TPM attests: "\xffTCG". */
export const GENERATED = 0xff544347;

export const HIERARCHY = {
  OWNER: 0x40000001,
  NULL: 0x40000007,
  PASSWORD: 0x40000009,
  ENDORSEMENT: 0x4000000b,
  PLATFORM: 0x4000000c,
} as const;

export const ALG = {
  RSA: 0x0001,
  HMAC: 0x0005,
  AES: 0x0006,
  KEYEDHASH: 0x0008,
  SHA256: 0x000b,
  NULL: 0x0010,
  ECDSA: 0x0018,
  ECC: 0x0023,
  CFB: 0x0043,
} as const;

export const CURVE_P256 = 0x0003;

/** TPMA_OBJECT (part 2 §8.3). */
export const OBJECT = {
  FIXED_TPM: 0x2,
  ST_CLEAR: 0x4,
  FIXED_PARENT: 0x10,
  SENSITIVE_DATA_ORIGIN: 0x20,
  USER_WITH_AUTH: 0x40,
  ADMIN_WITH_POLICY: 0x80,
  NO_DA: 0x400,
  ENCRYPTED_DUPLICATION: 0x800,
  RESTRICTED: 0x10000,
  DECRYPT: 0x20000,
  SIGN: 0x40000,
} as const;

/** Bits of TPMA_OBJECT that must be zero. */
export const OBJECT_RESERVED = 0xfff0f309;

/** TPMA_NV (part 2 §13.4). */
export const NV = {
  OWNER_WRITE: 0x2,
  AUTH_WRITE: 0x4,
  TYPE_COUNTER: 0x10,
  OWNER_READ: 0x20000,
  AUTH_READ: 0x40000,
  NO_DA: 0x2000000,
  WRITTEN: 0x20000000,
} as const;

/** The agent's counter: owner and index may write and read, noDA (FACTS "TPM": 0x02060016). */
export const NV_COUNTER_ATTRIBUTES: number =
  NV.OWNER_WRITE | NV.AUTH_WRITE | NV.TYPE_COUNTER | NV.OWNER_READ | NV.AUTH_READ | NV.NO_DA;

/** Kinds of sessions that authorise by policy; a trial one only computes the digest. */
export const SESSION = { POLICY: 1, TRIAL: 3 } as const;

export const STARTUP = { CLEAR: 0, STATE: 1 } as const;
export const CAPABILITY = { HANDLES: 1, TPM_PROPERTIES: 6 } as const;
export const PROPERTY_MANUFACTURER = 0x105;

/** First handle of each kind that can be loaded or defined. */
export const HANDLE_RANGE = {
  NV: 0x01000000,
  HMAC_SESSION: 0x02000000,
  POLICY_SESSION: 0x03000000,
  TRANSIENT: 0x80000000,
  PERSISTENT: 0x81000000,
} as const;

/** The kind of a handle: its first octet. */
export function handleKind(handle: number): number {
  return handle >>> 24;
}

export function isSession(handle: number): boolean {
  const kind = handleKind(handle);
  return kind === handleKind(HANDLE_RANGE.HMAC_SESSION) || kind === handleKind(HANDLE_RANGE.POLICY_SESSION);
}

/** Response codes that somebody acts on. All others reach the operator as a number in a message. */
export const RC = {
  SUCCESS: 0x000,
  INITIALIZE: 0x100,
  FAILURE: 0x101,
  AUTH_TYPE: 0x124,
  AUTH_MISSING: 0x125,
  PCR_CHANGED: 0x128,
  AUTH_UNAVAILABLE: 0x12f,
  COMMAND_SIZE: 0x142,
  COMMAND_CODE: 0x143,
  AUTH_CONTEXT: 0x145,
  NV_RANGE: 0x146,
  NV_LOCKED: 0x148,
  NV_AUTHORIZATION: 0x149,
  NV_UNINITIALIZED: 0x14a,
  NV_SPACE: 0x14b,
  NV_DEFINED: 0x14c,
  OBJECT_MEMORY: 0x902,
  SESSION_MEMORY: 0x903,
  YIELDED: 0x908,
  CANCELED: 0x909,
  TESTING: 0x90a,
  REFERENCE_H0: 0x910,
  NV_RATE: 0x920,
  LOCKOUT: 0x921,
  RETRY: 0x922,
  NV_UNAVAILABLE: 0x923,
} as const;
