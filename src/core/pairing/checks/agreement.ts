/** Offer and acceptance speak of the same thing under the same policy, rules version and price (PROTOCOL §4, §6). */
import { equalBytes, idText } from "../../base/bytes.ts";
import { type Check, check, checkAll } from "../../base/check.ts";
import { blockWithinOffer } from "../../commodity/block.ts";
import type { PriceTerms } from "../../record/kinds/offer.ts";
import type { Steps } from "../../record/spectrum-fields.ts";
import type { Candidate } from "../candidate.ts";

export function agreement(pair: Candidate): readonly Check[] {
  return [
    ...sameOffer(pair),
    ...samePolicy(pair),
    ...rulesVersion(pair),
    ...transactionType(pair),
    ...commodity(pair),
    ...price(pair),
  ];
}

function sameOffer({ offer, acceptance }: Candidate): readonly Check[] {
  const measured = { offer: idText(acceptance.body.offer) };
  const same = equalBytes(acceptance.body.offer, offer.id);
  return [check("offer-mismatch", "acceptance.offer", same, measured, { offer: idText(offer.id) })];
}

function samePolicy({ offer, acceptance, context, policy }: Candidate): readonly Check[] {
  const [named, answered] = [offer.header.policy, acceptance.header.policy];
  const same = named !== null && answered !== null && equalBytes(named, answered);
  const fromUs = offer.header.time?.earliestUs ?? 0;
  const untilUs = context.interval.latestUs;
  const inForce = policy.startUs <= fromUs && (policy.endUs === null || untilUs < policy.endUs);
  const required = { startUs: policy.startUs, endUs: policy.endUs ?? "open" };
  return [
    check(
      "policy-mismatch",
      "acceptance.policy",
      same,
      { acceptance: answered === null ? "nil" : idText(answered) },
      { offer: named === null ? "nil" : idText(named) },
    ),
    check("policy-not-in-force", "offer.policy", inForce, { fromUs, untilUs }, required),
  ];
}

function rulesVersion({ offer, acceptance, policy }: Candidate): readonly Check[] {
  const picked = acceptance.body.rulesVersion;
  const passed = offer.body.rulesVersions.includes(picked) && policy.rulesVersions.includes(picked);
  const required = { offer: offer.body.rulesVersions.join(" "), policy: policy.rulesVersions.join(" ") };
  return [check("rules-version", "acceptance.rulesVersion", passed, { rulesVersion: picked }, required)];
}

function transactionType({ offer, policy }: Candidate): readonly Check[] {
  const { rules } = offer.body;
  const asked = rules.length > 1 ? [...rules, "composite"] : rules;
  const type = policy.transactionTypes.find(
    ({ first, second }) => first === "offer" && second === "acceptance",
  );
  const passed =
    type !== undefined && asked.every((rule) => (type.rules as readonly string[]).includes(rule));
  const required = { rules: type === undefined ? "none" : type.rules.join(" ") };
  return [check("recognition-rule", "offer.rules", passed, { rules: asked.join(" ") }, required)];
}

function commodity({ offer, acceptance, schema }: Candidate): readonly Check[] {
  const { block } = offer.body;
  const sameSteps = sameFields(offer.body.steps, schema.steps);
  const sharing = acceptance.body.block.exclusive === block.exclusive;
  return [
    check(
      "commodity-class",
      "offer.block.commodityClass",
      block.commodityClass === schema.commodityClass,
      { commodityClass: block.commodityClass },
      { commodityClass: schema.commodityClass },
    ),
    check("commodity-steps", "offer.steps", sameSteps, {}, { steps: "those of the schema" }),
    check(
      "resource-mismatch",
      "acceptance.resource",
      acceptance.body.resource === offer.body.resource,
      { resource: acceptance.body.resource },
      { resource: offer.body.resource },
    ),
    check(
      "sharing-mismatch",
      "acceptance.block.exclusive",
      sharing,
      { exclusive: String(acceptance.body.block.exclusive) },
      { exclusive: String(block.exclusive) },
    ),
    ...checkAll(
      "block-within-offer",
      "acceptance.block",
      blockWithinOffer(acceptance.body.block, block, offer.body.steps, "acceptance.block"),
    ),
  ];
}

function price({ offer, acceptance }: Candidate): readonly Check[] {
  const [asked, given] = [offer.body.price.value, acceptance.body.price.value];
  if (asked === null || given === null) {
    return [check("opening-missing", "price", false, { opened: "no" }, { opened: "by both parties" })];
  }
  const same = sameFields(asked, given);
  return [
    check(
      "price-mismatch",
      "acceptance.price",
      same,
      { microUnits: given.microUnits.toString(), currency: given.currency },
      { microUnits: asked.microUnits.toString(), currency: asked.currency },
    ),
  ];
}

/** Of numbers, words and flags alone, so that equal fields are equal bytes. */
function sameFields<T extends Steps | PriceTerms>(a: T, b: T): boolean {
  return (Object.keys(a) as (keyof T)[]).every((name) => a[name] === b[name]);
}
