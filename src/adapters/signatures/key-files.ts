/** An authority's keys as encrypted PKCS#8 PEM files below one folder, P-256 or Ed25519 (PROTOCOL §1 Suites). */
import { generateKeyPairSync, type JsonWebKey, type KeyObject, sign } from "node:crypto";
import { dirname, join } from "node:path";
import { concat } from "../../core/base/bytes.ts";
import { SUITE_ED25519, SUITE_ES256 } from "../../core/base/primitives.ts";
import type { Entropy } from "../../ports/entropy.ts";
import type { KeySource } from "../../ports/key-source.ts";
import { PortError } from "../../ports/port-error.ts";
import type { Signer } from "../../ports/signatures.ts";
import { decryptedPem, encryptedPem, IV_BYTES, isEncryptedPem, SALT_BYTES } from "./encrypted-pem.ts";
import { toLowS } from "./low-s.ts";
import { createPrivateFile, makePrivateFolder, readPrivateFile } from "./private-file.ts";
import { ES256_KEY_TAG } from "./signature-rule.ts";

export type KeyFiles = {
  /** Holds a folder for each set of keys. */
  readonly folder: string;
  /** At least one. A fresh key takes the one of its place in the set, or the only one; a standing key any that opens it. */
  readonly passphrases: readonly Uint8Array[];
  readonly entropy: Entropy;
};

/** Bytes of a passphrase: shorter ones are guessed, whatever stretches them. */
const PASSPHRASE_BYTES = { min: 12, max: 1024 } as const;

/** Label `0/1` is the file `0/1.pem`. */
export function keyFiles({ folder, passphrases, entropy }: KeyFiles): KeySource {
  return {
    async create(label, suite) {
      const place = Number(label.split("/").at(-1)) - 1;
      const passphrase = passphrases.length === 1 ? passphrases[0] : passphrases[place];
      if (passphrase === undefined)
        throw trouble("signer-passphrase-absent", `none was given for key ${label}`);
      const key = freshKey(suite);
      const [salt, iv] = [entropy.bytes(SALT_BYTES), entropy.bytes(IV_BYTES)];
      await makePrivateFolder(dirname(fileOf(folder, label)));
      await createPrivateFile(fileOf(folder, label), encryptedPem(key, { passphrase, salt, iv }));
      return keySigner(key, fileOf(folder, label));
    },
    async open(label) {
      const path = fileOf(folder, label);
      return keySigner(await readEncryptedKey(path, passphrases), path);
    },
  };
}

/**
 * The private key in a file that only its owner may read. PortErrors as `readPrivateFile`; `signer-key-unencrypted`,
 * `signer-passphrase-wrong`.
 */
export async function readEncryptedKey(path: string, passphrases: readonly Uint8Array[]): Promise<KeyObject> {
  const pem = Buffer.from(await readPrivateFile(path, "key file")).toString("latin1");
  if (!isEncryptedPem(pem)) throw trouble("signer-key-unencrypted", `${path} is no encrypted PKCS#8 PEM`);
  for (const passphrase of passphrases) {
    const key = decryptedPem(pem, passphrase);
    if (key !== null) return key;
  }
  throw trouble("signer-passphrase-wrong", `no given passphrase opens ${path}, or it is damaged`);
}

/** The first line of a file that only its owner may read. PortErrors as `readPrivateFile`, and `signer-passphrase-short`. */
export async function readPassphrase(path: string): Promise<Uint8Array> {
  const bytes = await readPrivateFile(path, "passphrase file");
  const end = bytes.findIndex((byte) => byte === 0x0a || byte === 0x0d);
  return checkedPassphrase(end < 0 ? bytes : bytes.subarray(0, end), path);
}

/** `from`: where it was read, for the message. */
export function checkedPassphrase(passphrase: Uint8Array, from: string): Uint8Array {
  const { length } = passphrase;
  if (length >= PASSPHRASE_BYTES.min && length <= PASSPHRASE_BYTES.max) return passphrase;
  const required = `${PASSPHRASE_BYTES.min} to ${PASSPHRASE_BYTES.max}`;
  throw trouble(
    "signer-passphrase-short",
    `the passphrase in ${from} has ${length} bytes; required: ${required}`,
  );
}

function fileOf(folder: string, label: string): string {
  return `${join(folder, label)}.pem`;
}

function trouble(code: string, said: string): PortError {
  return new PortError("signer", code, said, false);
}

function freshKey(suite: number): KeyObject {
  if (suite === SUITE_ED25519) return generateKeyPairSync("ed25519").privateKey;
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
}

function keySigner(key: KeyObject, path: string): Signer {
  const { crv, x, y } = publicPart(key);
  if (crv === "Ed25519") return signerOf(SUITE_ED25519, coordinate(x), (message) => sign(null, message, key));
  if (crv !== "P-256") throw trouble("signer-key-invalid", `${path} holds no key of P-256 or Ed25519`);
  const point = concat(Uint8Array.of(ES256_KEY_TAG), coordinate(x), coordinate(y));
  return signerOf(SUITE_ES256, point, (message) =>
    toLowS(sign("sha256", message, { key, dsaEncoding: "ieee-p1363" })),
  );
}

/** Empty for a type of key that has no JWK. */
function publicPart(key: KeyObject): Pick<JsonWebKey, "crv" | "x" | "y"> {
  try {
    return key.export({ format: "jwk" });
  } catch {
    return {};
  }
}

function signerOf(
  suite: number,
  publicKey: Uint8Array,
  signBytes: (message: Uint8Array) => Uint8Array,
): Signer {
  return { suite, publicKey, sign: async (message) => new Uint8Array(signBytes(message)) };
}

function coordinate(text: string | undefined): Uint8Array {
  return new Uint8Array(Buffer.from(text ?? "", "base64url"));
}
