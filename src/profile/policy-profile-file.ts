/**
 * One profile of a common policy as a file of its own, `schema: spectrum-agent.policy-profile/1`: a jurisdiction's, a licence
 * class's or safety's keys, which any number of policies name (PROTOCOL §4 Common policy).
 */
import * as z from "zod";
import { type PolicyProfile, PROFILE_ROLES } from "../core/record/kinds/policy.ts";
import { choice, map, type Piece, word } from "./leaf.ts";
import { POLICY_KEYS } from "./policy-profiles.ts";
import { policyPieces } from "./policy-schema.ts";
import { provenanceKeys } from "./provenance.ts";

/** The key of a policy that names such files, in the order of their roles. */
export const COMPOSED_OF = "composed-of";

export const POLICY_PROFILE_SCHEMA = "spectrum-agent.policy-profile/1";

function head() {
  return {
    schema: z.literal(POLICY_PROFILE_SCHEMA),
    role: choice(PROFILE_ROLES, "whose rules these are"),
    name: word(64, "of the profile, as findings tell it"),
    ...provenanceKeys(),
  };
}

/** Of its head, what a policy has to know. */
export type PolicyProfileFile = Pick<PolicyProfile, "role" | "name"> & {
  readonly "verify-before-use": boolean;
};

/** Keys of the head; all others are a policy's, and this profile sets them. */
export const HEAD_KEYS: readonly string[] = Object.keys(head());

/** The file alone: whatever it sets has to be right wherever it is named. */
export function policyProfileFile(): Piece<PolicyProfileFile> {
  const pieces = policyPieces();
  const set = POLICY_KEYS.map((key) => [key, (pieces[key] ?? z.never()).optional()] as const);
  return map({ ...head(), ...Object.fromEntries(set) });
}
