/** A host's enrolment as a file: what its TPM alone opens, and what lies in it. */
import * as z from "zod";
import { toBase64url } from "../core/audit/base64url.ts";
import { toHex } from "../core/base/bytes.ts";
import { limits } from "../core/wire/limits.ts";
import { checkDocument } from "./check-document.ts";
import { list, map, type Piece, word } from "./leaf.ts";
import { type Loaded, loadPiece } from "./load.ts";
import { base64url, hex } from "./octets.ts";
import { type ReadBytes, readFileBytes } from "./read-text.ts";
import { formatYaml, parseYaml } from "./yaml-document.ts";
import { YAML_LIMITS } from "./yaml-limits.ts";

const ENROLMENT_SCHEMA = "spectrum-agent.enrolment/1";
const CONTENT_SCHEMA = "spectrum-agent.enrolment-content/1";
const SIGNED_SCHEMA = "spectrum-agent.signed-enrolment/1";
const SEALED_BYTES_MAX = 1_024;
const CERTIFICATES_BYTES_MAX = 16_384;
const PROFILE_BYTES_MAX = 131_072;
export const ENROLLED_RECORDS_MAX = 256;

/** In the clear: whom it is for, and the secret's key for one TPM. */
export type Enrolment = {
  readonly host: string;
  readonly lineage: Uint8Array;
  /** SHA-256 of the endorsement key's TPMT_PUBLIC. */
  readonly ekHash: Uint8Array;
  /** As `SealedCredential` of ports/tpm.ts. */
  readonly blob: Uint8Array;
  readonly secret: Uint8Array;
  readonly nonce: Uint8Array;
  /** The content, encrypted, with its tag. */
  readonly sealed: Uint8Array;
};

/** What the host keeps. */
export type EnrolmentContent = {
  /** The very bytes that the operator signed. */
  readonly profile: Uint8Array;
  /** The text of its signature file. */
  readonly signature: Uint8Array;
  /** Inception record of the operator. */
  readonly operator: Uint8Array;
  readonly trust: readonly Uint8Array[];
  readonly documents: readonly Uint8Array[];
  /** PEM, where the host's enrolled key shows it to its broker: who signed the broker's certificate, and the key's own. */
  readonly broker: { readonly ca: Uint8Array; readonly device: Uint8Array } | null;
};

export const ENROLMENT_CHARACTERS_MAX: number = YAML_LIMITS.LENGTH_MAX;

export function enrolmentDocument(): Piece<Enrolment> {
  return map({
    schema: z.literal(ENROLMENT_SCHEMA),
    host: word(63, "name of the host"),
    lineage: hex(32, "its lineage"),
    "ek-hash": hex(32, "SHA-256 of its endorsement key's public area"),
    blob: base64url(SEALED_BYTES_MAX, "TPMS_ID_OBJECT"),
    secret: base64url(SEALED_BYTES_MAX, "the encrypted seed"),
    nonce: hex(12, "of the encryption"),
    sealed: base64url(ENROLMENT_CHARACTERS_MAX, "the encrypted content"),
  }).transform(({ "ek-hash": ekHash, schema: _, ...rest }): Enrolment => ({ ...rest, ekHash }));
}

export function contentDocument(): Piece<EnrolmentContent> {
  const record = (description: string) => base64url(limits.ENVELOPE_BYTES_MAX, description);
  return map({
    schema: z.literal(CONTENT_SCHEMA),
    profile: base64url(PROFILE_BYTES_MAX, "the profile"),
    signature: base64url(PROFILE_BYTES_MAX, "the profile's signature"),
    operator: record("inception of whoever signed"),
    trust: list(record("an inception"), 1, ENROLLED_RECORDS_MAX, "trusted roots"),
    documents: list(
      record("a record"),
      1,
      ENROLLED_RECORDS_MAX,
      "credential, chain, policy, commodities, snapshots",
    ),
    broker: map({
      ca: base64url(CERTIFICATES_BYTES_MAX, "who signed the broker's certificate"),
      device: base64url(CERTIFICATES_BYTES_MAX, "of the host's enrolled key"),
    }).optional(),
  }).transform(({ schema: _, broker = null, ...content }): EnrolmentContent => ({ ...content, broker }));
}

export function formatEnrolment({ host, lineage, ekHash, blob, secret, nonce, sealed }: Enrolment): string {
  return formatYaml({
    schema: ENROLMENT_SCHEMA,
    host,
    lineage: toHex(lineage),
    "ek-hash": toHex(ekHash),
    blob: toBase64url(blob),
    secret: toBase64url(secret),
    nonce: toHex(nonce),
    sealed: toBase64url(sealed),
  });
}

/** What is sealed: the content's text, and the operator's signature over it and what stands in the clear. */
export type SignedContent = { readonly order: Uint8Array; readonly signature: Uint8Array };

export function signedDocument(): Piece<SignedContent> {
  return map({
    schema: z.literal(SIGNED_SCHEMA),
    order: base64url(ENROLMENT_CHARACTERS_MAX, "the content"),
    signature: base64url(PROFILE_BYTES_MAX, "by the operator"),
  }).transform(({ schema: _, ...signed }): SignedContent => signed);
}

export function formatSigned({ order, signature }: SignedContent): string {
  return formatYaml({
    schema: SIGNED_SCHEMA,
    order: toBase64url(order),
    signature: toBase64url(signature),
  });
}

export function formatContent(content: EnrolmentContent): string {
  const { profile, signature, operator, trust, documents, broker } = content;
  const certificates =
    broker === null ? {} : { broker: { ca: toBase64url(broker.ca), device: toBase64url(broker.device) } };
  return formatYaml({
    schema: CONTENT_SCHEMA,
    profile: toBase64url(profile),
    signature: toBase64url(signature),
    operator: toBase64url(operator),
    trust: trust.map(toBase64url),
    documents: documents.map(toBase64url),
    ...certificates,
  });
}

export function loadEnrolment(
  file: string,
  readBytes: ReadBytes = readFileBytes,
): Loaded<"enrolment", Enrolment> {
  const loaded = loadPiece(file, enrolmentDocument(), readBytes);
  return loaded.ok ? { ok: true, enrolment: loaded.value } : loaded;
}

/** Of what a host's TPM opened; `file` is the enrolment that it lay in. */
export function readSigned(file: string, text: string): Loaded<"signed", SignedContent> {
  const parsed = parseYaml(file, text);
  if (!parsed.ok) return parsed;
  const checked = checkDocument(parsed.document, signedDocument());
  return checked.ok ? { ok: true, signed: checked.value } : checked;
}

export function readContent(file: string, text: string): Loaded<"content", EnrolmentContent> {
  const parsed = parseYaml(file, text);
  if (!parsed.ok) return parsed;
  const checked = checkDocument(parsed.document, contentDocument());
  return checked.ok ? { ok: true, content: checked.value } : checked;
}
