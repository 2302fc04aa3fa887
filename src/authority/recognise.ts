/** Recognising: a root of others is taken for one's own, inside the authority's own credential (PROTOCOL §6 C). */
import { checkRecognition, recogniserOf } from "../core/authority/recognition.ts";
import { checkScope } from "../core/authority/scope.ts";
import { equalBytes, toHex } from "../core/base/bytes.ts";
import { accept, type Rejection, type Result, refuse, rejection } from "../core/base/rejection.ts";
import { bodiesFrom } from "../core/pairing/bodies.ts";
import { rankOf } from "../core/policy/taxonomy.ts";
import type { RecognisedVerb, Recognition } from "../core/record/kinds/recognition.ts";
import type { RecordOf } from "../core/record/record.ts";
import type { Authority, AuthorityView } from "./authority.ts";
import { bookFaults } from "./book.ts";
import type { Entitlement } from "./entitlement.ts";
import { keptOut, tooLong } from "./issue.ts";
import { chainFrom, fallenLinks, ownCredential, policyOf } from "./standing.ts";

export type Recognising = {
  /** Lineage id of the root of others. */
  readonly root: Uint8Array;
  readonly entitlement: Entitlement;
  /** Whether its policies and commodities are taken too. */
  readonly documents: boolean;
};

const NONCE_BYTES = 16;

/**
 * Written only where every verifier would take it. Refuses `recognition-of-own`, `recognition-terms` for what only a
 * credential can give, and every excess over the authority's own.
 */
export async function recognise(
  authority: Authority,
  { root, entitlement, documents }: Recognising,
  nowUs: number,
): Promise<Result<RecordOf<"recognition">>> {
  const view = authority.view();
  const [own, policy] = [ownCredential(view, nowUs), policyOf(view, nowUs)];
  if (!own.ok) return own;
  if (!policy.ok) return policy;
  const terms = [...ofOwn(root, view), ...notGiven(entitlement), ...checkScope(entitlement.scope)];
  if (terms.length > 0) return refuse(...terms);
  const { level, eligibilityClasses, scope, fromUs, untilUs, exclusive } = entitlement;
  const body: Recognition = {
    root,
    level,
    verbs: entitlement.verbs.filter(isRecognisable),
    eligibilityClasses,
    scope,
    fromUs,
    untilUs,
    exclusive,
    documents,
    parent: own.value.id,
    nonce: authority.parts.entropy.bytes(NONCE_BYTES),
  };
  const what = { kind: "recognition", body, credential: own.value.id } as const;
  const draft = authority.draft(what);
  const interval = { earliestUs: fromUs, latestUs: Math.max(fromUs, untilUs - 1) };
  const demand = { roots: view.roots, policy: policy.value.body, interval, side: "issue" };
  const checked = checkRecognition(recogniserOf(draft, bodiesFrom(view.records)), demand);
  const faults: Rejection[] = [
    ...tooLong(draft),
    ...fallenLinks(chainFrom(own.value, view), view, nowUs),
    ...checked.filter(({ passed }) => !passed).map(told),
    ...keptOut(entitlement),
    ...(rankOf(policy.value.body, level) === null ? [unknownLevel(level)] : []),
  ];
  if (faults.length === 0) faults.push(...bookFaults({ ...body, subjectLineage: root }, view));
  return faults.length > 0 ? refuse(...faults) : accept(await authority.write(what));
}

function told({ code, field, measured, required }: Rejection): Rejection {
  return rejection(code, field.replace(/^issue[.]recognition[.]?/, ""), measured, required);
}

function unknownLevel(level: string): Rejection {
  return rejection("recognition-terms", "level", { found: level }, { allowed: "a level of the policy" });
}

/** Whatever stands below an own root needs no recognition. */
function ofOwn(root: Uint8Array, { self, roots }: AuthorityView): readonly Rejection[] {
  if (![self, ...roots].some((each) => equalBytes(each, root))) return [];
  return [rejection("recognition-of-own", "root", { root: toHex(root) }, { root: "of others" })];
}

function isRecognisable(verb: string): verb is RecognisedVerb {
  return verb === "allocate" || verb === "acquire" || verb === "preempt";
}

/** A root is recognised for what its subjects let, take, and silence of their own: nothing is issued to it, and nothing counted. */
function notGiven({
  verbs,
  depthLeft,
  budgets,
  holdingsMaxHz,
  identifiers,
}: Entitlement): readonly Rejection[] {
  const refused = (field: string, found: string | number, allowed: string): Rejection =>
    rejection("recognition-terms", field, { found }, { allowed });
  return [
    ...verbs
      .filter((verb) => !isRecognisable(verb))
      .map((verb) => refused("verbs", verb, "allocate, acquire, preempt")),
    ...(depthLeft === 0 ? [] : [refused("depth", depthLeft, "0: a recognised root recognises nobody")]),
    ...(budgets.length === 0
      ? []
      : [refused("budgets", budgets.length, "none: they are split among credentials")]),
    ...(holdingsMaxHz === null ? [] : [refused("holdings-max", holdingsMaxHz, "none")]),
    ...(identifiers.length === 0 ? [] : [refused("identifiers", identifiers.length, "none")]),
  ];
}
