/** Leases as a party's records would say, from a pair that was admitted. */
import { clear } from "../../../src/core/record/sealed.ts";
import type { DerivedArtifact } from "../../../src/core/settlement/artifact.ts";
import type { Lease } from "../../../src/core/settlement/lease.ts";
import type { RenewalBounds } from "../../../src/core/settlement/renewal-bounds.ts";
import { named, type Pair, type PairChange, pairOf, record } from "../../support/pair-builder.ts";
import { evaluated } from "../pairing/findings.ts";
import { NOW_US } from "../pairing/pair-values.ts";

export const bootId = named("boot").slice(0, 16);
export const bounds: RenewalBounds = {
  bootId,
  untilBootUs: 1_000,
  reachUs: 500,
  earlierReachUs: 0,
  expiryUs: NOW_US + 100,
};

export function derivedOf(pair: Pair): DerivedArtifact {
  const evaluation = evaluated(pair);
  if (!("derived" in evaluation)) throw new Error(JSON.stringify(evaluation.findings));
  return evaluation.derived;
}

/** A lease that is bound, and nothing more. */
export function leaseOf(change: PairChange = {}, lease: Partial<Lease> = {}): Lease {
  const pair = pairOf(change);
  const { offer, acceptance, context } = pair;
  const derived = derivedOf(pair);
  const body = {
    offer: offer.id,
    acceptance: acceptance.id,
    context,
    artifact: derived.id,
    identifiers: clear([]),
  };
  return {
    role: "holder",
    derived,
    offer,
    acceptance,
    holderSettlement: record("settlement", pair.cast.holder, body, { header: offer.header }),
    consumerSettlement: null,
    documents: pair.records,
    lastRequest: null,
    lastRenewal: null,
    bounds: null,
    actuation: null,
    outcome: null,
    termination: null,
    outage: null,
    acknowledgement: null,
    relinquishment: null,
    preemptions: [],
    ...lease,
  };
}

const { cast } = pairOf();
const artifact = named("artifact");

export const termination = record("lease-termination", cast.holder, {
  artifact,
  reason: "operator",
  cause: null,
  link: null,
});
export const relinquishment = record("relinquishment", cast.consumer, {
  artifact,
  reason: "operator",
  bootId,
  mutedBootUs: 1,
  termination: null,
});
export const renewal = record("renewal", cast.holder, {
  request: named("request"),
  artifact,
  nonce: bootId,
  consumerBootId: bootId,
  durationUs: 400,
  transmitExpiryUs: NOW_US,
  snapshots: [],
  holderBootId: bootId,
  holderBootUs: 500,
});
