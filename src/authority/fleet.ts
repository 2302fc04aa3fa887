/** Hosts that are enrolled together: each by its TPM, inside the scope, no device twice (PROTOCOL §3 device binding, Scope). */
import type { TpmEvidence } from "../core/attestation/evidence.ts";
import { equalBytes, toHex } from "../core/base/bytes.ts";
import { accept, type Rejection, type Result, refuse, rejection } from "../core/base/rejection.ts";
import { areaOf } from "../core/geometry/area.ts";
import { pointInside } from "../core/geometry/containment.ts";
import type { Box, Vertex } from "../core/record/spectrum-fields.ts";
import { enrolledKey } from "./broker-desk.ts";
import { type BindingParts, type EkTrust, vouchedEvidence } from "./device-binding.ts";
import { type Claim, provenSubject, type Subject } from "./subject.ts";

/** A host as its list and its request have it. */
export type FleetHost = {
  readonly place: Vertex;
  /** SHA-256 of the endorsement key that was delivered; null where the list does not say. */
  readonly ekHash: Uint8Array | null;
  readonly claim: Claim;
  readonly evidence: TpmEvidence | null;
};

export type FleetDesk = {
  readonly scope: readonly Box[];
  readonly trust: EkTrust;
  readonly parts: BindingParts;
};

export type JudgedHost = {
  readonly subject: Subject;
  readonly evidence: TpmEvidence;
  /** The key that signs for the host now: SEC1, uncompressed. */
  readonly enrolled: Uint8Array | null;
};

/**
 * Who the host is, by what its TPM shows; all that is wrong with it otherwise, `field` beginning with the column of the
 * list. Whoever lists an endorsement key vouches for it. The credential will lie in what only that TPM opens, so its tier
 * is that of an answered challenge.
 */
export function judgedHost(host: FleetHost, { scope, trust, parts }: FleetDesk): Result<JudgedHost> {
  const { place, ekHash, claim, evidence } = host;
  const hashes = ekHash === null ? trust.hashes : [...trust.hashes, ekHash];
  const proven = provenSubject(claim, parts.primitives);
  const vouched = vouchedEvidence(claim, evidence, { ...trust, hashes }, parts);
  const faults = [
    ...inColumn("latitude", outsideFaults(place, scope)),
    ...inColumn("ek-hash", otherKeyFaults(host, parts)),
    ...inColumn("request", [
      ...(proven.ok ? [] : proven.rejections),
      ...(vouched.ok ? [] : vouched.rejections),
    ]),
  ];
  if (faults.length > 0 || !proven.ok || !vouched.ok) return refuse(...faults);
  const tier = proven.value.tier === "simulated" ? "simulated" : "tpm-ek-verified";
  const enrolled = enrolledKey(claim, parts.primitives);
  return accept({ subject: { ...proven.value, tier }, evidence: vouched.value, enrolled });
}

/** The boundary belongs to an area. */
function outsideFaults({ latE7, lonE7 }: Vertex, scope: readonly Box[]): readonly Rejection[] {
  const isInside = scope.some(({ area: corners }) => {
    const area = areaOf(corners, "area");
    return area.ok && pointInside({ latE7, lonE7 }, area.value);
  });
  return isInside ? [] : [rejection("fleet-outside-scope", "", { latE7, lonE7 }, { areas: scope.length })];
}

function otherKeyFaults({ ekHash, evidence }: FleetHost, { primitives }: BindingParts): readonly Rejection[] {
  if (ekHash === null || evidence === null) return [];
  const found = primitives.sha256(evidence.ekPublic);
  if (equalBytes(found, ekHash)) return [];
  return [rejection("fleet-key-mismatch", "", { found: toHex(found) }, { expected: toHex(ekHash) })];
}

function inColumn(column: string, faults: readonly Rejection[]): readonly Rejection[] {
  return faults.map((each) => ({ ...each, field: `${column} ${each.field}`.trim() }));
}

export type ListedIdentity = {
  readonly row: number;
  readonly name: string;
  readonly requestPath: string;
  readonly ekHash: Uint8Array | null;
  readonly lineage: Uint8Array;
};

/** `fleet-host-twice` for each thing of a row that an earlier row has too. */
export function twiceFaults(
  hosts: readonly ListedIdentity[],
): readonly { readonly row: number; readonly fault: Rejection }[] {
  const seen = new Map<string, number>();
  return hosts.flatMap((host) =>
    identitiesOf(host).flatMap(([column, same, value]) => {
      const key = `${same} ${value}`;
      const row = seen.get(key);
      if (row === undefined) seen.set(key, host.row);
      if (row === undefined) return [];
      const fault = rejection("fleet-host-twice", `${column} ${same}`, { same: value }, { row });
      return [{ row: host.row, fault }];
    }),
  );
}

function identitiesOf({
  name,
  requestPath,
  ekHash,
  lineage,
}: ListedIdentity): readonly (readonly [string, string, string])[] {
  const ek = ekHash === null ? [] : [["request", "endorsement key", toHex(ekHash)] as const];
  return [
    ["host", "name", name],
    ["request", "file", requestPath],
    ...ek,
    ["request", "lineage", toHex(lineage)],
  ];
}
