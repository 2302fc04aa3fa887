/** TPMS_CREATION_DATA: under which parent and in which state a key was made (TPM 2.0 part 2 §15.1). */
import { concat } from "../../../src/core/base/bytes.ts";
import { sha256 } from "../client/sha256.ts";
import type { CreateParameters } from "../codec/commands.ts";
import { encoded, record, u8, u16 } from "../codec/field.ts";
import { data, digest, name, type PcrSelection, pcrSelections } from "../codec/structures.ts";
import type { Machine } from "./machine.ts";
import { selected } from "./platform.ts";

type CreationData = {
  readonly pcrSelect: readonly PcrSelection[];
  readonly pcrDigest: Uint8Array;
  readonly locality: number;
  readonly parentNameAlg: number;
  readonly parentName: Uint8Array;
  readonly parentQualifiedName: Uint8Array;
  readonly outsideInfo: Uint8Array;
};
const field = record<CreationData>({
  pcrSelect: pcrSelections,
  pcrDigest: digest,
  locality: u8,
  parentNameAlg: u16,
  parentName: name,
  parentQualifiedName: name,
  outsideInfo: data,
});

/** Locality 0, as a bit. */
const LOCALITY_ZERO = 1;

/** A hierarchy stands for itself: its name is its qualified name. */
export type ParentNames = {
  readonly alg: number;
  readonly name: Uint8Array;
  readonly qualifiedName?: Uint8Array;
};

export function creationData(
  tpm: Machine,
  { creationPcrs, outsideData }: CreateParameters,
  parent: ParentNames,
): Uint8Array {
  return encoded(field, {
    pcrSelect: creationPcrs,
    pcrDigest: pcrDigest(tpm, creationPcrs),
    locality: LOCALITY_ZERO,
    parentNameAlg: parent.alg,
    parentName: parent.name,
    parentQualifiedName: parent.qualifiedName ?? parent.name,
    outsideInfo: outsideData,
  });
}

/** SHA-256 over the selected PCRs, in order. */
export function pcrDigest(tpm: Machine, selections: readonly PcrSelection[]): Uint8Array {
  const values = selections.flatMap(selected).flatMap((index) => tpm.pcrs[index] ?? []);
  return sha256(concat(...values));
}
