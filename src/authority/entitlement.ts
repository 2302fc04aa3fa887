/** What a credential is to entitle to, and the one place where its body is put together (PROTOCOL §3 Link). */
import type { Credential } from "../core/record/kinds/credential.ts";
import { clear } from "../core/record/sealed.ts";
import type { Vertex } from "../core/record/spectrum-fields.ts";
import type { Subject } from "./subject.ts";

export type Entitlement = Pick<
  Credential,
  | "level"
  | "verbs"
  | "eligibilityClasses"
  | "exclusive"
  | "depthLeft"
  | "budgets"
  | "holdingsMaxHz"
  | "fromUs"
  | "untilUs"
  | "scope"
> & {
  readonly identifiers: NonNullable<Credential["identifiers"]["value"]>;
  readonly contact: string;
  readonly revocationChannel: string;
  readonly licenceAsserted: boolean;
  /** Areas that no box of the scope may touch. */
  readonly keepOut: readonly (readonly Vertex[])[];
};

export type CredentialParts = {
  readonly subject: Subject;
  readonly entitlement: Entitlement;
  /** The issuer's own credential; null for a root's own. */
  readonly parent: Uint8Array | null;
  /** 16 bytes. */
  readonly nonce: Uint8Array;
};

export function credentialBody({ subject, entitlement, parent, nonce }: CredentialParts): Credential {
  const { keepOut: _, identifiers, ...rights } = entitlement;
  return {
    ...rights,
    subjectLineage: subject.lineage,
    subjectKey: subject.keyId,
    akName: subject.akName,
    tier: subject.tier,
    owner: subject.owner,
    parent,
    identifiers: clear(identifiers),
    nonce,
  };
}
