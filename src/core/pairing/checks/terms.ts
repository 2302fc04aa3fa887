/** Deadlines, lease class, deadman and self-dealing: what the lease will be held to (PROTOCOL §6 Bodies). */
import { equalBytes, idText } from "../../base/bytes.ts";
import { type Check, check } from "../../base/check.ts";
import { leaseClassOf } from "../../policy/taxonomy.ts";
import type { LeaseClass } from "../../record/kinds/policy.ts";
import type { Candidate } from "../candidate.ts";

export function terms(pair: Candidate): readonly Check[] {
  return [...deadlines(pair), ...leaseClass(pair), ...parties(pair)];
}

function deadlines({ acceptance, context, policy }: Candidate): readonly Check[] {
  const { confirmByUs, effectiveByUs, block } = acceptance.body;
  const acceptedUs = acceptance.header.time?.earliestUs ?? 0;
  const confirmUs = confirmByUs - acceptedUs;
  const startUs = Math.max(confirmByUs, block.fromUs);
  const nowUs = context.interval.latestUs;
  return [
    check(
      "confirm-by-too-far",
      "acceptance.confirmByUs",
      confirmUs <= policy.confirmByMaxUs,
      { confirmUs },
      {
        confirmMaxUs: policy.confirmByMaxUs,
      },
    ),
    check("confirm-by-passed", "acceptance.confirmByUs", nowUs <= confirmByUs, { nowUs }, { confirmByUs }),
    check(
      "effective-by-order",
      "acceptance.effectiveByUs",
      effectiveByUs >= startUs,
      { effectiveByUs },
      { notBefore: startUs },
    ),
    check(
      "effective-by-too-far",
      "acceptance.effectiveByUs",
      effectiveByUs - startUs <= policy.effectiveByMaxUs,
      { afterUs: effectiveByUs - startUs },
      { afterMaxUs: policy.effectiveByMaxUs },
    ),
  ];
}

function leaseClass(pair: Candidate): readonly Check[] {
  const { offer, acceptance, policy } = pair;
  const name = offer.body.leaseClass;
  const found = leaseClassOf(policy, name);
  if (found === null) {
    const known = policy.leaseClasses.map((each) => each.name).join(" ");
    return [
      check("lease-class", "offer.leaseClass", false, { leaseClass: name }, { oneOf: known.slice(0, 200) }),
    ];
  }
  const { deadman, muteLatencyUs } = acceptance.body;
  return [
    check("lease-class", "offer.leaseClass", true, { leaseClass: name }, { leaseClass: name }),
    check(
      "deadman",
      "acceptance.deadman",
      found.deadmen.includes(deadman),
      { deadman },
      { oneOf: found.deadmen.join(" ") },
    ),
    check(
      "mute-latency",
      "acceptance.muteLatencyUs",
      muteLatencyUs <= found.muteLatencyMaxUs,
      { muteLatencyUs },
      { muteLatencyMaxUs: found.muteLatencyMaxUs },
    ),
    ...sharing(found, pair),
    ...licenceTerm(found, pair),
  ];
}

/** Where nobody is protected against others, nobody can be let anything to their exclusion (47 CFR 96.35). */
function sharing({ name, exclusive }: LeaseClass, { offer }: Candidate): readonly Check[] {
  if (exclusive === "allowed") return [];
  const measured = { exclusive: String(offer.body.block.exclusive) };
  const required = { exclusive: "false", leaseClass: name };
  return [check("exclusive-never", "offer.block.exclusive", !offer.body.block.exclusive, measured, required)];
}

/** No lease is agreed beyond the licence that it stands on (47 CFR 1.9020, 1.9030). */
function licenceTerm(
  { endsWithLicence }: LeaseClass,
  { acceptance, sellerChain }: Candidate,
): readonly Check[] {
  if (endsWithLicence === "lease") return [];
  const { untilUs } = acceptance.body.block;
  const untilUsMax = Math.min(...sellerChain.links.map(({ body }) => body.untilUs));
  const passed = sellerChain.links.length > 0 && untilUs <= untilUsMax;
  const required = { untilUsMax: sellerChain.links.length > 0 ? untilUsMax : "no licence" };
  return [check("term-beyond-licence", "acceptance.block.untilUs", passed, { untilUs }, required)];
}

/** Two lineages, two keys; one owner on both sides is self-dealing, and policy says what follows. */
function parties({ offer, acceptance, policy, sellerChain, buyerChain }: Candidate): readonly Check[] {
  const apart =
    !equalBytes(offer.header.lineage, acceptance.header.lineage) &&
    !equalBytes(offer.header.signerKey, acceptance.header.signerKey);
  const [seller, buyer] = [sellerChain.links[0]?.body.owner ?? "", buyerChain.links[0]?.body.owner ?? ""];
  const otherwise = policy.selfDealing === "refuse" ? "refuse" : "condition";
  return [
    check(
      "same-party",
      "pair",
      apart,
      { consumer: idText(acceptance.header.lineage) },
      { not: idText(offer.header.lineage) },
    ),
    check("self-dealing", "pair", seller !== buyer, { owner: buyer }, { not: seller }, otherwise),
  ];
}
