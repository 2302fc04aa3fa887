/** The signed inception of a lineage: its id and key must be known before anybody can issue to it. */
import type { OwnKey } from "../core/agent/config.ts";
import { inceptionRecord } from "../core/agent/inception.ts";
import type { Primitives } from "../core/base/primitives.ts";
import type { RecordOf } from "../core/record/record.ts";
import { type PackEnvelope, signedBytes } from "../core/wire/envelope.ts";
import type { Entropy } from "../ports/entropy.ts";
import type { Signer } from "../ports/signatures.ts";
import type { Store } from "../ports/store.ts";

export type IdentityParts = {
  readonly store: Store;
  readonly signer: Signer;
  readonly key: OwnKey;
  readonly owner: string;
  readonly primitives: Primitives;
  readonly entropy: Entropy;
  readonly pack: PackEnvelope;
  /** Id of the key that may follow; without it, bytes that nobody keeps: this key can end, and not rotate. */
  readonly nextKeyHash?: Uint8Array | undefined;
};

export async function signedInception(
  parts: Omit<IdentityParts, "store" | "pack">,
): Promise<RecordOf<"key-event">> {
  const { primitives, entropy, signer } = parts;
  const nextKeyHash = parts.nextKeyHash ?? primitives.sha256(entropy.bytes(32));
  const unsigned = inceptionRecord({ ...parts, nonce: entropy.bytes(32), nextKeyHash });
  const { kind, payload } = unsigned.envelope;
  const signature = await signer.sign(signedBytes(kind, payload));
  const signatures = [{ keyId: unsigned.header.signerKey, signature }];
  return { ...unsigned, envelope: { ...unsigned.envelope, signatures } };
}
