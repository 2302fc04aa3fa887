/** The session keys of this process, in memory alone (PROTOCOL §10): the one in use, and those that queued drafts name. */
import { idText } from "../core/base/bytes.ts";
import type { Sha256 } from "../core/base/primitives.ts";
import { keyId } from "../core/record/identity.ts";
import type { SessionKeys } from "../ports/session-keys.ts";
import type { Signer } from "../ports/signatures.ts";

export type SessionSigners = {
  /** The public half of a fresh key; null where this process makes none. */
  make(): Uint8Array | null;
  /** Who signs for `keyId`, where it is a session key. */
  signerOf(keyId: Uint8Array): Signer | null;
};

/** A key is replaced once in many minutes: what is queued names no older ones. */
const KEPT_MAX = 3;

export function sessionSigners(create: SessionKeys | undefined, sha256: Sha256): SessionSigners {
  const signers = new Map<string, Signer>();
  return {
    make() {
      const signer = create?.();
      if (signer === undefined) return null;
      signers.set(idText(keyId(signer.suite, signer.publicKey, sha256)), signer);
      const [oldest] = signers.keys();
      if (signers.size > KEPT_MAX && oldest !== undefined) signers.delete(oldest);
      return signer.publicKey;
    },
    signerOf: (id) => signers.get(idText(id)) ?? null,
  };
}
