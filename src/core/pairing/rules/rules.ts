/** The registry of recognition rules, and the composite of several: all of at most four, in order, one answer each. */
import { type Check, check } from "../../base/check.ts";
import type { Sha256 } from "../../base/primitives.ts";
import type { RuleId } from "../../record/kinds/offer.ts";
import { contentMatch } from "./content-match.ts";
import { derivation } from "./derivation.ts";
import { handshake } from "./handshake.ts";
import type { Recognisable, RecognitionRule } from "./rule.ts";

export const recognitionRules: { readonly [K in RuleId]: RecognitionRule } = {
  "content-match": contentMatch,
  handshake,
  derivation,
};

/** The answers that an acceptance of `pair` carries under `rules`. */
export function answers(rules: readonly RuleId[], pair: Recognisable, sha256: Sha256): readonly Uint8Array[] {
  return rules.map((id) => recognitionRules[id].answer(pair, sha256));
}

export function recognise(
  rules: readonly RuleId[],
  pair: Recognisable,
  given: readonly Uint8Array[],
  sha256: Sha256,
): readonly Check[] {
  const count = check(
    "recognition-answers",
    "acceptance.answers",
    given.length === rules.length,
    { answers: given.length },
    { answers: rules.length },
  );
  const each = rules.map((id, i) =>
    recognitionRules[id].recognise(pair, given[i] ?? new Uint8Array(0), sha256),
  );
  return [count, ...each];
}
