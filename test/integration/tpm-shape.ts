/** What two TPMs must answer alike: everything but keys, random numbers, times and signatures, of which the lengths. */
import { decoded, record, rest } from "../../hardware/tpm/codec/field.ts";
import { type Attest, attestHead } from "../../hardware/tpm/codec/structures.ts";

/** Their bytes depend on nothing but the commands before them. */
const EXACT: readonly string[] = ["PCR_Read", "NV_Read", "NV_ReadPublic", "GetCapability", "PolicyGetDigest"];
/** Counted from the TPM's first day, or shifted by a secret of the hierarchy, or from the host's clock. */
const OWN_COUNTS: readonly string[] = [
  "resetCount",
  "restartCount",
  "safe",
  "timeMs",
  "clockMs",
  "firmwareVersion",
];

type Attestation = { readonly head: Attest; readonly body: Uint8Array };
const attestation = record<Attestation>({ head: attestHead, body: rest });

export function shapeOf(name: string, handle: number, response: object): unknown {
  const isExact = EXACT.includes(name);
  return { handle, response: shape(response, isExact) };
}

function shape(value: unknown, isExact: boolean): unknown {
  if (value instanceof Uint8Array)
    return isExact ? Buffer.from(value).toString("hex") : `${value.length} bytes`;
  if (Array.isArray(value)) return value.map((each) => shape(each, isExact));
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return value;
  const out: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    if (key === "attestation" && inner instanceof Uint8Array) {
      out[key] = shape(decoded(attestation, inner), false);
    } else {
      out[key] = OWN_COUNTS.includes(key) ? "own" : shape(inner, isExact);
    }
  }
  return out;
}
