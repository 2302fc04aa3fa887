/** What TPM tests hand to a driver and to the checks of the core: real time, chance from a seed, node's cryptography. */
import { createHash, createHmac, createPublicKey, type JsonWebKey, verify } from "node:crypto";
import type { Primitives } from "../../src/core/base/primitives.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { DriverContext } from "../../src/ports/driver.ts";
import type { Entropy } from "../../src/ports/entropy.ts";

const HALF_ORDER = 0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8n;

export const realClock: Clock = {
  bootId: new Uint8Array(16),
  read: () => ({ wallUs: Date.now() * 1000, bootUs: Math.round(performance.now() * 1000) }),
  at(bootUs, wake) {
    const timer = setTimeout(wake, Math.max(0, bootUs / 1000 - performance.now()));
    return () => clearTimeout(timer);
  },
};

export function seededEntropy(seed: string): Entropy {
  let block = 0;
  return {
    bytes(length) {
      const parts: Buffer[] = [];
      for (let made = 0; made < length; made += 32) {
        parts.push(createHmac("sha256", seed).update(String(block++)).digest());
      }
      return new Uint8Array(Buffer.concat(parts).subarray(0, length));
    },
  };
}

const silent = (): void => {};

export function tpmContext(seed: string, clock: Clock = realClock): DriverContext {
  const log = { debug: silent, info: silent, warn: silent, error: silent };
  return { clock, entropy: seededEntropy(seed), log };
}

export const nodePrimitives: Primitives = {
  sha256: (bytes) => new Uint8Array(createHash("sha256").update(bytes).digest()),
  verifySignature(_suite, publicKey, message, signature) {
    if (publicKey.length !== 65 || signature.length !== 64) return false;
    if (BigInt(`0x${Buffer.from(signature.subarray(32)).toString("hex")}`) > HALF_ORDER) return false;
    return verifyAnyS(publicKey, message, signature);
  },
};

/** As a verifier without the low-S rule: what a TPM signs must pass here, normalised or not. */
export function verifyAnyS(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const coordinate = (from: number): string =>
    Buffer.from(publicKey.subarray(from, from + 32)).toString("base64url");
  const jwk: JsonWebKey = { kty: "EC", crv: "P-256", x: coordinate(1), y: coordinate(33) };
  try {
    const key = createPublicKey({ key: jwk, format: "jwk" });
    return verify("sha256", message, { key, dsaEncoding: "ieee-p1363" }, signature);
  } catch {
    return false;
  }
}
