/**
 * A private key as an encrypted PKCS#8 PEM (RFC 5958): PBES2 with scrypt (RFC 7914 §7) and AES-256-CBC. Written here,
 * because OpenSSL's own export stretches a passphrase by 2,048 rounds of PBKDF2 only; read by OpenSSL, whoever wrote it.
 */
import { createCipheriv, createPrivateKey, type KeyObject, scryptSync } from "node:crypto";
import { concat, fromHex } from "../../core/base/bytes.ts";

/** OWASP's choice for 16 MiB: what OpenSSL is willing to spend when it reads the file. About a quarter of a second. */
const SCRYPT = { cost: 16_384, blockSize: 8, parallelization: 5 } as const;
const SCRYPT_BYTES_MAX = 33_554_432;
export const SALT_BYTES = 16;
export const IV_BYTES = 16;
const KEY_BYTES = 32;
const LINE_LETTERS = 64;

/** RFC 8018 id-PBES2; RFC 7914 id-scrypt; NIST aes256-CBC. */
const PBES2 = "2a864886f70d01050d";
const ID_SCRYPT = "2b06010401da47040b";
const AES_256_CBC = "60864801650304012a";

const LABEL = "ENCRYPTED PRIVATE KEY";

export type Sealing = {
  readonly passphrase: Uint8Array;
  /** `SALT_BYTES` and `IV_BYTES` fresh bytes. */
  readonly salt: Uint8Array;
  readonly iv: Uint8Array;
};

export function encryptedPem(key: KeyObject, { passphrase, salt, iv }: Sealing): string {
  const { cost, blockSize, parallelization } = SCRYPT;
  const options = { cost, blockSize, parallelization, maxmem: SCRYPT_BYTES_MAX };
  const stretched = scryptSync(passphrase, salt, KEY_BYTES, options);
  const cipher = createCipheriv("aes-256-cbc", stretched, iv);
  const clear = key.export({ type: "pkcs8", format: "der" });
  const encrypted = concat(cipher.update(clear), cipher.final());
  const stretching = sequence(
    identifier(ID_SCRYPT),
    sequence(octets(salt), integer(cost), integer(blockSize), integer(parallelization)),
  );
  const scheme = sequence(identifier(AES_256_CBC), octets(iv));
  const algorithm = sequence(identifier(PBES2), sequence(stretching, scheme));
  return pem(sequence(algorithm, octets(encrypted)));
}

export function isEncryptedPem(text: string): boolean {
  return text.includes(`-----BEGIN ${LABEL}-----`);
}

/** The key, or null for a wrong passphrase or a damaged file: the padding cannot tell which. */
export function decryptedPem(text: string, passphrase: Uint8Array): KeyObject | null {
  try {
    return createPrivateKey({ key: text, format: "pem", passphrase: Buffer.from(passphrase) });
  } catch {
    return null;
  }
}

function pem(der: Uint8Array): string {
  const letters = Buffer.from(der).toString("base64");
  const lines: string[] = [];
  for (let at = 0; at < letters.length; at += LINE_LETTERS) lines.push(letters.slice(at, at + LINE_LETTERS));
  return `-----BEGIN ${LABEL}-----\n${lines.join("\n")}\n-----END ${LABEL}-----\n`;
}

/** DER (X.690): tag, length, content. */
function element(tag: number, content: Uint8Array): Uint8Array {
  const { length } = content;
  if (length < 0x80) return concat(Uint8Array.of(tag, length), content);
  if (length < 0x100) return concat(Uint8Array.of(tag, 0x81, length), content);
  return concat(Uint8Array.of(tag, 0x82, length >> 8, length & 0xff), content);
}

function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return element(0x30, concat(...parts));
}

function octets(bytes: Uint8Array): Uint8Array {
  return element(0x04, bytes);
}

function identifier(hex: string): Uint8Array {
  return element(0x06, fromHex(hex) as Uint8Array);
}

/** Not negative, below 2^31. */
function integer(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; rest > 0; rest >>>= 8) bytes.unshift(rest & 0xff);
  if (((bytes[0] ?? 0x80) & 0x80) !== 0) bytes.unshift(0);
  return element(0x02, Uint8Array.from(bytes));
}
