/** Regulatory identifiers that a lease class asks of each side: call sign, FRN, FCC ID, lease id (47 CFR 1.9001-1.9080). */
import type { Chain } from "../authority/chain.ts";
import { type Rejection, rejection } from "../base/rejection.ts";
import type { RegisteredIdentifier } from "../record/kinds/credential.ts";
import type { LeaseClass } from "../record/kinds/policy.ts";
import type { Sealable } from "../record/sealed.ts";

export type Side = "holder" | "consumer";

/** All that one side states: its credentials' identifiers, then its settlement's. */
export function statedBy(
  { links }: Chain,
  own: Sealable<readonly RegisteredIdentifier[]>,
): readonly RegisteredIdentifier[] {
  return [...links.map(({ body }) => body.identifiers), own].flatMap(({ value }) => value ?? []);
}

/** Something of it is sealed, and not opened here: what is missing may be in there. */
export function isAnySealed({ links }: Chain, own: Sealable<readonly RegisteredIdentifier[]>): boolean {
  return [...links.map(({ body }) => body.identifiers), own].some(({ value }) => value === null);
}

/** `identifier-missing` for each scheme that the class asks of `side` and that is not among `stated`. */
export function missingIdentifiers(
  leaseClass: LeaseClass | null,
  side: Side,
  stated: readonly RegisteredIdentifier[],
): readonly Rejection[] {
  const required = leaseClass?.identifiers[side] ?? [];
  const schemes = stated.map(({ scheme }) => scheme);
  return required
    .filter((scheme) => !schemes.includes(scheme))
    .map((scheme) =>
      rejection("identifier-missing", `${side}.identifiers`, { identifiers: schemes.length }, { scheme }),
    );
}
