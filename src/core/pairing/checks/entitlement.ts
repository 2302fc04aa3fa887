/** The seller may allocate this block and the buyer may acquire it: one check, two verbs (PROTOCOL §3 Eligibility). */
import { type Chain, checkChain } from "../../authority/chain.ts";
import { blockInsideScope } from "../../authority/scope.ts";
import { checkSnapshots } from "../../authority/snapshots.ts";
import { type Check, check, checkAll } from "../../base/check.ts";
import { leaseClassOf, rankOf } from "../../policy/taxonomy.ts";
import type { Header } from "../../record/header.ts";
import type { Verb } from "../../record/kinds/credential.ts";
import type { RecordOf } from "../../record/record.ts";
import type { Interval } from "../../record/shared-fields.ts";
import type { Candidate } from "../candidate.ts";

export function entitlement(pair: Candidate): readonly Check[] {
  const { offer, acceptance, policy, sellerChain, buyerChain } = pair;
  const wanted = offer.body.eligibility;
  return [
    ...side(pair, { name: "offer", observation: offer, chain: sellerChain, verb: "allocate" }),
    ...side(pair, { name: "acceptance", observation: acceptance, chain: buyerChain, verb: "acquire" }),
    exclusivity(pair),
    eligibilityLevel(buyerChain, wanted.level, policy),
    eligibilityClass(buyerChain, wanted.eligibilityClass),
  ];
}

type Side = {
  readonly name: string;
  readonly observation: RecordOf<"offer"> | RecordOf<"acceptance">;
  readonly chain: Chain;
  readonly verb: Verb;
};

function side(pair: Candidate, { name, observation, chain, verb }: Side): readonly Check[] {
  const author = observation.header;
  const { block } = observation.body;
  const { policy, context, snapshots, offer } = pair;
  const interval = span(pair, author);
  const last = chain.links[0]?.body;
  const ageMaxUs = leaseClassOf(policy, offer.body.leaseClass)?.snapshotAgeMaxUs ?? 0;
  const subject = { lineage: author.lineage, signerKey: author.signerKey };
  const verbs = last?.verbs ?? [];
  return [
    ...checkChain(chain, { subject, roots: context.roots, policy, interval, side: name }),
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
  ];
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
