/**
 * Where an authority's own keys are. Encrypted files are the one source today. A PKCS#11 token has its place here, without
 * a body yet: `label` is CKA_LABEL, `create` C_GenerateKeyPair with CKA_SENSITIVE and not CKA_EXTRACTABLE, `open`
 * C_FindObjects after C_Login, and `sign` CKM_ECDSA over the SHA-256 of the message, its s made low, or CKM_EDDSA.
 */
import type { Signer } from "./signatures.ts";

export interface KeySource {
  /**
   * A fresh key of `suite`, kept under `label` (`0/1`: the first key of the first set) before this resolves. Rejects with
   * a PortError {port: "signer"}, `signer-key-exists` where that label is taken: no key is ever overwritten.
   */
  create(label: string, suite: number): Promise<Signer>;
  /**
   * The key under `label`. Rejects with a PortError {port: "signer"}: `signer-key-unreadable` where it is not at hand,
   * `signer-passphrase-wrong` where it is not ours to use, `signer-key-permissions` where it is open to others.
   */
  open(label: string): Promise<Signer>;
}
