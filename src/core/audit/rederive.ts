/** Evaluates a settled pair again from records alone (PROTOCOL §6 evaluate). */
import { toHex } from "../base/bytes.ts";
import type { Rejection } from "../base/rejection.ts";
import type { Bodies } from "../pairing/bodies.ts";
import { requiredIds } from "../pairing/candidate.ts";
import type { Evaluation } from "../pairing/evaluate.ts";
import { evaluateUnder } from "../pairing/rules-versions.ts";
import type { Context } from "../record/kinds/settlement.ts";
import type { RecordOf } from "../record/record.ts";
import type { DerivedArtifact } from "../settlement/artifact.ts";
import { type Evidence, find } from "./evidence.ts";

export type Rederivation =
  | { readonly kind: "derived"; readonly derived: DerivedArtifact }
  /** `first` is the first finding that no missing opening explains. */
  | { readonly kind: "refused"; readonly first: Rejection; readonly findings: readonly Rejection[] }
  /** A sealed field that evaluation reads was not opened. */
  | { readonly kind: "sealed" }
  | { readonly kind: "missing"; readonly ids: readonly string[] };

export function rederive(evidence: Evidence, { body }: RecordOf<"settlement">): Rederivation {
  const offer = find(evidence, "offer", body.offer);
  const acceptance = find(evidence, "acceptance", body.acceptance);
  if (offer === undefined || acceptance === undefined) {
    const ids = [offer === undefined ? body.offer : null, acceptance === undefined ? body.acceptance : null];
    return { kind: "missing", ids: ids.filter((id) => id !== null).map(toHex) };
  }
  const missing = requiredIds(offer, body.context).filter((id) => !evidence.byId.has(toHex(id)));
  if (missing.length > 0) return { kind: "missing", ids: missing.map(toHex) };
  const evaluation = evaluated(evidence, offer, acceptance, body.context);
  if ("derived" in evaluation) return { kind: "derived", derived: evaluation.derived };
  const { findings } = evaluation;
  const first = findings.find(({ code }) => code !== "opening-missing");
  return first === undefined ? { kind: "sealed" } : { kind: "refused", first, findings };
}

/** Evaluation may look up verified records, and no others. */
export function evaluated(
  evidence: Evidence,
  offer: RecordOf<"offer">,
  acceptance: RecordOf<"acceptance">,
  context: Context,
): Evaluation {
  return evaluateUnder(offer, acceptance, context, bodiesOf(evidence), evidence.primitives);
}

export function bodiesOf({ byId }: Evidence): Bodies {
  return { get: (id) => byId.get(toHex(id)) };
}
