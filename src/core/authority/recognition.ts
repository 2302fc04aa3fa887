/**
 * A root of others stands in for one's own inside a recognition of it, and no further (PROTOCOL §6 C). A recogniser's chain
 * is one of credentials, up to an own root: a recognised root recognises nobody.
 */
import { equalBytes } from "../base/bytes.ts";
import { type Check, check, checkAll } from "../base/check.ts";
import { type Rejection, rejection } from "../base/rejection.ts";
import type { Bodies } from "../pairing/bodies.ts";
import { rankOf } from "../policy/taxonomy.ts";
import type { Policy } from "../record/kinds/policy.ts";
import type { RecognisedVerb, Recognition } from "../record/kinds/recognition.ts";
import type { RecordOf } from "../record/record.ts";
import type { Block } from "../record/spectrum-fields.ts";
import { type Chain, type ChainDemand, chainOf, checkChain, isRooted, linkExcess } from "./chain.ts";
import { blockInsideScope } from "./scope.ts";

/** A recognition, and the chain of whoever signed it. */
export type Recogniser = Chain & { readonly recognition: RecordOf<"recognition"> };

export function recogniserOf(recognition: RecordOf<"recognition">, bodies: Bodies): Recogniser {
  return { ...chainOf(recognition.body.parent, bodies), recognition };
}

/** The first of `recognisers` that stands below one of `roots` and names the root of `chain`; null too where that is one of them. */
export function recogniserFor(
  chain: Chain,
  recognisers: readonly Recogniser[],
  roots: readonly Uint8Array[],
): Recogniser | null {
  const top = chain.links.at(-1);
  if (top === undefined || isRooted(chain, roots)) return null;
  const names = ({ recognition }: Recogniser): boolean =>
    equalBytes(recognition.body.root, top.header.lineage);
  return recognisers.find((each) => names(each) && isRooted(each, roots)) ?? null;
}

/** As `checkChain` asks of the recogniser's chain, that it narrows, and that it is in force: `recognition-validity`. */
export function checkRecognition(
  recogniser: Recogniser,
  { roots, policy, interval, side }: Omit<ChainDemand, "subject">,
): readonly Check[] {
  const { recognition } = recogniser;
  const { lineage, signerKey } = recognition.header;
  const { fromUs, untilUs } = recognition.body;
  const field = `${side}.recognition`;
  const above = checkChain(recogniser, {
    subject: { lineage, signerKey },
    roots,
    policy,
    interval,
    side: field,
  });
  const { earliestUs, latestUs } = interval;
  const inForce = fromUs <= earliestUs && latestUs < untilUs;
  // What is signed by somebody else than the chain says is void, and its areas are compared with nobody's.
  const excess = above.every(({ passed }) => passed) ? excessOf(recogniser, policy, field) : [];
  return [
    ...above,
    ...checkAll("recognition-narrows", field, excess),
    check("recognition-validity", field, inForce, { earliestUs, latestUs }, { fromUs, untilUs }),
  ];
}

/** A recognition gives what a link with nobody below it would: its author's, or less, and no part of a budget. */
function excessOf({ recognition, links }: Recogniser, policy: Policy, field: string): readonly Rejection[] {
  const [parent] = links;
  if (parent === undefined) return [];
  const { header, body } = recognition;
  const asLink = { header, body: { ...body, depthLeft: 0, budgets: [], holdingsMaxHz: null } };
  const { fromUs, untilUs } = body;
  const empty =
    fromUs < untilUs ? [] : [rejection("credential-validity-empty", field, { untilUs }, { after: fromUs })];
  return [...empty, ...linkExcess(asLink, parent, policy, field)];
}

/** What somebody wants to do below a recognised root. */
export type RecognisedUse = {
  readonly verb: RecognisedVerb;
  readonly block: Block;
  /** Null: the class is the other side's. */
  readonly eligibilityClass: string | null;
};

/** `outside-recognition` for each thing in which the use, or the level of the chain's last link, goes beyond it. */
export function checkRecognisedUse(
  chain: Chain,
  { body }: RecordOf<"recognition">,
  use: RecognisedUse,
  { policy, side }: { readonly policy: Policy; readonly side: string },
): readonly Check[] {
  const field = `${side}.recognition`;
  const failures = [
    ...rightsBeyond(chain, body, { ...use, exclusive: use.block.exclusive }, { policy, field }),
    ...blockInsideScope(use.block, body.scope, `${side}.block`),
  ];
  return checkAll("outside-recognition", field, failures);
}

/** `outside-recognition` where its author's level is above what is recognised of its root, or directives are not recognised. */
export function checkRecognisedDirective(
  chain: Chain,
  { body }: RecordOf<"recognition">,
  { policy, side }: { readonly policy: Policy; readonly side: string },
): readonly Check[] {
  const field = `${side}.recognition`;
  const use = { verb: "preempt", exclusive: false, eligibilityClass: null } as const;
  return checkAll("outside-recognition", field, rightsBeyond(chain, body, use, { policy, field }));
}

type Rights = Pick<RecognisedUse, "verb" | "eligibilityClass"> & { readonly exclusive: boolean };

function rightsBeyond(
  { links }: Chain,
  { level, verbs, eligibilityClasses, exclusive }: Recognition,
  use: Rights,
  { policy, field }: { readonly policy: Policy; readonly field: string },
): readonly Rejection[] {
  const found: Rejection[] = [];
  const beyond = (measured: Rejection["measured"], required: Rejection["required"]): void => {
    found.push(rejection("outside-recognition", field, measured, required));
  };
  const used = links[0]?.body.level ?? "none";
  const [rank, rankMax] = [rankOf(policy, used), rankOf(policy, level)];
  if (rank === null || rankMax === null || rank > rankMax) beyond({ level: used }, { levelMax: level });
  if (!verbs.includes(use.verb)) beyond({ verb: use.verb }, { verbs: verbs.join(" ") });
  const { eligibilityClass } = use;
  if (eligibilityClass !== null && !eligibilityClasses.includes(eligibilityClass)) {
    beyond({ eligibilityClass }, { classes: eligibilityClasses.join(" ").slice(0, 200) });
  }
  if (use.verb === "allocate" && use.exclusive && !exclusive)
    beyond({ exclusive: "true" }, { exclusive: "false" });
  return found;
}
