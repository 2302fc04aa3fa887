/** The tables of a common policy: taxonomy levels, transaction types, consequences (PROTOCOL §4, §6). */

import {
  type Consequence,
  type Level,
  policy,
  type RecognitionId,
  type TransactionType,
  type Weighing,
} from "../core/record/kinds/policy.ts";
import { SESSION_KINDS, type SessionKeyRules } from "../core/record/session-rules.ts";
import { boundsOf } from "./field-bounds.ts";
import { choice, complain, count, firstTwice, list, map, type Piece, word } from "./leaf.ts";
import { complaint } from "./profile-error.ts";
import { quantity } from "./quantity.ts";
import { DURATION } from "./units.ts";

const RULES: readonly RecognitionId[] = ["content-match", "handshake", "derivation", "composite"];

/** A duration within the range of the policy record's field at `path`. */
export function duration(path: string, description: string): Piece<number> {
  return quantity(DURATION, description, boundsOf(policy.body, path));
}

/** A number without unit, within the range of the policy record's field at `path`. */
export function number(path: string, description: string): Piece<number> {
  const { min, max } = boundsOf(policy.body, path);
  return count(min, max, description);
}

/** A list of as many entries as the policy record's field at `path` takes, none twice. */
export function listOf<T>(path: string, item: Piece<T>, description: string): Piece<readonly T[]> {
  const { min, max } = boundsOf(policy.body, path);
  return list(item, min, max, description).transform((entries, context): readonly T[] => {
    const twice = firstTwice(entries, keyOf);
    if (twice >= 0) complain(context, [twice], complaint("field-twice", "each entry, or name, once"));
    return entries;
  });
}

/** What makes an entry the same as another one: its name or code, else all of it. */
function keyOf(entry: unknown): string {
  if (typeof entry !== "object" || entry === null) return String(entry);
  if ("name" in entry) return String(entry.name);
  return "code" in entry ? String(entry.code) : JSON.stringify(entry);
}

export function level(): Piece<Level> {
  return map({
    name: word(64, "of the level"),
    rank: number("levels.rank", "higher stands above"),
    response: choice(["obey", "advise", "ignore"], "what agents do with its directives"),
    weight: number("levels.weight", "evidential weight"),
    admits: choice(["all", "corroborated", "none"], "which of its records change state"),
  });
}

/** What evidence adds to a level's weight; without it a file's levels weigh alone. */
export function weighing(): Piece<Weighing> {
  const at = (name: string, description: string): Piece<number> => number(`weighing.${name}`, description);
  return map({
    attestation: map({
      weight: at("attestation", "for each earlier attestation, unbroken"),
      "at-most": at("attestationsMax", "of them count"),
      step: duration("weighing.attestationStepUs", "two that follow each other sooner count as one"),
    }),
    corroboration: map({
      weight: at("corroboration", "for each independent party that admitted this one"),
      "at-most": at("corroborationsMax", "of them count"),
    }),
    least: at("least", "no party weighs less"),
    most: at("most", "no party weighs more"),
  }).transform(({ attestation, corroboration, least, most }, context): Weighing => {
    if (least > most) complain(context, ["most"], complaint("fields-order", "`least` or more"));
    return {
      attestation: attestation.weight,
      attestationsMax: attestation["at-most"],
      attestationStepUs: attestation.step,
      corroboration: corroboration.weight,
      corroborationsMax: corroboration["at-most"],
      least,
      most,
    };
  });
}

/** Software keys for a while; without them the device's own key signs everything. */
export function sessionKeys(): Piece<SessionKeyRules> {
  return map({
    for: duration(
      "sessionKeys.forUs",
      "longest time that one is certified for, which is what a thief of it has",
    ),
    kinds: listOf(
      "sessionKeys.kinds",
      choice(SESSION_KINDS, "a kind of record"),
      "what they sign; never a lease's first renewal",
    ),
  }).transform(({ for: forUs, kinds }): SessionKeyRules => ({ forUs, kinds }));
}

export function transactionType(): Piece<TransactionType> {
  return map({
    first: choice(["offer", "tender", "commitment"], "the first observation"),
    second: choice(["acceptance", "fulfilment"], "the second one"),
    rules: listOf(
      "transactionTypes.rules",
      choice(RULES, "a recognition rule"),
      "rules that may be asked for",
    ),
  });
}

export function consequence(): Piece<Consequence> {
  return map({
    code: word(64, "code of the refusal"),
    consequence: choice(["none", "retry-after", "quota", "suspend-peer", "dispute"], "what follows"),
    after: duration("consequences.afterUs", "how long it takes effect, or 0s"),
  }).transform(
    ({ code, consequence: what, after }): Consequence => ({ code, consequence: what, afterUs: after }),
  );
}
