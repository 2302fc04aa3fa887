/** A holder's refusal of an acceptance, from the records and the time and place in the rejection's own header. */
import { type Chain, chainOf } from "../authority/chain.ts";
import { equalBytes, sortedUnique, toHex } from "../base/bytes.ts";
import { rejection as finding, type Rejection } from "../base/rejection.ts";
import type { Context } from "../record/kinds/settlement.ts";
import type { RecordOf } from "../record/record.ts";
import type { TimeEvidence } from "../record/shared-fields.ts";
import { conflicts } from "../settlement/book.ts";
import { NO_SPACING } from "../settlement/collision.ts";
import { JUST_BOUND, type Lease } from "../settlement/lease.ts";
import type { Deal } from "./deals.ts";
import { type Evidence, find, ofKind } from "./evidence.ts";
import { ceilingsOf } from "./holdings.ts";
import { precedes } from "./inventory.ts";
import { occupancyAt } from "./occupancy.ts";
import { bodiesOf, evaluated } from "./rederive.ts";
import { DIRECTIVE_UNTOLD, differs, type Recomputed, SAME, same, unknown } from "./refusal-recomputed.ts";

type Refused = {
  readonly evidence: Evidence;
  readonly deals: ReadonlyMap<string, Deal>;
  readonly rejection: RecordOf<"rejection">;
  readonly acceptance: RecordOf<"acceptance">;
  readonly offer: RecordOf<"offer">;
};

export function recomputedByHolder(
  evidence: Evidence,
  deals: ReadonlyMap<string, Deal>,
  rejection: RecordOf<"rejection">,
  acceptance: RecordOf<"acceptance">,
): (finding: Rejection) => Recomputed {
  const offer = find(evidence, "offer", acceptance.body.offer);
  if (offer === undefined) return () => unknown("The offer that the refused acceptance names is not here.");
  if (!equalBytes(offer.header.lineage, rejection.header.lineage)) {
    return () => unknown("It was not refused by the author of the offer.");
  }
  const refused = { evidence, deals, rejection, acceptance, offer };
  const evaluation = evaluationThen(refused);
  return (recorded) => {
    switch (recorded.code) {
      case "already-allocated":
      case "tdd-guard":
        return allocated(refused, recorded);
      case "withdrawn":
        return withdrawn(refused, recorded);
      case "budget-exhausted":
      case "budget-terms":
        return unknown("What counted of the holder's budget then is judged over its whole log.");
      case "holdings-ceiling":
        return heldAbove(refused, recorded);
      case "preempted":
        return unknown(DIRECTIVE_UNTOLD);
      case "policy-superseded":
        return unknown("Which policies the holder had heard of then is not in the records.");
      case "identifier-missing":
        return unknown("What the holder could state of itself then is not in the records.");
      case "policy-mismatch":
        // Its own offer's policy: what a root of others put in place counts while that one is recognised.
        return recorded.field === "offer.policy"
          ? unknown("Which policies counted for the holder then is not in the records.")
          : fromEvaluation(refused, evaluation, recorded);
      case "policy-untrusted":
      case "schema-untrusted":
        return unknown("Whom the holder trusted is not in the records.");
      default:
        return fromEvaluation(refused, evaluation, recorded);
    }
  };
}

/** By the refused acceptance's own statement. */
function heldAbove({ evidence, acceptance }: Refused, recorded: Rejection): Recomputed {
  const found = ceilingsOf(evidence, acceptance);
  if (found === null) return unknown("The policy, or the consumer's credential, is not here.");
  return found.some((each) => same(each, recorded)) ? SAME : differs(found, recorded);
}

type Then = {
  readonly findings: readonly Rejection[];
  /** Why evaluation here may differ from the holder's, or null. */
  readonly doubt: string | null;
  /** Then the holder judged by recognitions too. */
  readonly twoRoots: boolean;
};

function evaluationThen(refused: Refused): Then {
  const { evidence, rejection, acceptance, offer } = refused;
  const { time, place } = rejection.header;
  if (time === null || place === null)
    return { findings: [], doubt: "The rejection bears no time or place.", twoRoots: false };
  const bodies = bodiesOf(evidence);
  const chains = [offer, acceptance].map(({ header }) => chainOf(header.credential, bodies));
  const context: Context = {
    interval: { earliestUs: time.earliestUs, latestUs: time.latestUs },
    holderPlace: place,
    ...authorities(evidence, chains, time.latestUs),
    recognitions: [],
    attestations: attestationsOf(refused),
    corroborations: [],
    reputations: [],
    budgets: [],
  };
  const evaluation = evaluated(evidence, offer, acceptance, context);
  const findings = "findings" in evaluation ? evaluation.findings : [];
  const tops = sortedUnique(chains.flatMap(({ links }) => links.at(-1)?.header.lineage ?? []));
  return {
    findings: [...findings, ...confirmByGate(time, acceptance)],
    doubt: doubtOf(chains, findings),
    twoRoots: tops.length > 1,
  };
}

const NONE = new Uint8Array(32);

/** What the chains rest on, as far as it was there at the time of the refusal. */
function authorities(
  evidence: Evidence,
  chains: readonly Chain[],
  atUs: number,
): Pick<Context, "roots" | "credentials" | "snapshots"> {
  const links = chains.flatMap((chain) => chain.links);
  const tops = chains.flatMap((chain) => chain.links.at(-1)?.header.lineage ?? []);
  const snapshots = ofKind(evidence, "status-snapshot").filter(({ body }) => body.issuedUs <= atUs);
  const issuers = sortedUnique(links.map((link) => link.header.lineage));
  const used = issuers.flatMap((issuer) => {
    const own = snapshots.filter(({ header }) => equalBytes(header.lineage, issuer));
    return (
      own.reduce<(typeof own)[number] | null>(
        (latest, each) => (latest === null || each.body.number > latest.body.number ? each : latest),
        null,
      )?.id ?? []
    );
  });
  return {
    roots: sortedUnique(tops).filter((root) => evidence.roots.has(toHex(root))),
    credentials: sortedUnique(links.map((link) => link.id)),
    snapshots: sortedUnique(used),
  };
}

function attestationsOf({ evidence, offer, acceptance }: Refused): readonly Uint8Array[] {
  const named = [offer.header.attestation, acceptance.header.attestation].filter((each) => each !== null);
  return sortedUnique(named.filter((id) => find(evidence, "attestation", id) !== undefined));
}

/** The gate's own check, by the centre of the holder's interval. */
function confirmByGate(time: TimeEvidence, acceptance: RecordOf<"acceptance">): readonly Rejection[] {
  const nowUs = Math.floor((time.earliestUs + time.latestUs) / 2);
  const { confirmByUs } = acceptance.body;
  if (nowUs <= confirmByUs) return [];
  return [finding("confirm-by-passed", "acceptance.confirmByUs", { nowUs }, { confirmByUs })];
}

function doubtOf(chains: readonly Chain[], findings: readonly Rejection[]): string | null {
  if (findings.some(({ code }) => code === "context-incomplete"))
    return "The policy or schema of the offer is not here.";
  if (chains.some((chain) => chain.missing !== null)) return "A credential chain is not here whole.";
  return null;
}

/** What depends on which snapshots the holder had just then: no record of a refusal names them. */
const BY_SNAPSHOT: ReadonlySet<string> = new Set(["credential-revoked", "snapshot-age"]);
/** What was missing there then cannot be told from what is missing here now. */
const BY_ABSENCE: ReadonlySet<string> = new Set([
  "context-incomplete",
  "chain-incomplete",
  "opening-missing",
]);

function fromEvaluation(refused: Refused, then: Then, recorded: Rejection): Recomputed {
  if (BY_ABSENCE.has(recorded.code)) return unknown("What the holder lacked then stands in no record.");
  if (then.doubt !== null && restsOnChain(recorded)) return unknown(then.doubt);
  if (restsOnAttestation(recorded) && !isAttested(refused)) return unknown("An attestation is not here.");
  const absent = recorded.measured["found"] === "none";
  if (!absent && then.findings.some((each) => same(each, recorded))) return SAME;
  if (BY_SNAPSHOT.has(recorded.code))
    return unknown("Which snapshots the holder had then stands in no record.");
  if (then.doubt !== null) return unknown(then.doubt);
  if (then.twoRoots) return unknown("Which recognitions the holder had then stands in no record.");
  return differs(then.findings, recorded);
}

/** Findings about a credential, a block inside its scope, or both parties' links: without the chain they say nothing. */
function restsOnChain({ field }: Rejection): boolean {
  return field === "pair" || /^((offer|acceptance)[.](credential|block)|block)/.test(field);
}

function restsOnAttestation({ field }: Rejection): boolean {
  return /^(offer|acceptance)[.]attestation|^(ak|signingPublic|attestation)/.test(field);
}

function isAttested({ evidence, acceptance, offer }: Refused): boolean {
  return [offer, acceptance].every(
    ({ header }) =>
      header.attestation === null || find(evidence, "attestation", header.attestation) !== undefined,
  );
}

/** The lease that the finding names stood before the refusal, and collides as it says. */
function allocated(refused: Refused, recorded: Rejection): Recomputed {
  const { evidence, deals, rejection, acceptance, offer } = refused;
  const deal = deals.get(String(recorded.required["lease"]));
  const lease = deal === undefined ? null : standing(deal);
  if (deal === undefined || lease === null)
    return unknown("The lease that stood in the way is not here, or does not come out again.");
  const ours =
    equalBytes(lease.holderSettlement.header.lineage, rejection.header.lineage) &&
    precedes(lease.holderSettlement, rejection);
  const spacing = find(evidence, "schema", offer.body.schema)?.body ?? NO_SPACING;
  const clock = { bootId: NONE, bootUs: 0, earliestUs: null };
  const found = ours ? conflicts(acceptance.body.block, spacing, [lease], clock) : [];
  if (!found.some((each) => same(each, recorded))) return differs(found, recorded);
  const occupancy = occupancyAt(evidence, deal, rejection);
  if (occupancy.state === "unknown") return unknown(occupancy.why);
  if (occupancy.mayCountAnew === true) return unknown(COUNTED_ANEW);
  return occupancy.state === "standing" ? SAME : { recomputed: "differs", reason: occupancy.why };
}

/** The lease as the book held it before any end. */
function standing({ derived, offer, acceptance, holderSettlement }: Deal): Lease | null {
  if (derived === null || offer === null || acceptance === null || holderSettlement === null) return null;
  return {
    role: "holder",
    derived,
    offer,
    acceptance,
    holderSettlement,
    consumerSettlement: null,
    documents: [],
    ...JUST_BOUND,
  };
}

function withdrawn({ evidence, rejection, offer }: Refused, recorded: Rejection): Recomputed {
  const before = ofKind(evidence, "withdrawal").some(
    (each) =>
      equalBytes(each.body.offer, offer.id) &&
      equalBytes(each.header.lineage, offer.header.lineage) &&
      precedes(each, rejection),
  );
  if (before) return SAME;
  if (evidence.gapless.has(toHex(rejection.header.lineage))) return differs([], recorded);
  return unknown("The holder's log is not here whole: its withdrawal may be missing.");
}

const COUNTED_ANEW =
  "It was ended, and every renewal had run out by an earlier boot's clock: a holder that rebooted since counts in full again.";
