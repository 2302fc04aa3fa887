/** The documents that a common policy was composed of, as its file says: who set which keys (PROTOCOL §4 Common policy). */
import { type Policy, type PolicyProfile, PROFILE_ROLES, policy } from "../core/record/kinds/policy.ts";
import { boundsOf } from "./field-bounds.ts";
import { choice, complain, list, map, type Piece, word } from "./leaf.ts";
import { complaint } from "./profile-error.ts";

/** A file's keys, and the field of the record that each sets. */
const FIELD_OF_KEY = {
  start: "startUs",
  end: "endUs",
  "spatial-window": "spatialWindowMm",
  "temporal-window": "temporalWindowUs",
  "evidence-age-max": "evidenceAgeMaxUs",
  "context-skew-max": "contextSkewMaxUs",
  "clock-bound": "clockBoundUs",
  "time-assurance": "timeAssurance",
  "place-assurance": "placeAssurance",
  tiers: "tiers",
  levels: "levels",
  "transaction-types": "transactionTypes",
  "lease-classes": "leaseClasses",
  "confirm-by-max": "confirmByMaxUs",
  "effective-by-max": "effectiveByMaxUs",
  "weight-threshold": "weightThreshold",
  weighing: "weighing",
  "self-dealing": "selfDealing",
  "allocate-unconfirmed": "allocateUnconfirmed",
  "rules-versions": "rulesVersions",
  quotas: "quotas",
  consequences: "consequences",
  ceilings: "ceilings",
  bands: "dutyCycles",
  "session-keys": "sessionKeys",
} as const satisfies Readonly<Record<string, keyof Policy>>;

type Key = keyof typeof FIELD_OF_KEY;
const KEYS = Object.keys(FIELD_OF_KEY) as readonly Key[];
/** What a profile may set. */
export const POLICY_KEYS: readonly string[] = KEYS;
export const POLICY_PROFILES_MAX: number = boundsOf(policy.body, "profiles").max;

/** In the order of their roles; each key is of one of them, so that everybody knows whom to ask about it. */
export function policyProfiles(description: string): Piece<readonly PolicyProfile[]> {
  return list(policyProfile(), 0, POLICY_PROFILES_MAX, description).transform(
    (profiles, context): readonly PolicyProfile[] => {
      const taken = new Set<string>();
      let rank = 0;
      for (const [i, { role, fields }] of profiles.entries()) {
        const own = PROFILE_ROLES.indexOf(role);
        if (own < rank)
          complain(context, [i, "role"], complaint("fields-order", PROFILE_ROLES.join(", then ")));
        rank = Math.max(rank, own);
        if (fields.some((field) => taken.has(field)))
          complain(context, [i, "sets"], complaint("field-twice", "each key in one profile"));
        for (const field of fields) taken.add(field);
      }
      return profiles;
    },
  );
}

function policyProfile(): Piece<PolicyProfile> {
  return map({
    role: choice(PROFILE_ROLES, "whose rules these are"),
    name: word(64, "of the profile, as findings tell it"),
    sets: list(choice(KEYS, "a key of this file"), 1, KEYS.length, "keys whose values are its"),
  }).transform(
    ({ role, name, sets }): PolicyProfile => ({ role, name, fields: sets.map((key) => FIELD_OF_KEY[key]) }),
  );
}
