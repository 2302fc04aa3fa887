/** One offer, one acceptance, and what a verdict tells of the refusals that follow: for the tests of refusals. */
import type { Refusal } from "../../../src/core/audit/refusals.ts";
import type { Verdict } from "../../../src/core/audit/verdict.ts";
import type { AnyRecord, RecordOf } from "../../../src/core/record/record.ts";
import { type Market, market, type Party } from "../../support/market-builder.ts";
import { bundleOf, verify } from "./story.ts";

export type Scene = {
  readonly of: Market;
  readonly offer: RecordOf<"offer">;
  readonly consumer: Party;
  readonly acceptance: RecordOf<"acceptance">;
};

/** An offer, and an acceptance at second 1 from `northE7`. */
export function scene(northE7: number, credential: Parameters<Market["party"]>[0]["credential"] = {}): Scene {
  const of = market({ name: "refusals" });
  const consumer = of.party({ name: "consumer", northE7, credential });
  const offer = of.offer(0);
  return { of, offer, consumer, acceptance: of.accept(consumer, offer, 1) };
}

export function judged(
  { of, consumer }: Pick<Scene, "of" | "consumer">,
  more: readonly AnyRecord[] = [],
): Verdict {
  const exporters = [of.holder.author, consumer.author];
  return verify(bundleOf(exporters, [...of.root.records(), ...more]), [{ lineage: of.root.lineage }]);
}

export function told({ refusals }: Verdict): readonly string[] {
  return refusals.map(({ code, recomputed }: Refusal) => `${code} ${recomputed}`);
}

export const failing = ({ checks }: Verdict): readonly string[] =>
  checks.filter(({ result }) => result === "failed").map(({ code }) => code);
