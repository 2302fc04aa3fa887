/** The invariants that every world is held to, whatever else is asked of it. */
import { boundInvariants } from "./bound-invariants.ts";
import { budgetInvariants } from "./budget-invariants.ts";
import { dutyCycleInvariants } from "./duty-cycle-invariants.ts";
import { emissionInvariants } from "./emission-invariants.ts";
import { grantInvariants } from "./grant-invariants.ts";
import type { Invariant, Watched } from "./invariant.ts";
import { keyInvariants } from "./key-invariants.ts";
import { leaseInvariants } from "./lease-invariants.ts";
import { logInvariants } from "./log-invariants.ts";
import { oversightInvariants } from "./oversight-invariants.ts";
import { placeInvariants } from "./place-invariants.ts";
import { policyInvariants } from "./policy-invariants.ts";
import { preemptionInvariants } from "./preemption-invariants.ts";
import { promiseInvariants } from "./promise-invariants.ts";
import { quarantineInvariants } from "./quarantine-invariants.ts";
import { recognitionInvariants } from "./recognition-invariants.ts";
import { signatureInvariants } from "./signature-invariants.ts";

export function worldInvariants(watched: Watched): readonly Invariant[] {
  return [
    ...logInvariants(watched),
    ...keyInvariants(watched),
    ...leaseInvariants(watched),
    ...grantInvariants(watched),
    ...emissionInvariants(watched),
    ...dutyCycleInvariants(watched),
    ...boundInvariants(watched),
    ...budgetInvariants(watched),
    ...policyInvariants(watched),
    ...promiseInvariants(watched),
    ...quarantineInvariants(watched),
    ...placeInvariants(watched),
    ...preemptionInvariants(watched),
    ...recognitionInvariants(watched),
    ...oversightInvariants(watched),
    ...signatureInvariants(watched),
  ];
}
