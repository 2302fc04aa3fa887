/** One link of an authority chain (PROTOCOL §3 Link; seed guide "Authority credentialed offers"). */
import { limits } from "../../wire/limits.ts";
import { type BudgetTerm, budgetTerms } from "../budget-fields.ts";
import {
  bytes,
  choice,
  type Field,
  flag,
  identifier,
  integer,
  list,
  nilable,
  struct,
  text,
} from "../field.ts";
import { type Kind, OFFLINE } from "../kind.ts";
import { type Sealable, sealable } from "../sealed.ts";
import { digest, frequencyHz, instantUs, type Tier, tier, word } from "../shared-fields.ts";
import { type Box, box } from "../spectrum-fields.ts";

export type Verb = "allocate" | "acquire" | "issue" | "audit" | "preempt";

/** A regulatory identifier: licence number, call sign, register entry. */
export type RegisteredIdentifier = { readonly scheme: string; readonly value: string };

export type Credential = {
  readonly subjectLineage: Uint8Array;
  /** Key id of the subject's signing key. */
  readonly subjectKey: Uint8Array;
  readonly level: string;
  readonly verbs: readonly Verb[];
  readonly eligibilityClasses: readonly string[];
  readonly scope: readonly Box[];
  readonly fromUs: number;
  readonly untilUs: number;
  /** Device binding: name of the attestation key that the signing key is certified by; nil binds the key alone. */
  readonly akName: Uint8Array | null;
  readonly tier: Tier;
  readonly exclusive: boolean;
  /** Links that may follow below this one. */
  readonly depthLeft: number;
  /** Own numbers: of the issuer's authority, whichever of the subject's credentials and keys are used (PROTOCOL §7). */
  readonly budgets: readonly BudgetTerm[];
  /** Bandwidth that the subject may hold at one time, over all sellers; nil: no ceiling here. */
  readonly holdingsMaxHz: number | null;
  /** The issuer's own credential; nil at the root. */
  readonly parent: Uint8Array | null;
  readonly owner: string;
  /** Scheme, licence number, register address, document hash: in licensee-rooted mode asserted by the root itself. */
  readonly identifiers: Sealable<readonly RegisteredIdentifier[]>;
  readonly licenceAsserted: boolean;
  readonly contact: string;
  readonly revocationChannel: string;
  readonly nonce: Uint8Array;
};

export const identifiers: Field<readonly RegisteredIdentifier[]> = list(
  struct<RegisteredIdentifier>({ scheme: word, value: text(200) }),
  0,
  8,
);

const body: Field<Credential> = struct<Credential>({
  subjectLineage: digest,
  subjectKey: digest,
  level: word,
  verbs: list(choice("allocate", "acquire", "issue", "audit", "preempt"), 1, 5),
  eligibilityClasses: list(identifier(32), 0, 16),
  scope: list(box, 1, limits.SCOPE_BOXES_MAX),
  fromUs: instantUs,
  untilUs: instantUs,
  akName: nilable(bytes(34)),
  tier,
  exclusive: flag,
  depthLeft: integer(0, limits.CHAIN_LINKS_MAX - 1),
  budgets: budgetTerms,
  holdingsMaxHz: nilable(frequencyHz),
  parent: nilable(digest),
  owner: word,
  identifiers: sealable(identifiers),
  licenceAsserted: flag,
  contact: text(200),
  revocationChannel: text(200),
  nonce: bytes(16),
});

export const credential: Kind<Credential> = {
  name: "credential",
  summary: "What an issuer entitles a subject's key to, where, when, and how far it may pass it on.",
  body,
  mayBeNil: OFFLINE,
};
