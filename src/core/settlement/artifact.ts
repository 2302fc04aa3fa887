/** The settlement artifact: derived by both sides, byte for byte, and never signed itself (PROTOCOL §6 The artifact). */
import type { Check } from "../base/check.ts";
import type { Sha256 } from "../base/primitives.ts";
import { accept, type Rejection, type Result, refuse, rejection } from "../base/rejection.ts";
import {
  bytes,
  choice,
  type Field,
  fieldBytes,
  flag,
  identifier,
  integer,
  list,
  nilable,
  struct,
  text,
} from "../record/field.ts";
import { measure } from "../record/finding-field.ts";
import { artifactId } from "../record/identity.ts";
import { type PriceTerms, priceTerms } from "../record/kinds/offer.ts";
import { type Tdd, tdd } from "../record/kinds/schema.ts";
import { type Context, context } from "../record/kinds/settlement.ts";
import { type Sealable, sealable } from "../record/sealed.ts";
import {
  type Deadman,
  deadman,
  digest,
  digests,
  durationUs,
  instantUs,
  word,
} from "../record/shared-fields.ts";
import { type Block, block, type DutyCycle, dutyCycles } from "../record/spectrum-fields.ts";
import { decode } from "../wire/decode.ts";
import { limits } from "../wire/limits.ts";

/** What the parties are held to while the lease runs. */
export type LeaseTerms = {
  readonly leaseClass: string;
  readonly periodUs: number;
  readonly reachUs: number;
  readonly snapshotAgeMaxUs: number;
  readonly holdoverUs: number;
  readonly verifyWithinUs: number;
  readonly confirmByUs: number;
  readonly effectiveByUs: number;
  readonly clockBoundUs: number;
  readonly clockDriftPpm: number;
  readonly deadman: Deadman;
  readonly muteLatencyUs: number;
  readonly guardBandHz: number;
  /** The commodity's; nil where it says nothing of TDD. */
  readonly tdd: Tdd | null;
  /** The policy's, of the bands that the block reaches into. */
  readonly dutyCycles: readonly DutyCycle[];
  /** Codes of the checks that were admitted on condition. */
  readonly conditions: readonly string[];
};

/** The lineage descriptor by class: which records stand behind the settlement. */
export type Descriptor = {
  readonly authority: readonly Uint8Array[];
  readonly credential: readonly Uint8Array[];
  readonly observation: readonly Uint8Array[];
  readonly proximity: { readonly distanceMm: number; readonly skewUs: number };
};

export type Artifact = {
  readonly version: 1;
  readonly rulesVersion: number;
  readonly offer: Uint8Array;
  readonly offerPayload: Uint8Array;
  readonly acceptance: Uint8Array;
  readonly acceptancePayload: Uint8Array;
  readonly holder: Uint8Array;
  readonly consumer: Uint8Array;
  readonly context: Context;
  readonly checks: readonly Check[];
  readonly verdict: "admit" | "admit-on-condition";
  readonly block: Block;
  readonly price: Sealable<PriceTerms>;
  readonly terms: LeaseTerms;
  readonly descriptor: Descriptor;
};

const check: Field<Check> = struct<Check>({
  code: identifier(64),
  field: text(100),
  passed: flag,
  measured: measure,
  required: measure,
  otherwise: choice("refuse", "defer", "condition"),
});

const terms: Field<LeaseTerms> = struct<LeaseTerms>({
  leaseClass: word,
  periodUs: durationUs,
  reachUs: durationUs,
  snapshotAgeMaxUs: durationUs,
  holdoverUs: durationUs,
  verifyWithinUs: durationUs,
  confirmByUs: instantUs,
  effectiveByUs: instantUs,
  clockBoundUs: durationUs,
  clockDriftPpm: integer(0, 10_000),
  deadman,
  muteLatencyUs: durationUs,
  guardBandHz: integer(0, 3_000_000_000_000),
  tdd: nilable(tdd),
  dutyCycles,
  conditions: list(identifier(64), 0, 32),
});

const descriptor: Field<Descriptor> = struct<Descriptor>({
  authority: digests(limits.CONTEXT_IDS_MAX),
  credential: digests(limits.CONTEXT_IDS_MAX),
  observation: digests(limits.CONTEXT_IDS_MAX),
  proximity: struct<Descriptor["proximity"]>({
    distanceMm: integer(0, Number.MAX_SAFE_INTEGER),
    skewUs: integer(0, Number.MAX_SAFE_INTEGER),
  }),
});

const versionOne: Field<1> = {
  spec: { type: "integer", min: 1, max: 1 },
  read: (value, path, out) => (integer(1, 1).read(value, path, out) === undefined ? undefined : 1),
  write: (value, out) => out.integer(value),
  json: (value) => value,
};

export const artifactField: Field<Artifact> = struct<Artifact>({
  version: versionOne,
  rulesVersion: integer(1, 65_535),
  offer: digest,
  offerPayload: bytes(1, limits.RECORD_BYTES_MAX),
  acceptance: digest,
  acceptancePayload: bytes(1, limits.RECORD_BYTES_MAX),
  holder: digest,
  consumer: digest,
  context,
  checks: list(check, 1, 128),
  verdict: choice("admit", "admit-on-condition"),
  block,
  price: sealable(priceTerms),
  terms,
  descriptor,
});

export type DerivedArtifact = {
  readonly id: Uint8Array;
  readonly bytes: Uint8Array;
  readonly artifact: Artifact;
};

export function deriveArtifact(artifact: Artifact, sha256: Sha256): Result<DerivedArtifact> {
  const encoded = fieldBytes(artifactField, artifact);
  if (encoded.length > limits.ARTIFACT_BYTES_MAX) {
    const measured = { bytes: encoded.length };
    return refuse(
      rejection("artifact-too-long", "artifact", measured, { bytesMax: limits.ARTIFACT_BYTES_MAX }),
    );
  }
  return accept({ id: artifactId(encoded, sha256), bytes: encoded, artifact });
}

export function readArtifact(encoded: Uint8Array, sha256: Sha256): Result<DerivedArtifact> {
  const decoded = decode(encoded, limits.ARTIFACT_BYTES_MAX);
  if (!decoded.ok) return decoded;
  const out: Rejection[] = [];
  const artifact = artifactField.read(decoded.value, "artifact", out);
  if (artifact === undefined) return refuse(...out);
  return accept({ id: artifactId(encoded, sha256), bytes: encoded, artifact });
}
