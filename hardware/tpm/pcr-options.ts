/** What a profile says of the PCRs that the signing key is bound to, and how the drivers read it. */
import { createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { PCR_COUNT } from "../../src/core/attestation/pcr-policy.ts";
import type { OptionSpec, OptionValues } from "../../src/ports/driver.ts";
import type { PcrPolicy } from "./client/pcr-policy.ts";
import { misconfigured, textOption } from "./options.ts";

const NAMES = ["pcrs", "pcr-approver", "pcr-approvals"] as const;
const TOGETHER = "; all three of pcrs, pcr-approver and pcr-approvals, or none";
const CURVE = "prime256v1";
const COORDINATE_BYTES = 32;

export const pcrOptions: Readonly<Record<string, OptionSpec>> = {
  pcrs: {
    kind: "text",
    required: false,
    doc: `PCRs whose values somebody has to approve before the signing key works, ascending, as "0,2,4,7"${TOGETHER}`,
  },
  "pcr-approver": {
    kind: "path",
    required: false,
    doc: `the approver's public key: P-256, PEM (SubjectPublicKeyInfo)${TOGETHER}`,
  },
  "pcr-approvals": {
    kind: "path",
    required: false,
    doc: `a PCR approval, or a folder of them; read again while none fits${TOGETHER}`,
  },
};

/** Null where the profile binds the key to no PCRs. PortError `tpm-misconfigured` otherwise than in the form above. */
export function pcrPolicyOption(options: OptionValues): PcrPolicy | null {
  if (NAMES.every((name) => options[name] === undefined)) return null;
  return {
    pcrs: pcrList(textOption(options, "pcrs")),
    approver: approverPoint(textOption(options, "pcr-approver")),
    approvals: textOption(options, "pcr-approvals"),
  };
}

function pcrList(text: string): readonly number[] {
  const pcrs = /^[0-9]{1,2}(,[0-9]{1,2})*$/.test(text) ? text.split(",").map(Number) : [];
  const isAscending = pcrs.every((pcr, i) => pcr > (pcrs[i - 1] ?? -1) && pcr < PCR_COUNT);
  if (pcrs.length > 0 && isAscending) return pcrs;
  throw misconfigured("pcrs", `numbers 0 to ${PCR_COUNT - 1}, ascending, with commas between them`);
}

function approverPoint(path: string): Uint8Array {
  try {
    const key = createPublicKey(readFileSync(path));
    const { x = "", y = "" } = key.export({ format: "jwk" });
    const point = Uint8Array.from([4, ...Buffer.from(x, "base64url"), ...Buffer.from(y, "base64url")]);
    const isP256 = key.asymmetricKeyDetails?.namedCurve === CURVE;
    if (isP256 && point.length === 1 + 2 * COORDINATE_BYTES) return point;
  } catch (error) {
    throw misconfigured("pcr-approver", `a public key in PEM: ${path}: ${String(error)}`);
  }
  throw misconfigured("pcr-approver", `a public key on P-256: ${path} holds another one`);
}
