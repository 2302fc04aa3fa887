import { constants, createDecipheriv, createHmac, generateKeyPairSync, privateDecrypt } from "node:crypto";
import { describe, expect, test } from "vitest";
import { makeCredential } from "../../../src/adapters/attestation/make-credential.ts";
import { agreedSeed, credentialKeys, type Hmac } from "../../../src/core/attestation/credential-keys.ts";
import { ascii, concat } from "../../../src/core/base/bytes.ts";
import type { SealedCredential } from "../../../src/ports/tpm.ts";
import { nodePrimitives, seededEntropy } from "../../conformance/tpm-context.ts";
import { eccTail, ekPublic, knownCredential, knownKey, rsaTail } from "../../core/attestation/endorsement.ts";
import { testKey } from "../../core/attestation/evidence.ts";
import { assertTold } from "../../support/told.ts";

const { akName } = knownCredential;
const SECRET = ascii("a secret");
const hmac: Hmac = (key, message) => new Uint8Array(createHmac("sha256", key).update(message).digest());

function made(area: Uint8Array, seed: string, secret: Uint8Array = SECRET): SealedCredential {
  const result = makeCredential({ ekPublic: area, akName, secret }, seededEntropy(seed));
  if (!result.ok) throw new Error(JSON.stringify(result.rejections));
  return result.value;
}

/** As the TPM does it, from the seed on. */
function opened(seed: Uint8Array, blob: Uint8Array): Uint8Array {
  const keys = credentialKeys(seed, akName, hmac);
  expect(hmac(keys.integrity, concat(blob.slice(34), akName))).toEqual(blob.slice(2, 34));
  const decipher = createDecipheriv("aes-128-cfb", keys.encryption, new Uint8Array(16));
  return new Uint8Array(concat(decipher.update(blob.slice(34)), decipher.final())).slice(2);
}

function refusal(area: Uint8Array): string[] {
  const result = makeCredential({ ekPublic: area, akName, secret: SECRET }, seededEntropy("refusal"));
  if (result.ok) return [];
  assertTold(result.rejections);
  return result.rejections.map(({ code }) => code);
}

describe("makeCredential", () => {
  test("is opened by the private half of a P-256 key", () => {
    const { blob, secret } = made(knownCredential.ekPublic, "p-256");
    const point = concat(Uint8Array.of(4), secret.slice(2, 34), secret.slice(36));
    const shared = new Uint8Array(knownKey.computeSecret(point));
    const endorsement = new Uint8Array(knownKey.getPublicKey()).slice(1, 33);
    const seed = agreedSeed({ shared, ephemeral: secret.slice(2, 34), endorsement }, nodePrimitives.sha256);
    expect(opened(seed, blob)).toEqual(SECRET);
  });

  test("is opened by the private half of an RSA key, under the label with its zero", () => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const modulus = new Uint8Array(Buffer.from(publicKey.export({ format: "jwk" }).n ?? "", "base64url"));
    const { blob, secret } = made(ekPublic(0x01, rsaTail(modulus)), "rsa");
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const oaep = { key: privateKey, padding, oaepHash: "sha256", oaepLabel: ascii("IDENTITY\0") };
    const seed = new Uint8Array(privateDecrypt(oaep, secret));
    expect(seed).toEqual(seededEntropy("rsa").bytes(32));
    expect(opened(seed, blob)).toEqual(SECRET);
    const bare = { ...oaep, oaepLabel: ascii("IDENTITY") };
    expect(() => privateDecrypt(bare, secret)).toThrow();
  });

  test("repeats to the byte with the same entropy, and shares nothing with another", () => {
    const [one, same, other] = ["a", "a", "b"].map((seed) => made(knownCredential.ekPublic, seed));
    expect(same).toEqual(one);
    expect(other?.blob).not.toEqual(one?.blob);
    expect(other?.secret).not.toEqual(one?.secret);
  });

  test("draws again where the entropy is no scalar of the curve", () => {
    const draws = [new Uint8Array(32), new Uint8Array(32).fill(0xff), new Uint8Array(32).fill(9)];
    const entropy = { bytes: () => draws.shift() ?? new Uint8Array(32) };
    const result = makeCredential({ ekPublic: knownCredential.ekPublic, akName, secret: SECRET }, entropy);
    expect(result.ok).toBe(true);
    expect(draws).toEqual([]);
  });

  test("refuses a point off the curve, a modulus that is none, and another template", () => {
    const { point } = testKey();
    const off = point.slice();
    off[64] = (off[64] ?? 0) ^ 1;
    expect(refusal(ekPublic(0x23, eccTail(off)))).toEqual(["tpm-ek-unusable"]);
    expect(refusal(ekPublic(0x01, rsaTail(new Uint8Array(256))))).toEqual(["tpm-ek-unusable"]);
    expect(refusal(ekPublic(0x23, eccTail(point), { policy: new Uint8Array(0) }))).toEqual(["tpm-ek-policy"]);
  });
});
