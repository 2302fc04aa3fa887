/** What reads a TPM's evidence of a peer (core/attestation): the attested structure, then the public area. */
import {
  attestationKey,
  endorsementKeyP256,
  endorsementKeyRsa,
} from "../../../hardware/tpm/client/templates.ts";
import * as table from "../../../hardware/tpm/codec/commands.ts";
import { encoded } from "../../../hardware/tpm/codec/field.ts";
import { decodeResponse } from "../../../hardware/tpm/codec/frame.ts";
import { eccPublic, publicArea } from "../../../hardware/tpm/codec/structures.ts";
import { akSignature } from "../../../src/core/attestation/ak-signature.ts";
import { type EndorsementKey, parseEndorsementKey } from "../../../src/core/attestation/endorsement-key.ts";
import { parseTpmAttest, type TpmAttest } from "../../../src/core/attestation/tpm-attest.ts";
import { parseTpmPublic } from "../../../src/core/attestation/tpm-public.ts";
import type { Result } from "../../../src/core/base/rejection.ts";
import { quickKeys } from "../../support/scripted-keys.ts";
import { plainMutators } from "../mutator.ts";
import { breach, type Target } from "../target.ts";
import { conversation } from "./tpm-conversation.ts";

const PCRS_MAX = 32;
const SELECTIONS_MAX = 16;
const POINT_BYTES = 65;
const SIGNATURE_BYTES = 64;
const KEY_BYTES = { "p-256": POINT_BYTES, "rsa-2048": 256 };
const AK = new Uint8Array(POINT_BYTES).fill(4);
const { primitives } = quickKeys();

/** What is read is within the bounds of a TPM's structures; a refusal says why. */
export function attestTarget(
  read: (bytes: Uint8Array, field: string) => Result<TpmAttest> = parseTpmAttest,
): Target {
  return {
    name: "attest",
    seeds,
    mutators: plainMutators,
    bytesMax: 1_024,
    run(input) {
      const attest = read(input, "attest");
      if (!attest.ok && attest.rejections.length === 0) breach("a refusal says why");
      if (attest.ok && attest.value.attested.kind === "quote") {
        const { selections } = attest.value.attested;
        if (selections.length > SELECTIONS_MAX) breach("a quote selects at most 16 banks");
        for (const { pcrs } of selections) if (pcrs.length > PCRS_MAX) breach("a bank has at most 32 PCRs");
      }
      // The signature comes from the same peer, and is no structure of the TPM's any more.
      akSignature(AK, AK, input, primitives);
      akSignature(AK, AK, input.slice(0, SIGNATURE_BYTES), primitives);
      const key = parseTpmPublic(input, "public");
      if (!key.ok && key.rejections.length === 0) breach("a refusal says why");
      if (key.ok && key.value.key.length !== POINT_BYTES) breach("a key is an uncompressed point");
      const endorsement = parseEndorsementKey(input, "ekPublic");
      if (!endorsement.ok && endorsement.rejections.length === 0) breach("a refusal says why");
      if (endorsement.ok && keyBytes(endorsement.value) !== KEY_BYTES[endorsement.value.kind])
        breach("an endorsement key is as long as its kind");
    },
  };
}

function keyBytes(key: EndorsementKey): number {
  return key.kind === "p-256" ? key.point.length : key.modulus.length;
}

function seeds(): readonly Uint8Array[] {
  const attested = conversation().flatMap(({ command, answer }) => {
    if (![table.certify.code, table.quote.code].includes(command.code)) return [];
    const read = decodeResponse(table.quote, answer);
    return read.kind === "success" ? [read.response.attestation] : [];
  });
  const x = new Uint8Array(32).fill(3);
  const endorsement = [
    encoded(publicArea, { ...endorsementKeyP256.public, x, y: x }),
    encoded(publicArea, { ...endorsementKeyRsa.public, modulus: new Uint8Array(256).fill(3) }),
  ];
  return [...attested, encoded(eccPublic, { ...attestationKey.public, x, y: x }), ...endorsement];
}
