/**
 * A private key as an encrypted PKCS#8 PEM (RFC 5958): PBES2 with scrypt (RFC 7914 §7) and AES-256-CBC. Written here,
 * because OpenSSL's own export stretches a passphrase by 2,048 rounds of PBKDF2 only; read by OpenSSL, whoever wrote it.
 */
import { createCipheriv, createPrivateKey, type KeyObject, scryptSync } from "node:crypto";
import { concat } from "../../core/base/bytes.ts";
import { pem } from "../../core/x509/certificate.ts";
import { identifier, integer, octets, sequence } from "../../core/x509/der.ts";

/** OWASP's choice for 16 MiB: what OpenSSL is willing to spend when it reads the file. About a quarter of a second. */
const SCRYPT = { cost: 16_384, blockSize: 8, parallelization: 5 } as const;
const SCRYPT_BYTES_MAX = 33_554_432;
export const SALT_BYTES = 16;
export const IV_BYTES = 16;
const KEY_BYTES = 32;

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
  return pem(LABEL, sequence(algorithm, octets(encrypted)));
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
