/** A fresh P-256 key for TLS: in this process's memory, until somebody writes it down. */
import { generateKeyPairSync, type KeyObject } from "node:crypto";

export type TlsKey = {
  /** SEC1, uncompressed. */
  readonly publicKey: Uint8Array;
  /** PEM, PKCS#8, not encrypted: TLS servers start without anybody there. */
  readonly privatePem: string;
};

export function tlsKey(): TlsKey {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const privatePem = String(privateKey.export({ type: "pkcs8", format: "pem" }));
  return { publicKey: pointOf(publicKey), privatePem };
}

export function pointOf(key: KeyObject): Uint8Array {
  const { x = "", y = "" } = key.export({ format: "jwk" });
  return Uint8Array.from([4, ...Buffer.from(x, "base64url"), ...Buffer.from(y, "base64url")]);
}
