/** What entitles an authority itself: a root's licence, or the credential that the authority above issued to it. */
import { checkScope } from "../core/authority/scope.ts";
import { assert } from "../core/base/assert.ts";
import { equalBytes, toHex } from "../core/base/bytes.ts";
import { accept, type Result, refuse, rejection } from "../core/base/rejection.ts";
import type { RecordOf } from "../core/record/record.ts";
import { isInception } from "../core/record/signing-key.ts";
import type { StoredRecord } from "../ports/authority-folder.ts";
import type { Authority } from "./authority.ts";
import { credentialBody, type Entitlement } from "./entitlement.ts";
import { keptOut, tooLong } from "./issue.ts";
import { currentKey, recordOf } from "./lineage.ts";
import { chainFaults, policyOf } from "./standing.ts";
import type { Claim, Subject } from "./subject.ts";
import { verifiedDocuments } from "./verified-documents.ts";

/** Who the authority is, as the subject of a credential. */
function ownSubject(authority: Authority): Subject {
  const { lineage, self } = authority.view();
  const inception = lineage.records[0];
  assert(inception !== undefined && isInception(inception), "a lineage begins with its inception");
  const { owner, tier } = inception.body;
  return { lineage: self, keyId: currentKey(lineage).keyId, akName: null, tier, owner };
}

/** What the authority above is asked with: the inception, and the rotations since. */
export function claimOf(authority: Authority): Claim {
  const { records } = authority.view().lineage;
  const begins = records.filter((each) => isInception(each) || each.kind === "key-rotation");
  return { ...ownSubject(authority), records: begins.map(({ envelope }) => authority.parts.pack(envelope)) };
}

/** A root's own credential, from its licence. The level has to be the policy's, or nobody below could have one. */
export async function license(
  authority: Authority,
  entitlement: Entitlement,
  nowUs: number,
): Promise<Result<RecordOf<"credential">>> {
  const view = authority.view();
  const policy = policyOf(view, nowUs);
  if (!policy.ok) return policy;
  const malformed = checkScope(entitlement.scope);
  if (malformed.length > 0) return refuse(...malformed);
  const nonce = authority.parts.entropy.bytes(16);
  const body = credentialBody({ subject: ownSubject(authority), entitlement, parent: null, nonce });
  const draft = authority.draft({ kind: "credential", body });
  const { levels } = policy.value.body;
  const faults = [...tooLong(draft), ...chainFaults(draft, view, nowUs), ...keptOut(entitlement)];
  if (levels.every(({ name }) => name !== body.level)) {
    const levelMax = levels.map(({ name }) => name).join(" ");
    faults.push(rejection("link-level", "level", { level: body.level }, { levelMax }));
  }
  return faults.length > 0 ? refuse(...faults) : accept(await authority.write({ kind: "credential", body }));
}

export type Adoption = {
  readonly credential: StoredRecord;
  /** The root's inception, from hand to hand. */
  readonly trust: StoredRecord;
  /** The chain in between, policy and snapshots. */
  readonly documents: readonly StoredRecord[];
};

/**
 * Takes the credential of the authority above into the folder, with what it rests on: all of it signed by its authors, the
 * chain whole, down from the trusted root, to this authority's present key.
 */
export async function adopt(
  authority: Authority,
  { credential, trust, documents }: Adoption,
  nowUs: number,
): Promise<Result<{ readonly authority: Authority; readonly credential: RecordOf<"credential"> }>> {
  const { folder, primitives } = authority.parts;
  const { lineage, records, ...view } = authority.view();
  const files = [credential, ...documents];
  const verified = verifiedDocuments(files, [trust], lineage, primitives);
  if (!verified.ok) return verified;
  const read = recordOf(credential.bytes, primitives);
  if (!read.ok) return read;
  const link = read.value;
  if (link.kind !== "credential") {
    const required = { record: "a credential" };
    return refuse(rejection("adopted-not-credential", credential.name, { kind: link.kind }, required));
  }
  const { keyId } = currentKey(lineage);
  if (!equalBytes(link.body.subjectLineage, view.self) || !equalBytes(link.body.subjectKey, keyId)) {
    const measured = { subject: toHex(link.body.subjectLineage) };
    return refuse(rejection("credential-subject", credential.name, measured, { subject: toHex(view.self) }));
  }
  const whole = {
    ...view,
    lineage,
    roots: verified.value.roots,
    records: [...records, ...verified.value.records],
  };
  const faults = chainFaults(link, whole, nowUs);
  if (faults.length > 0) return refuse(...faults);
  await folder.keepRoot(trust.bytes);
  await folder.keepDocuments(named(files, authority));
  const reloaded = await authority.reload();
  return reloaded.ok ? accept({ authority: reloaded.value, credential: link }) : reloaded;
}

/** By kind and id, so that a document that comes again stands in its own place. */
function named(files: readonly StoredRecord[], authority: Authority): readonly StoredRecord[] {
  const { primitives } = authority.parts;
  return files.flatMap(({ bytes }) => {
    const read = recordOf(bytes, primitives);
    if (!read.ok || equalBytes(read.value.header.lineage, authority.view().self)) return [];
    return [{ name: `${read.value.kind}-${toHex(read.value.id).slice(0, 16)}.record`, bytes }];
  });
}
