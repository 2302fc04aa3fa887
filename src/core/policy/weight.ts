/** How much a party's word weighs: its level, and what stands behind it (PROTOCOL §4 Weight). */
import type { Policy } from "../record/kinds/policy.ts";
import { levelOf } from "./taxonomy.ts";

export type WeightInputs = {
  /** Earlier attestations that are unbrokenly behind the latest one, as far as the policy's step lets them count. */
  readonly attestations: number;
  /** Parties with nothing in common that observed this one. */
  readonly corroborations: number;
};

/**
 * Integers only. More evidence never weighs less, and never more than `most`; a level that the policy does not know has no
 * weight, whatever is behind it.
 */
export function evidentialWeight(policy: Policy, level: string, inputs: WeightInputs): number {
  const base = levelOf(policy, level)?.weight;
  const { weighing } = policy;
  if (base === undefined) return 0;
  if (weighing === null) return base;
  const attested = Math.min(inputs.attestations, weighing.attestationsMax) * weighing.attestation;
  const observed = Math.min(inputs.corroborations, weighing.corroborationsMax) * weighing.corroboration;
  return Math.min(weighing.most, Math.max(weighing.least, base + attested + observed));
}
