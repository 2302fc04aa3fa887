/** The seller may allocate this block and the buyer may acquire it: one check, two verbs (PROTOCOL §3 Eligibility). */
import { type Chain, checkChain, isRooted } from "../../authority/chain.ts";
import {
  checkRecognisedUse,
  checkRecognition,
  type RecognisedUse,
  type Recogniser,
  recogniserFor,
} from "../../authority/recognition.ts";
import { blockInsideScope } from "../../authority/scope.ts";
import { checkSnapshots } from "../../authority/snapshots.ts";
import { idText } from "../../base/bytes.ts";
import { type Check, check, checkAll } from "../../base/check.ts";
import { type Rejection, rejection } from "../../base/rejection.ts";
import { leaseClassOf, rankOf } from "../../policy/taxonomy.ts";
import type { Header } from "../../record/header.ts";
import type { RecordOf } from "../../record/record.ts";
import type { Interval } from "../../record/shared-fields.ts";
import type { Candidate } from "../candidate.ts";

export function entitlement(pair: Candidate): readonly Check[] {
  const { offer, policy, buyerChain } = pair;
  const wanted = offer.body.eligibility;
  return [
    ...sidesOf(pair).flatMap((each) => side(pair, each)),
    exclusivity(pair),
    eligibilityLevel(buyerChain, wanted.level, policy),
    eligibilityClass(buyerChain, wanted.eligibilityClass),
  ];
}

type Side = {
  readonly name: string;
  readonly observation: RecordOf<"offer"> | RecordOf<"acceptance">;
  readonly chain: Chain;
  readonly verb: RecognisedUse["verb"];
};

function sidesOf({ offer, acceptance, sellerChain, buyerChain }: Candidate): readonly Side[] {
  return [
    { name: "offer", observation: offer, chain: sellerChain, verb: "allocate" },
    { name: "acceptance", observation: acceptance, chain: buyerChain, verb: "acquire" },
  ];
}

function side(pair: Candidate, { name, observation, chain, verb }: Side): readonly Check[] {
  const author = observation.header;
  const { block } = observation.body;
  const { policy, context, snapshots, offer } = pair;
  const interval = span(pair, author);
  const above = recognised(pair, { name, observation, chain, verb }, context.roots);
  const last = chain.links[0]?.body;
  const ageMaxUs = leaseClassOf(policy, offer.body.leaseClass)?.snapshotAgeMaxUs ?? 0;
  const subject = { lineage: author.lineage, signerKey: author.signerKey };
  const verbs = last?.verbs ?? [];
  return [
    ...above.checks,
    ...checkChain(chain, { subject, roots: above.roots, policy, interval, side: name }),
    check(
      "not-entitled",
      `${name}.credential.verbs`,
      verbs.includes(verb),
      { verbs: verbs.join(" ") },
      { verb },
    ),
    ...checkAll(
      "block-outside-scope",
      `${name}.block`,
      blockInsideScope(block, last?.scope ?? [], `${name}.block`),
    ),
    check(
      "key-protection",
      `${name}.credential.tier`,
      last !== undefined && policy.tiers.includes(last.tier),
      { tier: last?.tier ?? "none" },
      { tiers: policy.tiers.join(" ") },
    ),
    ...checkSnapshots(chain, {
      snapshots,
      atUs: context.interval.latestUs,
      ageMaxUs,
      clockBoundUs: policy.clockBoundUs,
      side: name,
    }),
    ...(above.recogniser === null
      ? []
      : checkSnapshots(above.recogniser, {
          snapshots,
          atUs: context.interval.latestUs,
          ageMaxUs,
          clockBoundUs: policy.clockBoundUs,
          side: `${name}.recognition`,
        })),
  ];
}

type Recognised = {
  /** Null where the chain ends in one of the roots, or nobody recognises the root in which it ends. */
  readonly recogniser: Recogniser | null;
  readonly checks: readonly Check[];
  /** Those given, and the recognised one where its recognition holds. */
  readonly roots: readonly Uint8Array[];
};

/** Below a root of others, a chain is worth what a recognition of that root says, and nothing without one. */
function recognised(
  pair: Candidate,
  { name, observation, chain, verb }: Side,
  roots: readonly Uint8Array[],
): Recognised {
  const recogniser = recogniserFor(chain, pair.recognisers, roots);
  if (recogniser === null) return { recogniser, checks: [], roots };
  const { policy, offer } = pair;
  const { recognition } = recogniser;
  const interval = span(pair, observation.header);
  const holds = checkRecognition(recogniser, { roots, policy, interval, side: name });
  const eligibilityClass = verb === "acquire" ? offer.body.eligibility.eligibilityClass : null;
  const use = { verb, block: observation.body.block, eligibilityClass };
  const within = checkRecognisedUse(chain, recognition, use, { policy, side: name });
  const isHeld = holds.every(({ passed }) => passed);
  return {
    recogniser,
    checks: [...holds, ...within],
    roots: isHeld ? [...roots, recognition.body.root] : roots,
  };
}

/**
 * What keeps the pair's chains from standing under `roots`: of one side alone, or of an auditor. Empty where each ends in
 * one of them, or in a root that the context's recognitions let stand for this very pair. The context's own are not asked.
 */
export function underRoots(pair: Candidate, roots: readonly Uint8Array[]): readonly Rejection[] {
  return sidesOf(pair).flatMap((each) => {
    const { recogniser, checks } = recognised(pair, each, roots);
    const failed = checks.filter(({ passed }) => !passed);
    if (recogniser !== null || isRooted(each.chain, roots)) return failed;
    const top = each.chain.links.at(-1)?.header.lineage;
    const measured = { root: top === undefined ? "none" : idText(top), roots: roots.length };
    return [
      rejection("root-untrusted", `${each.name}.credential`, measured, {
        roots: "trusted here, or recognised",
      }),
    ];
  });
}

/** A chain has to hold from the observation itself to the end of the interval of evaluation. */
function span({ context }: Candidate, author: Header): Interval {
  const earliestUs = Math.min(
    author.time?.earliestUs ?? context.interval.earliestUs,
    context.interval.earliestUs,
  );
  return { earliestUs, latestUs: Math.max(author.time?.latestUs ?? 0, context.interval.latestUs) };
}

/** Only an exclusive scope can be let exclusively: a shared one is others' too. */
function exclusivity({ offer, sellerChain }: Candidate): Check {
  const exclusive = sellerChain.links[0]?.body.exclusive ?? false;
  const passed = exclusive || !offer.body.block.exclusive;
  const field = "offer.credential.exclusive";
  return check("not-exclusive", field, passed, { exclusive: String(exclusive) }, { exclusive: "true" });
}

function eligibilityLevel(chain: Chain, asked: string, policy: Candidate["policy"]): Check {
  const level = chain.links[0]?.body.level ?? "none";
  const [rank, rankMin] = [rankOf(policy, level), rankOf(policy, asked)];
  const passed = rank !== null && rankMin !== null && rank >= rankMin;
  return check("not-eligible-level", "acceptance.credential.level", passed, { level }, { levelMin: asked });
}

function eligibilityClass(chain: Chain, asked: string): Check {
  const classes = chain.links[0]?.body.eligibilityClasses ?? [];
  const measured = { classes: classes.join(" ").slice(0, 200) };
  const field = "acceptance.credential.eligibilityClasses";
  return check("not-eligible", field, classes.includes(asked), measured, { eligibilityClass: asked });
}
