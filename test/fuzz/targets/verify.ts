/** The verdict over a bundle of anybody's records (core/audit/verify). */

import type { Verdict } from "../../../src/core/audit/verdict.ts";
import { verifyBundle } from "../../../src/core/audit/verify.ts";
import { decode } from "../../../src/core/wire/decode.ts";
import { encode } from "../../../src/core/wire/encode.ts";
import { limits } from "../../../src/core/wire/limits.ts";
import { consumersBundle, rootOf, story } from "../../core/audit/story.ts";
import { primitives } from "../../support/lineage-builder.ts";
import { packMutator } from "../msgpack-mutator.ts";
import { breach, type Target } from "../target.ts";

type Judge = (envelopes: readonly Uint8Array[]) => Verdict;

/** Never throws; each line is counted once; a verdict passes exactly when no check failed. */
export function verifyTarget(
  judge: (envelopes: readonly Uint8Array[], honest: Judge) => Verdict = asIs,
): Target {
  const good = story();
  const { records } = consumersBundle(good);
  return {
    name: "verify",
    seeds: () => {
      const envelopes = records.map(({ envelope }) => envelope);
      return [encode(envelopes), encode(envelopes.slice(0, 4)), encode(envelopes.slice(-6))];
    },
    mutators: [packMutator],
    bytesMax: limits.ARTIFACT_BYTES_MAX,
    run(input) {
      const value = decode(input, limits.ARTIFACT_BYTES_MAX);
      if (!value.ok || !Array.isArray(value.value)) return;
      const envelopes = (value.value as readonly unknown[]).filter((each) => each instanceof Uint8Array);
      const { verdict, counts, checks } = judge(envelopes, (each) => judged(each, good));
      if (counts.records > envelopes.length) breach("each line is counted once");
      const failed = checks.some(({ result }) => result === "failed");
      if (failed !== (verdict === "failed")) breach("a verdict fails exactly with a check that failed");
    },
  };
}

function asIs(envelopes: readonly Uint8Array[], honest: Judge): Verdict {
  return honest(envelopes);
}

function judged(envelopes: readonly Uint8Array[], good: ReturnType<typeof story>): Verdict {
  return verifyBundle({
    records: envelopes.map((envelope) => ({ lineage: null, envelope })),
    claims: { lineages: [], foreign: envelopes.length },
    trustedRoots: rootOf(good),
    primitives,
  });
}
