/** The composite admissibility evaluator: a pure function of the pair, its context and their records (PROTOCOL §6). */
import { assert } from "../base/assert.ts";
import type { Check } from "../base/check.ts";
import type { Primitives } from "../base/primitives.ts";
import type { Rejection } from "../base/rejection.ts";
import { dutyCyclesOf } from "../commodity/duty-cycle.ts";
import { leaseClassOf } from "../policy/taxonomy.ts";
import type { Context } from "../record/kinds/settlement.ts";
import type { RecordOf } from "../record/record.ts";
import { type DerivedArtifact, deriveArtifact, type LeaseTerms } from "../settlement/artifact.ts";
import { signedBytes } from "../wire/envelope.ts";
import type { Bodies } from "./bodies.ts";
import { assemble, type Candidate } from "./candidate.ts";
import { agreement } from "./checks/agreement.ts";
import { attested } from "./checks/attested.ts";
import { entitlement } from "./checks/entitlement.ts";
import { evidential } from "./checks/evidential.ts";
import { terms } from "./checks/terms.ts";
import { proximity, windows } from "./checks/windows.ts";
import type { Recognisable } from "./rules/rule.ts";
import { recognise } from "./rules/rules.ts";

export type Evaluation =
  | {
      readonly verdict: "admit" | "admit-on-condition";
      readonly checks: readonly Check[];
      readonly derived: DerivedArtifact;
    }
  | {
      readonly verdict: "defer" | "refuse";
      readonly checks: readonly Check[];
      readonly findings: readonly Rejection[];
    };

/** Reads nothing but its arguments, collects every finding, and gives the same bytes on both sides. */
export function evaluate(
  offer: RecordOf<"offer">,
  acceptance: RecordOf<"acceptance">,
  context: Context,
  bodies: Bodies,
  primitives: Primitives,
): Evaluation {
  const assembled = assemble(offer, acceptance, context, bodies);
  if (!assembled.ok) return { verdict: "refuse", checks: [], findings: assembled.rejections };
  const pair = assembled.value;
  const checks = [
    ...agreement(pair),
    ...recognise(offer.body.rules, recognisable(pair), acceptance.body.answers, primitives.sha256),
    ...entitlement(pair),
    ...evidential(pair, primitives),
    ...attested(pair, primitives),
    ...windows(pair),
    ...terms(pair),
  ];
  return conclude(pair, checks, primitives);
}

function recognisable({ offer, acceptance }: Candidate): Recognisable {
  return {
    offerId: offer.id,
    // Only derivation asks for them.
    get offerSigned() {
      return signedBytes(offer.kind, offer.envelope.payload);
    },
    challenge: offer.body.challenge,
    offeredResource: offer.body.resource,
    resource: acceptance.body.resource,
    block: acceptance.body.block,
    consumer: acceptance.header.lineage,
    nonce: acceptance.body.nonce,
  };
}

function conclude(pair: Candidate, checks: readonly Check[], primitives: Primitives): Evaluation {
  const failed = checks.filter((each) => !each.passed);
  const findings = failed.filter((each) => each.otherwise !== "condition").map(asFinding);
  const refused = failed.some((each) => each.otherwise === "refuse");
  if (refused) return { verdict: "refuse", checks, findings };
  if (findings.length > 0) return { verdict: "defer", checks, findings };
  const conditions = failed.map((each) => each.code);
  const verdict = conditions.length === 0 ? "admit" : "admit-on-condition";
  const derived = derive(pair, { checks, verdict, conditions }, primitives);
  if (!derived.ok) return { verdict: "refuse", checks, findings: derived.rejections };
  return { verdict, checks, derived: derived.value };
}

function asFinding({ code, field, measured, required }: Check): Rejection {
  return { code, field, measured, required };
}

type Admitted = {
  readonly checks: readonly Check[];
  readonly verdict: "admit" | "admit-on-condition";
  readonly conditions: readonly string[];
};

function derive(
  pair: Candidate,
  { checks, verdict, conditions }: Admitted,
  primitives: Primitives,
): ReturnType<typeof deriveArtifact> {
  const { offer, acceptance, context } = pair;
  return deriveArtifact(
    {
      version: 1,
      rulesVersion: acceptance.body.rulesVersion,
      offer: offer.id,
      offerPayload: offer.envelope.payload,
      acceptance: acceptance.id,
      acceptancePayload: acceptance.envelope.payload,
      holder: offer.header.lineage,
      consumer: acceptance.header.lineage,
      context,
      checks,
      verdict,
      block: acceptance.body.block,
      price: acceptance.body.price,
      terms: leaseTerms(pair, conditions),
      descriptor: {
        authority: context.roots,
        credential: context.credentials,
        observation: [offer.id, acceptance.id],
        proximity: proximity(checks),
      },
    },
    primitives.sha256,
  );
}

function leaseTerms(
  { offer, acceptance, policy, schema }: Candidate,
  conditions: readonly string[],
): LeaseTerms {
  const found = leaseClassOf(policy, offer.body.leaseClass);
  assert(found !== null, "an unknown lease class was refused before");
  const { confirmByUs, effectiveByUs, clockDriftPpm, deadman, muteLatencyUs } = acceptance.body;
  return {
    leaseClass: offer.body.leaseClass,
    periodUs: found.periodUs,
    reachUs: found.reachUs,
    snapshotAgeMaxUs: found.snapshotAgeMaxUs,
    holdoverUs: found.holdoverUs,
    verifyWithinUs: found.verifyWithinUs,
    confirmByUs,
    effectiveByUs,
    clockBoundUs: policy.clockBoundUs,
    clockDriftPpm,
    deadman,
    muteLatencyUs,
    guardBandHz: schema.guardBandHz,
    tdd: schema.tdd,
    dutyCycles: dutyCyclesOf(policy, acceptance.body.block),
    conditions,
  };
}
