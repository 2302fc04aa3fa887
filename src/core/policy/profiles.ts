/** Whose rule a finding is about: the profile of the common policy that set what it was held against (PROTOCOL §4). */
import type { Policy } from "../record/kinds/policy.ts";

/** What each finding is held against. A code that is not here is of the protocol, and of the policy as a whole. */
const RULED_BY: Readonly<Record<string, keyof Policy>> = {
  "outside-spatial-window": "spatialWindowMm",
  "outside-temporal-window": "temporalWindowUs",
  "evidence-age": "evidenceAgeMaxUs",
  "context-interval": "contextSkewMaxUs",
  "time-assurance": "timeAssurance",
  "place-assurance": "placeAssurance",
  "key-protection": "tiers",
  "not-eligible-level": "levels",
  "preemption-level": "levels",
  "link-level": "levels",
  "level-not-admitted": "levels",
  "recognition-rule": "transactionTypes",
  "lease-class": "leaseClasses",
  "exclusive-never": "leaseClasses",
  "term-beyond-licence": "leaseClasses",
  "identifier-missing": "leaseClasses",
  "acknowledgement-level": "leaseClasses",
  deadman: "leaseClasses",
  "mute-latency": "leaseClasses",
  "snapshot-age": "leaseClasses",
  "confirm-by-too-far": "confirmByMaxUs",
  "effective-by-too-far": "effectiveByMaxUs",
  "weight-threshold": "weightThreshold",
  "self-dealing": "selfDealing",
  "head-unconfirmed": "allocateUnconfirmed",
  "rules-version": "rulesVersions",
  "policy-not-in-force": "endUs",
  "holdings-ceiling": "ceilings",
};

/** The name of the last profile that set it, since later ones have the last word; else the policy's own. */
export function profileOf(policy: Policy, code: string): string {
  const field = RULED_BY[code];
  const named =
    field === undefined ? undefined : policy.profiles.findLast((each) => each.fields.includes(field));
  return named?.name ?? policy.name;
}

export const ruledCodes: readonly string[] = Object.keys(RULED_BY);
