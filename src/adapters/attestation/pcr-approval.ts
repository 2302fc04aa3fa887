/** An approver's signature over one state of PCRs, by node:crypto: no TPM is needed (TPM 2.0 part 3 §23.16). */
import { createHash, createPublicKey, type KeyObject, sign } from "node:crypto";
import { writePcrApproval } from "../../core/attestation/pcr-approval.ts";
import { approvalMessage, approverName, type PcrValue } from "../../core/attestation/pcr-policy.ts";
import { assert } from "../../core/base/assert.ts";
import type { Sha256 } from "../../core/base/primitives.ts";
import { PortError } from "../../ports/port-error.ts";

const CURVE = "prime256v1";

/**
 * The text of an approval: every key whose policy names this approver and these very PCRs signs while they hold
 * `values` (in the order of their numbers). PortError `signer-key-invalid` for a key on another curve. Nothing takes an approval back but a policy with another approver.
 */
export function approvePcrs(key: KeyObject, values: readonly PcrValue[]): string {
  assert(key.type === "private", "only who holds the private key approves");
  if (key.asymmetricKeyDetails?.namedCurve !== CURVE)
    throw new PortError(
      "signer",
      "signer-key-invalid",
      "an approver's key is on P-256; this one is not",
      false,
    );
  const approver = approverName(pointOf(createPublicKey(key)), sha256);
  const message = approvalMessage(values, sha256);
  const signature = new Uint8Array(sign("sha256", message, { key, dsaEncoding: "ieee-p1363" }));
  return writePcrApproval({ approver, values, signature });
}

/** SEC1, uncompressed. */
function pointOf(key: KeyObject): Uint8Array {
  const { x = "", y = "" } = key.export({ format: "jwk" });
  return Uint8Array.from([4, ...Buffer.from(x, "base64url"), ...Buffer.from(y, "base64url")]);
}

const sha256: Sha256 = (bytes) => new Uint8Array(createHash("sha256").update(bytes).digest());
