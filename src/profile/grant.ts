/** What an authority is told to grant, as its files say it: units resolved, areas as corners. */
import type { BudgetTerm } from "../core/record/budget-fields.ts";
import type { RegisteredIdentifier, Verb } from "../core/record/kinds/credential.ts";
import type { Box, Vertex } from "../core/record/spectrum-fields.ts";

/** A box whose times may be those of the credential. */
export type GrantedBox = Omit<Box, "fromUs" | "untilUs"> & {
  readonly fromUs: number | null;
  readonly untilUs: number | null;
};

export type Grant = {
  readonly level: string;
  readonly verbs: readonly Verb[];
  readonly eligibilityClasses: readonly string[];
  readonly exclusive: boolean;
  /** Links that may follow below. */
  readonly depthLeft: number;
  readonly budgets: readonly BudgetTerm[];
  readonly holdingsMaxHz: number | null;
  /** Null: from the moment of issue. */
  readonly fromUs: number | null;
  readonly end: GrantEnd;
  readonly scope: readonly GrantedBox[];
  /** Areas that no box may touch; no record names them, the authority keeps to them. */
  readonly keepOut: readonly (readonly Vertex[])[];
  readonly identifiers: readonly RegisteredIdentifier[];
  /** Null: the issuer's own. */
  readonly contact: string | null;
  readonly revocationChannel: string | null;
};

export type GrantEnd =
  | { readonly kind: "instant"; readonly untilUs: number }
  | { readonly kind: "duration"; readonly durationUs: number };

/** What a root says of itself: by whose leave it grants. */
export type Licence = Grant & {
  readonly contact: string;
  readonly revocationChannel: string;
  /** True in licensee-rooted mode (PROTOCOL §3): no regulator signed any of it. */
  readonly licenceAsserted: boolean;
};

export type GrantTimes = {
  readonly fromUs: number;
  readonly untilUs: number;
  readonly scope: readonly Box[];
};

/** `nowUs`: the moment of issue. */
export function grantTimes({ fromUs: begin, end, scope }: Grant, nowUs: number): GrantTimes {
  const fromUs = begin ?? nowUs;
  const untilUs = end.kind === "instant" ? end.untilUs : fromUs + end.durationUs;
  const boxes = scope.map((box) => ({
    ...box,
    fromUs: box.fromUs ?? fromUs,
    untilUs: box.untilUs ?? untilUs,
  }));
  return { fromUs, untilUs, scope: boxes };
}
