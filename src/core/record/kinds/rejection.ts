/** A refusal as a record: every finding with measured and required (PROTOCOL §6 Rejections). */
import type { Rejection } from "../../base/rejection.ts";
import { choice, type Field, list, nilable, struct } from "../field.ts";
import { finding } from "../finding-field.ts";
import { DEVICE, type Kind } from "../kind.ts";
import { counter, digest, durationUs, word } from "../shared-fields.ts";

export type RejectionBody = {
  /** The refused record; nil in an aggregate. */
  readonly subject: Uint8Array | null;
  readonly peer: Uint8Array;
  readonly findings: readonly Rejection[];
  /** Name of the policy whose rules refused. */
  readonly profile: string;
  /** For each finding in its order, which profile of that policy set the rule; empty: the policy itself, each of them. */
  readonly profiles: readonly string[];
  readonly consequence: "none" | "retry-after" | "quota" | "suspend-peer" | "dispute";
  readonly retryAfterUs: number;
  /** 1, or the number of refusals that an aggregate stands for; `findings` then holds the least and the greatest. */
  readonly count: number;
};

const body: Field<RejectionBody> = struct<RejectionBody>({
  subject: nilable(digest),
  peer: digest,
  findings: list(finding, 1, 32),
  profile: word,
  profiles: list(word, 0, 32),
  consequence: choice("none", "retry-after", "quota", "suspend-peer", "dispute"),
  retryAfterUs: durationUs,
  count: counter,
});

export const rejectionKind: Kind<RejectionBody> = {
  name: "rejection",
  summary: "Why a record was refused, with what was measured and what is required.",
  body,
  mayBeNil: DEVICE,
};
