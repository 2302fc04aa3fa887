/** A root of others is taken for one's own, in part: signed, scoped, narrowing, never passed on (PROTOCOL §1, §6 C). */
import { limits } from "../../wire/limits.ts";
import { bytes, choice, type Field, flag, identifier, list, struct } from "../field.ts";
import { type Kind, OFFLINE } from "../kind.ts";
import { digest, instantUs, word } from "../shared-fields.ts";
import { type Box, box } from "../spectrum-fields.ts";

/**
 * What a root of others may entitle to: a root is recognised neither to recognise, nor to be let issue in one's own name.
 * `preempt` is for directives over what is let from that root's own spectrum, and over nothing else.
 */
export type RecognisedVerb = "allocate" | "acquire" | "preempt";

export type Recognition = {
  /** Lineage id of the root that is recognised. */
  readonly root: Uint8Array;
  /** The highest level that a credential below it may stand for. */
  readonly level: string;
  readonly verbs: readonly RecognisedVerb[];
  readonly eligibilityClasses: readonly string[];
  /** What is let or taken has to lie in one of these boxes, however much the credentials below that root span. */
  readonly scope: readonly Box[];
  readonly fromUs: number;
  readonly untilUs: number;
  /** Whether what is let under that root may be let exclusively. */
  readonly exclusive: boolean;
  /** Whether that root's policies and commodities are taken too. */
  readonly documents: boolean;
  /** The recogniser's own credential, which has to entitle it to issue as much. */
  readonly parent: Uint8Array;
  readonly nonce: Uint8Array;
};

const body: Field<Recognition> = struct<Recognition>({
  root: digest,
  level: word,
  verbs: list(choice("allocate", "acquire", "preempt"), 1, 3),
  eligibilityClasses: list(identifier(32), 0, 16),
  scope: list(box, 1, limits.SCOPE_BOXES_MAX),
  fromUs: instantUs,
  untilUs: instantUs,
  exclusive: flag,
  documents: flag,
  parent: digest,
  nonce: bytes(16),
});

export const recognition: Kind<Recognition> = {
  name: "recognition",
  summary:
    "Which root of others an authority takes for its own, where, when, for what, and up to which level.",
  body,
  mayBeNil: OFFLINE,
};
