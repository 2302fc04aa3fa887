import { createDecipheriv, createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { agreedSeed, credentialKeys, type Hmac } from "../../../src/core/attestation/credential-keys.ts";
import { concat } from "../../../src/core/base/bytes.ts";
import { nodePrimitives } from "../../conformance/tpm-context.ts";
import { knownCredential, knownKey } from "./endorsement.ts";

const hmac: Hmac = (key, message) => new Uint8Array(createHmac("sha256", key).update(message).digest());

describe("credentialKeys", () => {
  test("open what tpm2_makecredential made for a key that we know", () => {
    const { blob, secret, akName, text } = knownCredential;
    const ephemeral = secret.slice(2, 34);
    const shared = new Uint8Array(
      knownKey.computeSecret(concat(Uint8Array.of(4), ephemeral, secret.slice(36))),
    );
    const endorsement = new Uint8Array(knownKey.getPublicKey()).slice(1, 33);
    const seed = agreedSeed({ shared, ephemeral, endorsement }, nodePrimitives.sha256);
    const keys = credentialKeys(seed, akName, hmac);
    const encrypted = blob.slice(34);
    expect(hmac(keys.integrity, concat(encrypted, akName))).toEqual(blob.slice(2, 34));
    const decipher = createDecipheriv("aes-128-cfb", keys.encryption, new Uint8Array(16));
    const opened = Buffer.concat([decipher.update(encrypted), decipher.final()]);
    expect(opened.subarray(2).toString()).toBe(text);
    expect(opened.readUInt16BE(0)).toBe(text.length);
  });

  test("encrypt for another Name with another key, under the same key of integrity", () => {
    const seed = new Uint8Array(32).fill(7);
    const one = credentialKeys(seed, Uint8Array.of(0, 0x0b, 1), hmac);
    const other = credentialKeys(seed, Uint8Array.of(0, 0x0b, 2), hmac);
    expect(one.encryption).not.toEqual(other.encryption);
    expect(one.integrity).toEqual(other.integrity);
    expect([one.encryption.length, one.integrity.length]).toEqual([16, 32]);
  });
});
