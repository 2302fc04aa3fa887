/** What the taxonomy says of both parties' levels: may their records change anything, and how much do they weigh (PROTOCOL §4)? */
import type { Chain } from "../../authority/chain.ts";
import { type Check, check } from "../../base/check.ts";
import type { Primitives } from "../../base/primitives.ts";
import { levelOf } from "../../policy/taxonomy.ts";
import { evidentialWeight, type WeightInputs } from "../../policy/weight.ts";
import type { AnyRecord } from "../../record/record.ts";
import type { Candidate } from "../candidate.ts";
import { continuityOf } from "../continuity.ts";
import { corroborationsOf } from "../corroboration.ts";

export function evidential(pair: Candidate, primitives: Primitives): readonly Check[] {
  const seller = side(pair, { name: "offer", observation: pair.offer, chain: pair.sellerChain }, primitives);
  const buyer = side(
    pair,
    { name: "acceptance", observation: pair.acceptance, chain: pair.buyerChain },
    primitives,
  );
  return [...admitted(pair, seller), ...admitted(pair, buyer), weighed(pair, seller, buyer)];
}

type Parts = { readonly name: string; readonly observation: AnyRecord; readonly chain: Chain };

type Side = Parts & {
  readonly level: string;
  readonly inputs: WeightInputs;
  /** The most that records which are not at hand could bring. */
  readonly possible: WeightInputs;
};

function side(pair: Candidate, parts: Parts, primitives: Primitives): Side {
  const { header } = parts.observation;
  const last = parts.chain.links[0]?.body;
  const { weighing } = pair.policy;
  const most = weighing?.attestationsMax ?? 0;
  const stepUs = weighing?.attestationStepUs ?? 0;
  const demand = { author: header, akName: last?.akName ?? null, stepUs, most };
  const { attestations, open } = continuityOf(pair.attestations, demand, primitives);
  const corroborations = corroborationsOf(pair, header.lineage);
  const possible = {
    attestations: open ? most : attestations,
    corroborations: Math.max(corroborations, weighing?.corroborationsMax ?? 0),
  };
  return { ...parts, level: last?.level ?? "none", inputs: { attestations, corroborations }, possible };
}

/**
 * The author's records, and those of the issuers above it: a level that admits none may be heard, and changes nothing. One
 * that has to be corroborated waits for it, since somebody else's word may still come.
 */
function admitted({ policy }: Candidate, { name, chain, level, inputs }: Side): readonly Check[] {
  const { corroborations } = inputs;
  const admits = levelOf(policy, level)?.admits ?? "none";
  const passed = admits === "all" || (admits === "corroborated" && corroborations > 0);
  const required = admits === "corroborated" ? { corroborationsMin: 1 } : { admits: "all or corroborated" };
  const otherwise = admits === "corroborated" ? "defer" : "refuse";
  const issuers = chain.links.slice(1).map(({ body }, i) => {
    const above = levelOf(policy, body.level)?.admits ?? "none";
    const field = `${name}.credential[${i + 1}].level`;
    const measured = { level: body.level, admits: above };
    return check("level-not-admitted", field, above !== "none", measured, { admits: "all or corroborated" });
  });
  const measured = { level, admits, corroborations };
  return [check("level-not-admitted", `${name}.level`, passed, measured, required, otherwise), ...issuers];
}

/** Never lifts a veto: all other checks stand beside it. What may still come defers it. */
function weighed({ policy }: Candidate, seller: Side, buyer: Side): Check {
  const weigh = ({ level }: Side, inputs: WeightInputs): number => evidentialWeight(policy, level, inputs);
  const measured = {
    seller: weigh(seller, seller.inputs),
    sellerLevel: seller.level,
    sellerAttestations: seller.inputs.attestations,
    sellerCorroborations: seller.inputs.corroborations,
    buyer: weigh(buyer, buyer.inputs),
    buyerLevel: buyer.level,
    buyerAttestations: buyer.inputs.attestations,
    buyerCorroborations: buyer.inputs.corroborations,
  };
  const sumMin = policy.weightThreshold;
  const passed = measured.seller + measured.buyer >= sumMin;
  const reachable = weigh(seller, seller.possible) + weigh(buyer, buyer.possible) >= sumMin;
  const otherwise = reachable ? "defer" : "refuse";
  return check("weight-threshold", "pair", passed, measured, { sumMin }, otherwise);
}
