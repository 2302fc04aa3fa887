/** Signing keys for scenes: real P-256, or a fast stand-in that refuses a changed byte or key just as well. */
import { createECDH, createHash, createPrivateKey, sign } from "node:crypto";
import { toLowS } from "../../src/adapters/signatures/low-s.ts";
import { nodeSignatures } from "../../src/adapters/signatures/node-signatures.ts";
import { concat, equalBytes } from "../../src/core/base/bytes.ts";
import { type Primitives, SUITE_ES256 } from "../../src/core/base/primitives.ts";

export type ScriptedKey = {
  /** 65 bytes. */
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
};

export type KeyScheme = {
  readonly primitives: Primitives;
  /** The same key for the same name in every run. */
  keyOf(name: string): ScriptedKey;
};

function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(bytes).digest());
}

/** 32 bytes that stand for `name` in every run. */
export function named(name: string): Uint8Array {
  return new Uint8Array(createHash("sha256").update(name).digest());
}

/** ECDSA on P-256 by OpenSSL: for scenes with few records. */
export function realKeys(): KeyScheme {
  const primitives = nodeSignatures();
  return {
    primitives,
    keyOf(name) {
      const ecdh = createECDH("prime256v1");
      ecdh.setPrivateKey(named(`scalar ${name}`));
      const point = ecdh.getPublicKey();
      const [x, y] = [point.subarray(1, 33), point.subarray(33, 65)];
      const jwk = {
        kty: "EC",
        crv: "P-256",
        d: ecdh.getPrivateKey().toString("base64url"),
        x: x.toString("base64url"),
        y: y.toString("base64url"),
      };
      const key = createPrivateKey({ key: jwk, format: "jwk" });
      return {
        publicKey: new Uint8Array(point),
        sign: (message) =>
          toLowS(new Uint8Array(sign("sha256", message, { key, dsaEncoding: "ieee-p1363" }))),
      };
    },
  };
}

/** SHA-256 over key and message, twice: no secret in it, so nobody forges here, but every changed bit is refused. */
export function quickKeys(): KeyScheme {
  const stamp = (publicKey: Uint8Array, message: Uint8Array): Uint8Array => {
    const digest = sha256(concat(publicKey, message));
    return concat(digest, sha256(digest));
  };
  return {
    primitives: {
      sha256,
      verifySignature: (suite, publicKey, message, signature) =>
        suite === SUITE_ES256 && publicKey.length === 65 && equalBytes(stamp(publicKey, message), signature),
    },
    keyOf(name) {
      const publicKey = concat(Uint8Array.of(4), named(`x ${name}`), named(`y ${name}`));
      return { publicKey, sign: (message) => stamp(publicKey, message) };
    },
  };
}
