/** A grant as its file says it, as what a credential entitles to: what it leaves open is the issuer's own. */
import type { Entitlement } from "../../authority/entitlement.ts";
import type { Credential } from "../../core/record/kinds/credential.ts";
import { type Grant, grantTimes } from "../../profile/grant.ts";

type Inherited = Pick<Credential, "contact" | "revocationChannel" | "licenceAsserted">;

export function entitlementOf(grant: Grant, inherited: Inherited, nowUs: number): Entitlement {
  const { level, verbs, eligibilityClasses, exclusive, depthLeft, budgets, holdingsMaxHz } = grant;
  const { identifiers, keepOut } = grant;
  return {
    level,
    verbs,
    eligibilityClasses,
    exclusive,
    depthLeft,
    budgets,
    holdingsMaxHz,
    identifiers,
    keepOut,
    ...grantTimes(grant, nowUs),
    contact: grant.contact ?? inherited.contact,
    revocationChannel: grant.revocationChannel ?? inherited.revocationChannel,
    licenceAsserted: inherited.licenceAsserted,
  };
}
